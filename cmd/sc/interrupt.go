package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"supercluster/jsapi"
)

// A drainer deals with Ctrl-C in a script that has tasks: the first lets those
// that run end, the second ends them. It belongs to the goroutine of signals.
type drainer struct {
	h        *host
	draining bool
}

// answerTime is how long a script that computes may take to say what runs.
const answerTime = 500 * time.Millisecond

// heeds reports whether the signal needs no more; false ends the script now.
func (d *drainer) heeds(sig os.Signal) bool {
	if sig != os.Interrupt {
		return false
	}
	if d.draining {
		d.sayKilled()
		return false
	}
	left, known := ask(d.h, func() int {
		if len(d.h.script.Running()) == 0 {
			return 0
		}
		d.h.script.OnIdle(func() { d.h.end(&exitError{code: signalCode(sig)}) })
		return d.h.script.Drain("interrupted")
	})
	if !known || left == 0 {
		return false
	}
	d.draining = true
	d.h.env.say("waiting for %s to end, sending no more; Ctrl-C again ends them", count(left, "running task"))
	return true
}

// sayKilled says what the end of the script ends.
func (d *drainer) sayKilled() {
	tasks, _ := ask(d.h, d.h.script.Running)
	var names []string
	for _, t := range tasks {
		if t.Started && len(names) < 10 {
			names = append(names, describeRunning(t))
		}
	}
	if len(names) > 0 {
		d.h.env.say("%s ended unfinished: %s", count(len(tasks), "task"), strings.Join(names, ", "))
	}
}

func describeRunning(t jsapi.RunningTask) string {
	name := t.Name
	if name == "" {
		name = "task"
	}
	text := fmt.Sprintf("%s#%s", printable(name), visible(t.ID, 4))
	if t.Worker != "" {
		text += " on worker " + shortWorker(t.Worker)
	}
	return text
}

// ask runs f on the loop; false means that the loop has ended, or is busy.
func ask[T any](h *host, f func() T) (answer T, ok bool) {
	got := make(chan T, 1)
	if !h.loop.Post(func() { got <- f() }) {
		return answer, false
	}
	select {
	case answer = <-got:
		return answer, true
	case <-time.After(answerTime):
		return answer, false
	}
}

// showProgress shows how far each function of a script is, until the returned
// function is called, which waits for the last line.
func showProgress(ctx context.Context, h *host) (stop func()) {
	ctx, end := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b := &functionBars{env: h.env, redraw: h.env.canRedraw(h.env.stderr)}
		b.run(ctx, func() []jsapi.FunctionProgress {
			list, _ := ask(h, h.script.Progress)
			return list
		})
	}()
	return func() { end(); <-ended }
}

// functionBars are lines of progress, one a function, which on a terminal are
// redrawn below what else is printed.
type functionBars struct {
	env    *environment
	redraw bool
	drawn  bool
}

// firstProgress is how long a script runs until its progress is of interest.
const firstProgress = time.Second

func (b *functionBars) run(ctx context.Context, look func() []jsapi.FunctionProgress) {
	every := lineEvery
	if b.redraw {
		every = progressEvery
	}
	wait := time.NewTimer(max(every, firstProgress))
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			b.clear()
			return
		case <-wait.C:
			b.draw(look(), time.Now())
			wait.Reset(every)
		}
	}
}

// maxBars bounds how many functions are shown at once.
const maxBars = 8

func (b *functionBars) draw(list []jsapi.FunctionProgress, now time.Time) {
	if len(list) > maxBars {
		list = list[len(list)-maxBars:]
	}
	width := anyWidth
	if b.redraw {
		width, _ = terminalSize(b.env.stderr)
	}
	lines := functionLines(list, now, width, b.env.useColor(b.env.stderr))
	if b.redraw {
		fmt.Fprint(b.env.stderr, below(lines))
		b.drawn = true
		return
	}
	for i, line := range lines {
		if f := list[i]; f.Running > 0 || f.Done < f.Asked {
			fmt.Fprintf(b.env.stderr, "sc: %s\n", line)
		}
	}
}

// below draws lines below that of the cursor, which stays where it is, in the
// place of what was below: what others print comes above the lines, and is
// lost by none of this.
func below(lines []string) string {
	return "\x1b[J\n" + strings.Join(lines, "\n") + fmt.Sprintf("\x1b[%dA\r", max(1, len(lines)))
}

// clear takes the lines away.
func (b *functionBars) clear() {
	if b.drawn {
		fmt.Fprint(b.env.stderr, "\x1b[J")
		b.drawn = false
	}
}

// A bar has between minBar and maxBar columns, or is left out. anyWidth is that
// of lines which nothing bounds.
const (
	minBar, maxBar = 7, 18
	anyWidth       = 1 << 10
)

// functionLines has a line a function, of less than width columns, so that none
// is broken: how many calls are done, run and failed, how fast, and when those
// that were asked for will be done. What has no room is left out: bars first.
func functionLines(list []jsapi.FunctionProgress, now time.Time, width int, color bool) []string {
	texts, failed := make([]string, len(list)), make([]string, len(list))
	bar := maxBar
	for i, f := range list {
		texts[i], failed[i] = functionText(f, now)
		bar = min(bar, width-1-17-1-len(texts[i]))
	}
	lines := make([]string, len(list))
	for i, f := range list {
		line := fmt.Sprintf("%-16s ", visible(printable(cmp.Or(f.Name, "(no name)")), 16))
		if bar >= minBar {
			line += barOf(float64(f.Done)/float64(max(f.Asked, 1)), bar-2) + " "
		}
		line = clip(line+texts[i], width-1)
		if failed[i] != "" {
			line = strings.Replace(line, failed[i], paint(color, styleRed, failed[i]), 1)
		}
		lines[i] = line
	}
	return lines
}

// functionText is the line without name and bar, and the part of it that is bad
// news.
func functionText(f jsapi.FunctionProgress, now time.Time) (text, failed string) {
	rate := float64(f.Done) / max(now.Sub(f.Began).Seconds(), 0.001)
	text = fmt.Sprintf("%d/%d done, %d running", f.Done, f.Asked, f.Running)
	if f.Failed > 0 {
		failed = fmt.Sprintf("%d failed", f.Failed)
		text += ", " + failed
	}
	text += fmt.Sprintf(", %.1f/s", rate)
	if left := f.Asked - f.Done; left > 0 && rate > 0 {
		text += ", ETA " + shortDuration(time.Duration(float64(left)/rate*float64(time.Second)))
	}
	return text, failed
}
