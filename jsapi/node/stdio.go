package node

import (
	"errors"
	"io"
	"os"

	"github.com/dop251/goja"
	"golang.org/x/term"

	"supercluster/pkg/errno"
)

// stdioBinding serves js/stdio.js.
func (n *Node) stdioBinding() *goja.Object {
	kind := func(v any) goja.Value { return n.rt.ToValue(kindOf(v)) }
	return n.object(map[string]any{
		"kinds":   n.rt.NewArray(kind(n.cfg.Stdin), kind(n.cfg.Stdout), kind(n.cfg.Stderr)),
		"write":   n.writeStdio,
		"size":    n.terminalSize,
		"read":    n.readStdin,
		"stop":    func(goja.FunctionCall) goja.Value { n.stdin.stop(); return goja.Undefined() },
		"rawMode": n.rawMode,
	})
}

// kindOf says what a stream is: "tty", "file" or "pipe".
func kindOf(stream any) string {
	f, ok := stream.(*os.File)
	if !ok {
		return "pipe"
	}
	if term.IsTerminal(int(f.Fd())) {
		return "tty"
	}
	if info, err := f.Stat(); err == nil && (info.Mode().IsRegular() || info.Mode()&os.ModeCharDevice != 0) {
		return "file"
	}
	return "pipe"
}

func (n *Node) output(fd int64) io.Writer {
	if fd == 2 {
		return n.cfg.Stderr
	}
	return n.cfg.Stdout
}

// writeStdio(fd, string or bytes) writes all of it and returns undefined, or the error that kept it from that.
func (n *Node) writeStdio(call goja.FunctionCall) goja.Value {
	data := arguments{values: call.Arguments}.bytes(1)
	out := n.output(call.Argument(0).ToInteger())
	for len(data) > 0 {
		k, err := out.Write(data)
		data = data[k:]
		if err != nil && !retryWrite(err, out) {
			return n.writeError(err)
		}
	}
	return goja.Undefined()
}

// writeError is node's "write EPIPE", which names no sentence and no path.
func (n *Node) writeError(err error) goja.Value {
	code, number := errno.Code(err)
	if errors.Is(err, io.ErrClosedPipe) {
		code, number = "EPIPE", numberOfPipe
	}
	e, newErr := n.rt.New(n.rt.Get("Error"), n.rt.ToValue("write "+code))
	if newErr != nil {
		return n.rt.NewTypeError("write %s", code)
	}
	_ = e.Set("errno", number) // a new Error refuses nothing
	_ = e.Set("code", code)
	_ = e.Set("syscall", "write")
	return e
}

// terminalSize(fd) → [columns, rows]; undefined if fd is no terminal
func (n *Node) terminalSize(call goja.FunctionCall) goja.Value {
	f, ok := n.output(call.Argument(0).ToInteger()).(*os.File)
	if !ok {
		return goja.Undefined()
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return goja.Undefined()
	}
	return n.rt.NewArray(width, height)
}

// readStdin starts a read of stdin; see stdin.read.
func (n *Node) readStdin(goja.FunctionCall) goja.Value {
	return n.stdin.read(n.rt, func(data []byte) goja.Value { return n.rt.ToValue(n.rt.NewArrayBuffer(data)) })
}

// rawMode(on) sets the terminal of stdin; false if it is none.
func (n *Node) rawMode(call goja.FunctionCall) goja.Value {
	f, ok := n.cfg.Stdin.(*os.File)
	if !ok {
		return n.rt.ToValue(false)
	}
	fd := int(f.Fd())
	if !call.Argument(0).ToBoolean() {
		n.restoreTerminal()
		return n.rt.ToValue(true)
	}
	if n.cooked != nil {
		return n.rt.ToValue(true)
	}
	state, err := term.MakeRaw(fd)
	if err != nil {
		return n.rt.ToValue(false)
	}
	n.cooked = func() error { return term.Restore(fd, state) }
	return n.rt.ToValue(true)
}

// restoreTerminal ends raw mode.
func (n *Node) restoreTerminal() {
	if n.cooked != nil {
		_ = n.cooked() // the terminal may be gone
		n.cooked = nil
	}
}
