package loader

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// Report is what there is to say about an error that nobody caught.
type Report struct {
	Name, Message string // "TypeError", "x is not a function"; of a thrown value that is no Error: "", its text
	Code          string // the error's code property, such as MODULE_NOT_FOUND
	File          string // the user's file, empty if unknown
	Line, Col     int    // 1-based, in the user's text, Col in UTF-16 units; 0 if unknown
	Frame         string // lines of the user's source around the place, with a caret; empty if unknown
	Stack         string // in V8's form and the user's own lines, beginning with name and message
	Hint          string // what may help, one line; empty if nothing
	Text          string // all of it as it is to be printed, without a newline at the end
	Exit          int    // exit status for the process: 1
}

// Describe says what is known about err, an error of Run or of any goja call. For an error with a JavaScript value
// it belongs to the loop's goroutine.
func (l *Loader) Describe(err error) Report {
	var se *SyntaxError
	if v, ok := l.valueOf(err); ok {
		r := l.DescribeValue(v)
		var ex *goja.Exception
		if r.Stack == "" && r.File == "" && errors.As(err, &ex) {
			r = l.thrownElsewhere(r, ex)
		}
		return r
	}
	var overflow *goja.StackOverflowError
	if errors.As(err, &overflow) {
		r := Report{Name: "RangeError", Message: "Maximum call stack size exceeded", Exit: 1}
		r.Stack = headOf(r) // the frames are all alike
		return l.thrownElsewhere(r, &overflow.Exception)
	}
	if errors.As(err, &se) {
		r := Report{Name: "SyntaxError", Message: se.Message, File: se.File, Line: se.Line, Col: se.Col, Hint: se.Hint, Exit: 1}
		r.Stack = "SyntaxError: " + se.Message
		return l.finishReport(r, "")
	}
	if err == nil {
		return Report{}
	}
	return Report{Message: err.Error(), Text: err.Error(), Exit: 1}
}

// DescribeValue says what is known about a thrown value. Loop goroutine only.
func (l *Loader) DescribeValue(v goja.Value) Report {
	o, ok := v.(*goja.Object)
	if !ok || !isError(o) {
		r := Report{Message: l.printed(v), Text: "Uncaught " + l.printed(v), Exit: 1, Hint: "throw an Error, so that it has a stack"}
		if l.thrown != nil && v != nil && l.thrown.Value().SameAs(v) {
			return l.thrownElsewhere(r, l.thrown)
		}
		return r
	}
	r := Report{Name: l.property(o, "name"), Message: l.property(o, "message"), Code: l.property(o, "code"), Exit: 1}
	if r.Name == "" {
		r.Name = "Error"
	}
	if se := l.problems[o]; se != nil {
		r.File, r.Line, r.Col, r.Hint = se.File, se.Line, se.Col, se.Hint
		r.Stack = headOf(r) + framesOf(l.MapStack(l.property(o, "stack")))
		return l.finishReport(r, l.related(o, map[*goja.Object]bool{o: true}))
	}
	r.Stack = l.MapStack(l.property(o, "stack"))
	if r.Stack == "" {
		r.Stack = headOf(r)
	}
	r.File, r.Line, r.Col = l.firstPlace(r.Stack)
	more := l.related(o, map[*goja.Object]bool{o: true})
	if w := l.getter(o, "worker"); w != nil && !goja.IsUndefined(w) { // thrown by a task, which is another machine's
		r.Stack, more = printableLines(r.Stack), printableLines(more)
	}
	return l.finishReport(r, more)
}

func headOf(r Report) string {
	if r.Message == "" {
		return r.Name
	}
	return r.Name + ": " + r.Message
}

// framesOf is the lines of a stack that are places, each with a newline before it.
func framesOf(stack string) string {
	var b strings.Builder
	for _, m := range stackPlace.FindAllString(stack, -1) {
		b.WriteString("\n" + strings.TrimLeft(m, "\r\n"))
	}
	return b.String()
}

// thrownElsewhere completes the report of a thrown value that has no stack, with the place of the throw.
func (l *Loader) thrownElsewhere(r Report, ex *goja.Exception) Report {
	for _, f := range ex.Stack() {
		p := f.Position()
		if p.Filename == "" || strings.HasPrefix(p.Filename, "sc:internal/") {
			continue
		}
		r.File, r.Line, r.Col = l.Position(p.Filename, p.Line, p.Column)
		break
	}
	text := r.Text
	r = l.finishReport(r, "")
	if text != "" {
		r.Text = strings.TrimPrefix(r.Text+"\n\n"+text, "\n\n")
	}
	return r
}

