package main

import (
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"sync"

	"supercluster/jsapi"
	"supercluster/jsapi/loader"
)

// A taskPrinter writes what tasks print, each line behind the worker and the
// task that it comes from.
type taskPrinter struct {
	colors bool // each worker has one

	mu sync.Mutex
	w  io.Writer
}

func newTaskPrinter(w io.Writer) *taskPrinter { return &taskPrinter{w: w, colors: isTerminal(w)} }

// workerColors are those of the 256 colours that can be read on light and on
// dark ground, with a contrast of 4.1 or more to white and to black, and that do
// not mean an error.
var workerColors = [...]int{27, 28, 30, 31, 63, 64, 97, 99, 130, 133, 163}

func (p *taskPrinter) print(l jsapi.TaskLog) {
	name := l.Name
	if name == "" {
		name = "task"
	}
	prefix := fmt.Sprintf("[%s %s#%s]", l.Worker[:7], printable(name), l.Task[:4])
	if p.colors {
		h := fnv.New32a()
		h.Write([]byte(l.Worker)) // a hash takes everything
		prefix = fmt.Sprintf("\x1b[38;5;%dm%s\x1b[0m", workerColors[h.Sum32()%uint32(len(workerColors))], prefix)
	}
	var b strings.Builder
	for line := range strings.Lines(l.Text) {
		b.WriteString(prefix)
		b.WriteByte(' ')
		b.WriteString(printable(strings.TrimSuffix(line, "\n")))
		b.WriteByte('\n')
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	io.WriteString(p.w, b.String()) // a terminal that is gone is no reason to stop
}

// printable makes control characters in another machine's text visible.
func printable(s string) string { return loader.Printable(s) }
