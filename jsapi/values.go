package jsapi

import (
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// encode makes bytes of a value that the script sends; path names it in errors.
func (s *Script) encode(v goja.Value, path string) ([]byte, error) {
	return vm.Encode(s.rt, v, vm.EncodeOptions{Path: path, Functions: true, Locate: s.locate()})
}

// decode makes a value of bytes that another node sent. Errors in it get the
// user's own lines in their stacks, and below those what tail says.
func (s *Script) decode(b []byte, tail func() string) (goja.Value, error) {
	if len(b) == 0 {
		return goja.Undefined(), nil
	}
	return vm.Decode(s.rt, b, vm.DecodeOptions{MapStack: func(stack string) string {
		return strings.TrimRight(s.source.MapStack(stack), "\n") + tail()
	}})
}

// locate finds functions near the line of the script that is running.
func (s *Script) locate() func(string) vm.Position {
	return func(source string) vm.Position {
		near := vm.Position{}
		if frames := s.userFrames(1); len(frames) > 0 {
			at := frames[0].Position()
			near = vm.Position{File: at.Filename, Line: at.Line, Col: at.Column}
		}
		return s.source.Locate(source, near)
	}
}

// userFrames are the innermost frames of the script's own code, at most max.
func (s *Script) userFrames(max int) []goja.StackFrame {
	var own []goja.StackFrame
	for _, f := range s.rt.CaptureCallStack(0, nil) {
		file := f.SrcName()
		if file == "" || file == "<native>" || strings.HasPrefix(file, "node:") || strings.HasPrefix(file, "sc:") {
			continue
		}
		if own = append(own, f); len(own) == max {
			break
		}
	}
	return own
}

// moduleBody is the loader's name for the function that a module with a
// top-level await is made into; its user knows of none.
const moduleBody = "__body"

// sentFrom is the tail that an error from a task gets: where the script sent
// the task, as lines of a stack.
func (s *Script) sentFrom(frames []goja.StackFrame) string {
	if len(frames) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n    --- sent from ---")
	for _, f := range frames {
		at := f.Position().String()
		if name := f.FuncName(); name != "" && name != moduleBody {
			at = name + " (" + at + ")"
		}
		b.WriteString("\n    at " + at)
	}
	return s.source.MapStack(b.String())
}