// finishReport adds frame and text.
func (l *Loader) finishReport(r Report, more string) Report {
	var parts []string
	if r.File != "" && r.Line > 0 {
		r.Frame = l.Frame(r.File, r.Line, r.Col)
		place := fmt.Sprintf("%s:%d", r.File, r.Line)
		if r.Frame != "" {
			place += "\n" + r.Frame
		}
		parts = append(parts, place)
	} else if r.File != "" {
		parts = append(parts, r.File)
	}
	if r.Stack != "" {
		head, rest, found := strings.Cut(r.Stack, "\n")
		text := l.paint(red, head)
		if found {
			text += "\n" + rest
		}
		parts = append(parts, text+more)
	}
	r.Text = strings.Join(parts, "\n\n")
	return r
}

// related describes what an error carries: its own properties, its cause, its errors.
func (l *Loader) related(o *goja.Object, seen map[*goja.Object]bool) string {
	var b strings.Builder
	for _, k := range l.enumerable(o) {
		if k == "stack" || k == "message" || k == "errors" || k == "cause" {
			continue
		}
		fmt.Fprintf(&b, "\n  %s: %s", k, l.printed(l.getter(o, k)))
	}
	if list, ok := l.getter(o, "errors").(*goja.Object); ok && list.ClassName() == "Array" {
		n := min(int(list.Get("length").ToInteger()), maxRelated)
		for i := range n {
			b.WriteString(l.indented(fmt.Sprintf("[errors][%d]: ", i), l.getter(list, strconv.Itoa(i)), seen))
		}
	}
	if cause := l.getter(o, "cause"); cause != nil && !goja.IsUndefined(cause) {
		b.WriteString(l.indented("[cause]: ", cause, seen))
	}
	return b.String()
}

// maxRelated bounds how many of an error's errors are shown, and how deep causes are followed.
const maxRelated = 10

func (l *Loader) indented(label string, v goja.Value, seen map[*goja.Object]bool) string {
	o, ok := v.(*goja.Object)
	if !ok || !isError(o) {
		return "\n  " + label + l.printed(v)
	}
	if seen[o] || len(seen) >= maxRelated {
		return "\n  " + label + "[Circular]"
	}
	seen[o] = true
	text := l.MapStack(l.property(o, "stack"))
	if text == "" {
		text = headOf(Report{Name: l.property(o, "name"), Message: l.property(o, "message")})
	}
	text += l.related(o, seen)
	return "\n  " + label + strings.ReplaceAll(text, "\n", "\n  ")
}

// firstPlace is the first place in a stack that is in a file.
func (l *Loader) firstPlace(stack string) (string, int, int) {
	for _, m := range stackPlace.FindAllStringSubmatch(stack, -1) {
		file := m[2]
		if strings.HasPrefix(file, "node:") || strings.HasPrefix(file, "sc:") || strings.HasPrefix(file, "<") {
			continue
		}
		line, _ := strconv.Atoi(m[3])
		col, _ := strconv.Atoi(m[4])
		return file, line, col
	}
	return "", 0, 0
}

// isError reports whether o is an Error, or behaves as one.
func isError(o *goja.Object) bool {
	return o.ClassName() == "Error"
}

// property is a property of o as text; what throws or is absent is "".
func (l *Loader) property(o *goja.Object, name string) string {
	v := l.getter(o, name)
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return ""
	}
	if _, isObj := v.(*goja.Object); isObj {
		return ""
	}
	if _, isSym := v.(*goja.Symbol); isSym {
		return ""
	}
	return v.String()
}

func (l *Loader) getter(o *goja.Object, name string) (v goja.Value) {
	if ex := l.rt.Try(func() { v = o.Get(name) }); ex != nil {
		return nil
	}
	return v
}

func (l *Loader) enumerable(o *goja.Object) (keys []string) {
	_ = l.rt.Try(func() { keys = o.Keys() })
	return keys
}

var plainText = regexp.MustCompile(`^[^\n']*$`)

// printed is a value on one line; of objects, what JSON or their class tells.
func (l *Loader) printed(v goja.Value) (text string) {
	o, isObj := v.(*goja.Object)
	if !isObj {
		if v == nil {
			return "undefined"
		}
		if s, ok := v.Export().(string); ok {
			if plainText.MatchString(s) {
				return "'" + s + "'"
			}
			return strconv.Quote(s)
		}
		return v.String()
	}
	text = "[object]"
	_ = l.rt.Try(func() {
		if _, ok := goja.AssertFunction(o); ok {
			text = "[Function: " + l.property(o, "name") + "]"
			return
		}
		if s, err := l.js.stringify(goja.Undefined(), o); err == nil && s != nil && !goja.IsUndefined(s) {
			text = s.String()
		}
	})
	return text
}
