package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestMapBar: a bar where the size of the input is known, a count and a rate in
// any case, and never more than the terminal's width.
func TestMapBar(t *testing.T) {
	for _, c := range []struct {
		name  string
		now   mapProgress
		bytes int64
		width int
		want  string
	}{
		{"from a pipe", mapProgress{done: 50, running: 4}, 500, 80, "50 done, 4 running, 5/s"},
		{"from a file", mapProgress{done: 50, running: 4, failed: 2, size: 1000}, 500, 80, "[##############··············]  50%  50 done, 4 running, 5/s, 2 failed, ETA 10s"},
		{"without room for a bar", mapProgress{done: 50, running: 4, size: 1000}, 500, 45, " 50%  50 done, 4 running, 5/s, ETA 10s"},
		{"without room for words", mapProgress{done: 50, running: 4, size: 1000}, 500, 20, " 50%  50 done, 4 r…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &progress{on: true, eta: true, width: c.width, began: time.Now().Add(-10 * time.Second), bytes: c.bytes, now: c.now}
			got := p.line()
			if got != c.want || utf8.RuneCountInString(got) >= c.width {
				t.Errorf("%q, want %q, of less than %d columns", got, c.want, c.width)
			}
			p.color = true
			if colored := p.line(); strings.Contains(got, "failed") != strings.Contains(colored, styleRed) || strings.NewReplacer(styleRed, "", styleOff, "").Replace(colored) != got {
				t.Errorf("in colours: %q", colored)
			}
		})
	}
}
