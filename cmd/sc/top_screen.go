package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"supercluster/net/cluster"
)

// screen draws what is known within so many columns and rows.
func (t *top) screen(width, height int) []string {
	var slots, running, queued int
	var rate float64
	for _, n := range t.nodes {
		slots, running, queued, rate = slots+n.figures.Slots, running+n.figures.Running, queued+n.figures.Queued, rate+n.rate
	}
	head := fmt.Sprintf("sc top  %s, %s  %d/%d slots  %d queued  %.1f tasks/s  %s",
		count(len(t.nodes), "worker"), count(t.masters, "master"), running, slots, queued, rate, t.now.Format("15:04:05"))
	lines := []string{paint(t.color, styleBold, fit(head, width))}
	if len(t.nodes) == 0 {
		lines = append(lines, "", fit("No worker is there. Start one with 'sc worker' on this or another machine of this network.", width))
	}
	functions := t.functions()
	if len(functions) > 0 {
		lines = append(lines, "", paint(t.color, styleDim, fit(fmt.Sprintf("%-24s %8s %8s %8s %8s", "FUNCTION", "RUNNING", "WAITING", "DONE", "FAILED"), width)))
	}
	room := max(1, min(5, height/5))
	for i, f := range functions {
		if i == room && len(functions) > room+1 {
			lines = append(lines, fmt.Sprintf("… %d more", len(functions)-room))
			break
		}
		name := f.name
		if name == "" {
			name = "(no name)"
		}
		lines = append(lines, fit(fmt.Sprintf("%-24s %8d %8d %8d %8d", visible(name, 24), f.running, f.waiting, f.done, f.failed), width))
	}
	lines = append(lines, "")
	title, rows, ids := t.table(width)
	lines = append(lines, paint(t.color, styleDim, fit(title, width)))
	return append(lines, t.window(rows, ids, width, height-len(lines)-1)...)
}

// table is the lower table: its title, its lines, and what each is about.
func (t *top) table(width int) (title string, rows, ids []string) {
	add := func(id, row string) {
		if t.filter == "" || strings.Contains(strings.ToLower(row), strings.ToLower(t.filter)) {
			rows, ids = append(rows, row), append(ids, id)
		}
	}
	if t.onTasks {
		for _, r := range t.tasks {
			if r.Live() {
				add(r.ID, fmt.Sprintf("%-8s  %-20s %-8s %-7s  %-7s %6s %6s", shortTask(r.ID), visible(r.Name, 20), visible(r.State, 8),
					shortWorker(r.Master), shortWorker(r.Worker), shortDuration(r.Age), shortDuration(r.Run)))
			}
		}
		return fmt.Sprintf("%-8s  %-20s %-8s %-7s  %-7s %6s %6s", "TASK", "FUNCTION", "STATE", "MASTER", "WORKER", "AGE", "RUNS"), rows, ids
	}
	for _, n := range t.nodes {
		f := n.figures
		state := ""
		switch {
		case !n.known:
			state = "no answer"
		case f.Draining:
			state = "draining"
		case !f.Available:
			state = "off"
		}
		add(n.peer.ID, fmt.Sprintf("%-7s  %-21s %3d/%-4d %5d %7.1f %5.0f%% %8s %6d  %s", shortWorker(n.peer.ID), visible(n.peer.Addr.String(), 21),
			f.Running, f.Slots, f.Queued, n.rate, n.cpu*100, sizeText(int(f.Memory)), f.Failed, state))
	}

	return fmt.Sprintf("%-7s  %-21s %-8s %5s %7s %6s %8s %6s  %s", "WORKER", "ADDRESS", "SLOTS", "QUEUE", "TASKS/S", "CPU", "MEMORY", "FAILED", "sorted by "+t.sort), rows, ids
}

// window is the part of the rows around the chosen one that has room.
func (t *top) window(rows, ids []string, width, height int) []string {
	t.rendered = ids
	at := slices.Index(ids, t.chosen)
	first := 0
	if at >= height {
		first = at - height + 1
	}
	var lines []string
	for i := first; i < len(rows) && len(lines) < height; i++ {
		line := fit(rows[i], width)
		if i == at {
			line = paint(t.color, styleBack, line)
		}
		lines = append(lines, line)
	}
	return lines
}

// fit is text of exactly so many columns.
func fit(text string, width int) string {
	n := utf8.RuneCountInString(text)
	if n <= width {
		return text + strings.Repeat(" ", width-n)
	}
	return string([]rune(text)[:max(width-1, 0)]) + "…"
}

// foot is the last line: what is typed, what happened, or the keys.
func (t *top) foot() string {
	switch {
	case t.typing:
		return "filter: " + t.filter + "▏"
	case t.message != "":
		return t.message
	case t.onTasks:
		return "Tab workers  ↑↓ choose  c cancel  / filter  q quit"
	}
	return "Tab tasks  ↑↓ choose  s sort  d drain  D undo  / filter  q quit"
}

