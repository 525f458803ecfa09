package node

import (
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"supercluster/pkg/errno"
)

// opError is an error of the operating system in an operation of node's: what the script sees as syscall and path.
type opError struct {
	err        error
	syscall    string
	path, dest *string
}

func (e *opError) Error() string { return e.syscall + ": " + e.err.Error() }

func (e *opError) Unwrap() error { return e.err }

// failed wraps err, nil included, for an operation on paths: none, one, or source and destination.
func failed(err error, syscall string, paths ...string) error {
	if err == nil {
		return nil
	}
	e := &opError{err: err, syscall: syscall}
	if len(paths) > 0 {
		e.path = &paths[0]
	}
	if len(paths) > 1 {
		e.dest = &paths[1]
	}
	return e
}

// systemError is node's Error for err in the operation syscall: "ENOENT: no such file or directory, open 'x'" with
// errno, code, syscall, path and dest. Goroutine of rt only.
func systemError(rt *goja.Runtime, err error, syscall string) *goja.Object {
	var op *opError
	if !errors.As(err, &op) {
		op = &opError{err: err, syscall: syscall}
	}
	code, number := errno.Code(op.err)
	text := errno.Text[code]
	if code == "UNKNOWN" {
		text = op.err.Error()
	}
	message := fmt.Sprintf("%s: %s, %s", code, text, op.syscall)
	if op.path != nil {
		message += " '" + *op.path + "'"
	}
	if op.dest != nil {
		message += " -> '" + *op.dest + "'"
	}
	e, newErr := rt.New(rt.Get("Error"), rt.ToValue(message))
	if newErr != nil {
		return rt.NewTypeError("%s", message)
	}
	set := func(name string, v any) { _ = e.Set(name, v) } // a new Error of ours refuses nothing
	set("errno", number)
	set("code", code)
	set("syscall", op.syscall)
	if op.path != nil {
		set("path", *op.path)
	}
	if op.dest != nil {
		set("dest", *op.dest)
	}
	return e
}

// withoutFrames cuts the stack of an error that was made outside any call to its first line, as node has it.
func withoutFrames(rt *goja.Runtime, e *goja.Object) *goja.Object {
	line := rt.ToValue(e.Get("name").String() + ": " + e.Get("message").String())
	_ = e.DefineDataProperty("stack", line, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is configurable
	return e
}
