package main

import (
	"cmp"
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
	var slots, running, waiting int
	var rate float64
	for _, n := range t.nodes {
		slots, running, rate = slots+n.figures.Slots, running+n.figures.Running, rate+n.rate
	}
	functions := t.functions()
	for _, f := range functions {
		waiting += f.waiting
	}
	head := fmt.Sprintf("sc top  %s, %s  %d/%d slots  %d waiting  %.1f tasks/s",
		count(len(t.nodes), "worker"), count(t.masters, "master"), running, slots, waiting, rate)
	if clock := t.now.Format("  15:04:05"); len(head)+len(clock) <= width {
		head += clock
	}
	lines := []string{paint(t.color, styleBold, fit(head, width))}
	if len(t.nodes) == 0 {
		lines = append(lines, "", fit("No worker is there. 'sc worker' starts one, here or on another machine.", width))
	}
	if len(functions) > 0 {
		lines = append(lines, "", paint(t.color, styleLine, fit(fmt.Sprintf("%-24s %8s %8s %8s %8s", "FUNCTION", "RUNNING", "WAITING", "DONE", "FAILED"), width)))
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
	if len(t.nodes) == 0 && !t.onTasks {
		t.rendered = nil
		return lines
	}
	lines = append(lines, "")
	title, rows, ids := t.table(width)
	lines = append(lines, paint(t.color, styleLine, fit(title, width)))
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
		for _, r := range t.liveTasks() {
			add(r.ID, taskLine(width, shortTask(r.ID), r.Name, r.State, shortWorker(r.Master), shortWorker(r.Worker), shortDuration(r.Age), shortDuration(r.Run)))
		}
		return taskLine(width, "TASK", "FUNCTION", "STATE", "MASTER", "WORKER", "AGE", "RUNS"), rows, ids
	}
	for _, n := range t.nodes {
		f := n.figures
		add(n.peer.ID, nodeLine(width, shortWorker(n.peer.ID), n.peer.Addr.String(), fmt.Sprintf("%d/%d", f.Running, f.Slots), fmt.Sprint(f.Queued),
			fmt.Sprintf("%.1f", n.rate), fmt.Sprintf("%.0f%%", n.cpu*100), memoryText(f.Memory), fmt.Sprint(f.Failed), n.state()))
	}
	title = nodeLine(width, t.sorted("id", "WORKER"), "ADDRESS", t.sorted("slots", t.sorted("running", "SLOTS")),
		"QUEUE", t.sorted("rate", "RATE"), t.sorted("cpu", "CPU"), t.sorted("memory", "MEM"), "FAILED", "STATE")
	return title, rows, ids
}

// sorted marks the title of the column that is sorted by.
func (t *top) sorted(by, title string) string {
	if t.sort == by {
		return title + "▼"
	}
	return title
}

// liveTasks are the tasks that have not ended, those that run first.
func (t *top) liveTasks() []cluster.TaskRow {
	list := slices.DeleteFunc(slices.Clone(t.tasks), func(r cluster.TaskRow) bool { return !r.Live() })
	slices.SortStableFunc(list, func(a, b cluster.TaskRow) int {
		return cmp.Or(cmp.Compare(b.Run, a.Run), cmp.Compare(b.Age, a.Age))
	})
	return list
}

// nodeLine is a line about a worker. 80 columns hold all of it; what is more
// goes to the address.
func nodeLine(width int, id, addr, slots, queue, rate, cpu, memory, failed, state string) string {
	room := min(max(width-59, 21), 47)
	return fmt.Sprintf("%-7s %-*s %7s %5s %6s %5s %6s %6s  %s", id, room, visible(addr, room), slots, queue, rate, cpu, memory, failed, state)
}

// taskLine is a line about a task. 80 columns hold all of it; what is more
// goes to the function's name.
func taskLine(width int, id, name, state, master, worker, age, run string) string {
	room := min(max(width-50, 20), 60)
	return fmt.Sprintf("%-8s  %-*s %-8s %-7s  %-7s %6s %6s", id, room, visible(name, room), visible(state, 8), master, worker, age, run)
}

// state is a word for a worker that takes no tasks, or does not answer.
func (n *topNode) state() string {
	switch {
	case !n.known:
		return "silent"
	case n.figures.Draining:
		return "draining"
	case !n.figures.Available:
		return "off"
	}
	return ""
}

// memoryText is a size in bytes of at most six characters.
func memoryText(n int64) string {
	size, unit := float64(n)/(1<<20), "MB"
	if size >= 1000 {
		size, unit = size/1024, "GB"
	}
	if size < 10 {
		return fmt.Sprintf("%.1f%s", size, unit)
	}
	return fmt.Sprintf("%.0f%s", size, unit)
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
	t.shown = [2]int{first, min(len(rows), first+height)}
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
	text = clip(text, width)
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// clip is text of at most so many columns.
func clip(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
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
		return "Tab workers  ↑↓ choose  c cancel  / filter  q quit" + t.position()
	}
	return "Tab tasks  ↑↓ choose  s sort  d drain  D undo  / filter  q quit" + t.position()
}

// position says which lines of how many are in sight, if not all are.
func (t *top) position() string {
	if all := len(t.rendered); t.shown[1]-t.shown[0] < all {
		return fmt.Sprintf("  %d-%d of %d", t.shown[0]+1, t.shown[1], all)
	}
	return ""
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
	fmt.Fprintf(&b, "\x1b[%d;1H%s\x1b[K", height, strings.TrimRight(fit(t.foot(), width), " "))
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
		text := strings.NewReplacer("\x1b[A", "\x01", "\x1b[B", "\x02", "\x1bOA", "\x01", "\x1bOB", "\x02", "\x1b[5~", "\x05", "\x1b[6~", "\x06").Replace(string(buf[:n]))
		for _, r := range text {
			k := string(r)
			switch k {
			case "\x01":
				k = "up"
			case "\x02":
				k = "down"
			case "\x05":
				k = "page up"
			case "\x06":
				k = "page down"
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
	case "page up":
		t.move(t.shown[0] - t.shown[1])
	case "page down":
		t.move(t.shown[1] - t.shown[0])
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
	if at < 0 { // nothing is chosen yet: begin with the first line
		at, by = 0, 0
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