// live draws again and again until q or the end of ctx.
func (t *top) live(ctx context.Context, env *environment, every time.Duration) error {
	in := env.stdin.(*os.File) // a terminal is one
	old, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return err
	}
	fmt.Fprint(env.stdout, "\x1b[?1049h\x1b[?25l") // the other screen, no cursor
	defer func() {
		fmt.Fprint(env.stdout, "\x1b[?25h\x1b[?1049l")
		_ = term.Restore(int(in.Fd()), old) // nothing else could be done
	}()
	keys := make(chan string)
	go readKeys(ctx, in, keys) // ends with the process: a read of a terminal cannot be ended
	tick := time.NewTicker(every)
	defer tick.Stop()
	t.look(ctx)
	for {
		t.draw(env.stdout, in)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			t.look(ctx)
		case k, ok := <-keys:
			if !ok || !t.key(ctx, k) {
				return nil
			}
		}
	}
}

func (t *top) draw(w io.Writer, in *os.File) {
	width, height := terminalSize(in)
	lines := t.screen(width, height)
	var b strings.Builder
	b.WriteString("\x1b[H")
	for _, line := range lines[:min(len(lines), height-1)] {
		b.WriteString(line + "\x1b[K\r\n")
	}
	b.WriteString("\x1b[J")
	fmt.Fprintf(&b, "\x1b[%d;1H%s\x1b[K", height, paint(t.color, styleDim, strings.TrimRight(fit(t.foot(), width), " ")))
	_, _ = io.WriteString(w, b.String()) // a terminal that is gone ends us by a signal
}

// readKeys gives keys one by one; those of arrows are "up" and "down".
func readKeys(ctx context.Context, in io.Reader, keys chan<- string) {
	defer close(keys)
	buf := make([]byte, 64)
	for {
		n, err := in.Read(buf)
		if err != nil {
			return
		}
		text := strings.NewReplacer("\x1b[A", "\x01", "\x1b[B", "\x02", "\x1bOA", "\x01", "\x1bOB", "\x02").Replace(string(buf[:n]))
		for _, r := range text {
			k := string(r)
			switch k {
			case "\x01":
				k = "up"
			case "\x02":
				k = "down"
			}
			select {
			case keys <- k:
			case <-ctx.Done():
				return
			}
		}
	}
}

// key does what a key means; false ends top.
func (t *top) key(ctx context.Context, k string) bool {
	t.message = ""
	if t.typing {
		t.typeFilter(k)
		return k != "\x03"
	}
	switch k {
	case "q", "\x03", "\x04":
		return false
	case "\t":
		t.onTasks, t.chosen = !t.onTasks, ""
	case "up", "k":
		t.move(-1)
	case "down", "j":
		t.move(1)
	case "s":
		t.sort = topSorts[(slices.Index(topSorts, t.sort)+1)%len(topSorts)]
		t.arrange()
	case "/":
		t.typing, t.filter = true, ""
	case "d", "D":
		t.drain(ctx, k == "d")
	case "c":
		t.cancel(ctx)
	}
	return true
}

func (t *top) typeFilter(k string) {
	switch k {
	case "\r", "\n":
		t.typing = false
	case "\x1b":
		t.typing, t.filter = false, ""
	case "\x7f", "\b":
		if n := len(t.filter); n > 0 {
			_, size := utf8.DecodeLastRuneInString(t.filter)
			t.filter = t.filter[:n-size]
		}
	default:
		t.filter += printable(k)
	}
}

// move chooses another line.
func (t *top) move(by int) {
	if len(t.rendered) == 0 {
		return
	}
	at := slices.Index(t.rendered, t.chosen)
	if at < 0 && by < 0 {
		at = 0
	}
	t.chosen = t.rendered[max(0, min(at+by, len(t.rendered)-1))]
}

// actTime bounds what a key does.
const actTime = 3 * time.Second

func (t *top) drain(ctx context.Context, on bool) {
	if t.onTasks || t.chosen == "" {
		t.message = "choose a worker first, with ↑ and ↓"
		return
	}
	ctx, stop := context.WithTimeout(ctx, actTime)
	defer stop()
	if _, err := t.o.Console(t.chosen).Drain(ctx, on); err != nil {
		t.message = err.Error()
		return
	}
	t.message = "worker " + shortWorker(t.chosen) + map[bool]string{true: " takes no more tasks", false: " takes tasks again"}[on]
}

func (t *top) cancel(ctx context.Context) {
	at := slices.IndexFunc(t.tasks, func(r cluster.TaskRow) bool { return r.ID == t.chosen })
	if !t.onTasks || at < 0 {
		t.message = "choose a task first, with Tab, ↑ and ↓"
		return
	}
	ctx, stop := context.WithTimeout(ctx, actTime)
	defer stop()
	row := t.tasks[at]
	if _, err := t.o.Console(row.Node).Cancel(ctx, row.ID, "cancelled in sc top"); err != nil {
		t.message = err.Error()
		return
	}
	t.message = taskTitle(row) + " cancelled"
}
