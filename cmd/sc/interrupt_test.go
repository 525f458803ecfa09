package main

import (
	"strings"
	"testing"
	"time"

	"supercluster/jsapi"
)

func TestFunctionLines(t *testing.T) {
	began := time.Unix(100, 0)
	f := jsapi.FunctionProgress{Name: "resize", Asked: 100, Running: 4, Done: 50, Failed: 2, Began: began}
	long := jsapi.FunctionProgress{Name: "resizesAllPictures", Asked: 300000, Running: 1000, Done: 100000, Failed: 12345, Began: began}
	for _, c := range []struct {
		width int
		list  []jsapi.FunctionProgress
		want  string
	}{
		{anyWidth, []jsapi.FunctionProgress{f}, "resize           [########········] 50/100 done, 4 running, 2 failed, 5.0/s, ETA 10s"},
		{80, []jsapi.FunctionProgress{f}, "resize           [######·····] 50/100 done, 4 running, 2 failed, 5.0/s, ETA 10s"},
		{80, []jsapi.FunctionProgress{f, long}, "resize           50/100 done, 4 running, 2 failed, 5.0/s, ETA 10s\n" +
			"resizesAllPictu… 100000/300000 done, 1000 running, 12345 failed, 10000.0/s, ET…"},
		{40, []jsapi.FunctionProgress{f}, "resize           50/100 done, 4 runnin…"},
	} {
		if got := strings.Join(functionLines(c.list, began.Add(10*time.Second), c.width, false), "\n"); got != c.want {
			t.Errorf("in %d columns: %q, want %q", c.width, got, c.want)
		}
	}
	want := "resize           [########········] 50/100 done, 4 running, \x1b[31m2 failed\x1b[0m, 5.0/s, ETA 10s"
	if got := functionLines([]jsapi.FunctionProgress{f}, began.Add(10*time.Second), anyWidth, true)[0]; got != want {
		t.Errorf("in colours: %q, want %q", got, want)
	}
}

// TestFunctionBars: on a terminal lines are drawn again below what was printed; where
// nothing can be redrawn a line is printed for each function that goes on.
func TestFunctionBars(t *testing.T) {
	began := time.Unix(100, 0)
	list := []jsapi.FunctionProgress{{Name: "a", Asked: 2, Done: 1, Running: 1, Began: began}, {Name: "b", Asked: 1, Done: 1, Began: began}}
	var out strings.Builder
	b := &functionBars{env: &environment{stderr: &out, getenv: func(string) string { return "" }}}
	b.draw(list, began.Add(time.Second))
	if want := "sc: a                [########········] 1/2 done, 1 running, 1.0/s, ETA 1s\n"; out.String() != want {
		t.Errorf("without a terminal: %q, want %q", out.String(), want)
	}
	out.Reset()
	b.redraw = true
	b.draw(list, began.Add(time.Second))
	b.draw(list, began.Add(time.Second))
	b.clear()
	lines := "a                [########········] 1/2 done, 1 running, 1.0/s, ETA 1s\nb                [################] 1/1 done, 0 running, 1.0/s"
	if want := strings.Repeat("\x1b[J\n"+lines+"\x1b[2A\r", 2) + "\x1b[J"; out.String() != want {
		t.Errorf("on a terminal: %q, want %q", out.String(), want)
	}
}
