package main

import (
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTopOnATerminal has sc top open on 80 columns, sort, filter, show tasks
// and end.
func TestTopOnATerminal(t *testing.T) {
	t.Parallel()
	env, home := ptyCluster(t)
	worker, task := startBusy(t, env, home)
	cmd := exec.Command(program(t), "top", "--interval=100ms")
	cmd.Env, cmd.Dir = env, home
	const columns = 80
	p := startPty(t, cmd, columns, 24)
	p.await(0, `sc top  1 worker, 1 master  1/1 slots`)
	p.await(0, `spins +1 +0 +0 +0`)
	p.await(0, `WORKER▼ ADDRESS`)
	p.await(0, `(?m)^`+worker+` .* 1/1 `)

	from := len(p.printed(0))
	p.press("s")
	p.await(from, `WORKER  ADDRESS +SLOTS▼`)
	from = len(p.printed(0))
	p.press("d")
	p.await(from, `choose a worker first`)

	from = len(p.printed(0))
	p.press("/nosuch\x7f\x7f")
	p.await(from, `filter: nosu▏`)
	screens := strings.Split(p.printed(from), "\x1b[H")
	if last := plainText(screens[len(screens)-1]); strings.Contains(last, worker) {
		t.Errorf("a worker that the filter leaves out is shown: %q", last)
	}
	p.press("\x7f\x7f\x7f\x7f" + worker[:5] + "\r")
	from = len(p.printed(0))
	p.await(from, `(?m)^`+worker+` `)

	p.press("/\x1b\t")
	p.await(from, `(?m)^TASK +FUNCTION`)
	p.await(from, `(?m)^`+task+` +spins +running`)
	p.press("\x1b[B")
	p.await(from, `Tab workers`)
	p.press("q")
	if err := cmd.Wait(); err != nil {
		t.Errorf("sc top ended with %v", err)
	}
	<-p.ended
	all := p.printed(0)
	if !strings.HasPrefix(all, "\x1b[?1049h\x1b[?25l") || !strings.HasSuffix(all, "\x1b[?25h\x1b[?1049l") {
		t.Errorf("the terminal is not as it was: begins with %q, ends with %q", all[:min(20, len(all))], all[max(0, len(all)-20):])
	}
	for line := range strings.Lines(plainText(strings.ReplaceAll(all, "\x1b[H", "\n"))) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > columns && !strings.Contains(line, "Tab") {
			t.Errorf("a line of %d columns: %q", n, line)
		}
	}
}
