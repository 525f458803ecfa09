package vm

import (
	"fmt"
	"strings"

	"github.com/dop251/goja"
)

const (
	// hostFile begins the file names of our own glue between Go and JavaScript; no stack shows it.
	hostFile = "sc:internal/"
	// maxFrames is V8's Error.stackTraceLimit.
	maxFrames = 10
)

// CleanStack rewrites a stack of goja's, `at f (file:1:22(3))`, in V8's form, `    at f (file:1:22)`, and leaves out
// the frames of the host, and those beyond the tenth. Other lines, and a stack in V8's form already, stay.
func CleanStack(stack string) string {
	if !strings.Contains(stack, "\n\tat ") && !strings.HasPrefix(stack, "\tat ") {
		return strings.TrimSuffix(stack, "\n")
	}
	var b strings.Builder
	frames := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(stack, "\n"), "\n") {
		if frame, ok := strings.CutPrefix(line, "\tat "); ok {
			if line = cleanFrame(frame); line == "" || frames == maxFrames {
				continue
			}
			frames++
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line)
	}
	return b.String()
}

// cleanFrame returns goja's frame, which is `f (place)` or `place`, as a line of V8's; "" for one of the host.
func cleanFrame(frame string) string {
	name, place := "", frame
	if strings.HasSuffix(frame, ")") {
		// A place ends with its "(pc)", so a name is there only if one more parenthesis closes.
		if i := strings.LastIndex(frame, " ("); i >= 0 && (strings.HasSuffix(frame, "))") || frame[i:] == " (native)") {
			name, place = frame[:i], frame[i+2:len(frame)-1]
		}
	}
	if place == "native" {
		// A Go function is called after its package: "supercluster/vm.(*Loop).callBody-fm".
		if name == "" || strings.ContainsAny(name, "/*") {
			return ""
		}
		return "    at " + name + " (<anonymous>)"
	}
	if strings.HasPrefix(place, hostFile) {
		return ""
	}
	if i := strings.LastIndexByte(place, '('); i >= 0 && strings.HasSuffix(place, ")") {
		place = place[:i]
	}
	if name == "" {
		return "    at " + place
	}
	return "    at " + name + " (" + place + ")"
}

// formatFrames returns the frames as the tail of a stack in V8's form; each line begins with a newline.
func formatFrames(frames []goja.StackFrame) string {
	var b strings.Builder
	n := 0
	for i := range frames {
		f := &frames[i]
		name := f.FuncName()
		if name == "<anonymous>" {
			name = ""
		}
		place := "native"
		if file := f.SrcName(); file != "<native>" {
			p := f.Position()
			place = fmt.Sprintf("%s:%d:%d(0)", file, p.Line, p.Column)
		}
		if name != "" {
			place = name + " (" + place + ")"
		}
		if line := cleanFrame(place); line != "" {
			b.WriteString("\n" + line)
			if n++; n == maxFrames {
				break
			}
		}
	}
	return b.String()
}
