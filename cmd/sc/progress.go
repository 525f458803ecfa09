package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A bar is redrawn every progressEvery on a terminal; elsewhere a line is
// printed every lineEvery.
const (
	progressEvery = 200 * time.Millisecond
	lineEvery     = 10 * time.Second
)

// mapProgress is how far a map is.
type mapProgress struct {
	done, failed, running int
	size                  int64 // of the input in bytes; 0 if unknown
}

// A progress shows how far a map is on stderr.
type progress struct {
	w      io.Writer
	on     bool
	eta    bool
	redraw bool
	color  bool
	width  int
	began  time.Time
	last   time.Time // of a line, where it is not redrawn
	bytes  int64     // of input that has been dealt with
	drawn  bool
	now    mapProgress
}

func newProgress(env *environment, on, eta bool) *progress {
	width, _ := terminalSize(env.stderr)
	now := time.Now()
	return &progress{w: env.stderr, on: on, eta: eta, redraw: env.canRedraw(env.stderr), color: env.useColor(env.stderr), width: width, began: now, last: now}
}

// read says that so many bytes of input are done.
func (p *progress) read(n int) { p.bytes += int64(n) }

func (p *progress) show(now mapProgress) {
	p.now = now
	switch {
	case !p.on:
	case p.redraw:
		fmt.Fprint(p.w, below([]string{p.line()}))
		p.drawn = true
	case time.Since(p.last) >= lineEvery:
		p.last = time.Now()
		fmt.Fprintln(p.w, "sc: "+p.line())
	}
}

// clear takes the bar away, so that something else may be printed.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.w, "\x1b[J")
		p.drawn = false
	}
}

// close leaves the last state as a line.
func (p *progress) close() {
	if p.drawn {
		fmt.Fprint(p.w, "\x1b[J"+p.line()+"\n")
	}
}

// line is less wide than the terminal: what has no room is left out, the bar
// first.
func (p *progress) line() string {
	took := time.Since(p.began)
	rate := float64(p.now.done) / max(took.Seconds(), 0.001)
	text := fmt.Sprintf("%d done, %d running, %.0f/s", p.now.done, p.now.running, rate)
	failed := ""
	if p.now.failed > 0 {
		failed = fmt.Sprintf("%d failed", p.now.failed)
		text += ", " + failed
	}
	if p.now.size > 0 {
		part := min(float64(p.bytes)/float64(p.now.size), 1)
		if p.eta && part > 0 {
			text += ", ETA " + shortDuration(time.Duration(float64(took)*(1-part)/part))
		}
		text = fmt.Sprintf("%3.0f%%  ", part*100) + text
		if bar := min(32, p.width-2-len(text)); bar >= minBar {
			text = barOf(part, bar-2) + " " + text
		}
	}
	text = clip(text, p.width-1)
	if failed != "" {
		text = strings.Replace(text, failed, paint(p.color, styleRed, failed), 1)
	}
	return text
}

// barOf draws a part of a whole.
func barOf(part float64, width int) string {
	full := int(part*float64(width) + 0.5)
	return "[" + strings.Repeat("#", full) + strings.Repeat("·", width-full) + "]"
}

// shortDuration is a time for people: 950ms, 12s, 3m05s, 2h10m.
func shortDuration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
