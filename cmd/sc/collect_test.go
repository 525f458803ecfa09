package main

import "testing"

func TestGrowth(t *testing.T) {
	for _, c := range []struct {
		name string
		live uint64
		want int
	}{
		{"nothing", 0, maxPercent},
		{"little", 1 << 20, maxPercent},
		{"half of what may be garbage", smallHeap / 2, 200},
		{"as much", smallHeap, 100},
		{"much more", 100 * smallHeap, 100},
	} {
		if got := growth(c.live); got != c.want {
			t.Errorf("%s: growth(%d) = %d, want %d", c.name, c.live, got, c.want)
		}
	}
}
