package vm

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// maxPlace bounds Line and Col: a program is padded up to its place, so a larger one would be a waste of memory.
const maxPlace = 1 << 20

// plainName matches the names that may stand before a colon in an object literal.
var plainName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]{0,99}$`)

// Position is a place in the text that was compiled: Line counts from 1, Col from 0, in UTF-16 units. The zero
// Position is unknown.
type Position struct {
	File      string
	Line, Col int
}

// Capture is one variable that a function uses from around it: its name and its value as Encode made it.
type Capture struct {
	Name  string
	Value []byte
}

// Function is a function as it travels: its text, not its identity.
type Function struct {
	Source   string    // an expression, or a method's text if Method
	Name     string    // its name property
	Pos      Position  // where Source begins
	Method   bool      // Source is `m() {…}`, to be evaluated inside an object literal
	Captures []Capture // in the order of their first use
}

// FunctionOf takes v apart. locate finds where a text stands in the program that was compiled; nil means unknown.
// What cannot travel (native and bound functions, classes, getters, proxies) is an error that says what to do instead.
func FunctionOf(rt *goja.Runtime, v goja.Value, locate func(source string) Position) (*Function, error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, errNotFunction
	}
	if _, ok := goja.AssertFunction(o); !ok {
		return nil, errNotFunction
	}
	var name, text string
	if ex := rt.Try(func() {
		if s, ok := o.Get("name").(goja.String); ok {
			name = s.String()
		}
		text = functionText(rt, o)
	}); ex != nil {
		return nil, fmt.Errorf("cannot send the function: %w", ex)
	}
	if _, ok := o.Export().(goja.Proxy); ok {
		return nil, fmt.Errorf("cannot send a proxy of a function: pass the function itself")
	}
	form, err := formOf(text, name)
	if err != nil {
		return nil, err
	}
	f := &Function{Source: form.source, Name: name, Method: form.method}
	if locate != nil {
		f.Pos = locate(text)
	}
	if f.Pos.Line < 1 || f.Pos.Col < 0 || f.Pos.Line > maxPlace || f.Pos.Col > maxPlace {
		f.Pos = Position{File: f.Pos.File}
	}
	return f, nil
}

// functionText calls the toString of functions, not one that o may have of its own.
func functionText(rt *goja.Runtime, o *goja.Object) string {
	proto, _ := rt.GlobalObject().Get("Function").ToObject(rt).Get("prototype").(*goja.Object)
	toString, ok := goja.AssertFunction(proto.Get("toString"))
	if !ok {
		return ""
	}
	s, err := toString(o)
	if err != nil {
		return ""
	}
	return s.String()
}

// Encode returns the function as bytes.
func (f *Function) Encode() []byte {
	w := value.NewWriter(make([]byte, 0, len(f.Source)+len(f.Name)+len(f.Pos.File)+32))
	w.ArrayLen(7 + 2*len(f.Captures))
	f.writeText(w)
	w.Int(int64(len(f.Captures)))
	for _, c := range f.Captures {
		w.Str(c.Name)
		w.Bin(c.Value)
	}
	return w.Bytes()
}

func (f *Function) writeText(w *value.Writer) {
	w.Str(f.Source)
	w.Str(f.Name)
	w.Str(f.Pos.File)
	w.Int(int64(f.Pos.Line))
	w.Int(int64(f.Pos.Col))
	w.Bool(f.Method)
}

// DecodeFunction is the inverse of Encode. It compiles nothing, and keeps parts of b.
func DecodeFunction(b []byte) (*Function, error) {
	r := value.NewReader(b, value.Limits{MaxDepth: 4})
	n := r.ArrayLen()
	f := &Function{Source: r.Str(), Name: r.Str()}
	f.Pos.File = r.Str()
	line, col := r.Int(), r.Int()
	f.Method = r.Bool()
	captures := r.Int()
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("function: %w", err)
	}
	if line < 0 || col < 0 || line > maxPlace || col > maxPlace {
		return nil, fmt.Errorf("function: place %d:%d, limit %d", line, col, maxPlace)
	}
	if captures < 0 || captures > int64(r.Remaining()) || int64(n) != 7+2*captures {
		return nil, fmt.Errorf("function: %d captures in an array of %d", captures, n)
	}
	f.Pos.Line, f.Pos.Col = int(line), int(col)
	for range captures {
		f.Captures = append(f.Captures, Capture{Name: r.Str(), Value: r.Bin()})
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("function: %w", err)
	}
	return f, nil
}

// Hash names the program of the function: all that Compile looks at, which is everything but the values captured.
func (f *Function) Hash() [32]byte {
	w := value.NewWriter(make([]byte, 0, len(f.Source)+len(f.Name)+len(f.Pos.File)+32))
	f.writeText(w)
	for _, c := range f.Captures {
		w.Str(c.Name)
	}
	return sha256.Sum256(w.Bytes())
}

// Compile returns the program whose value Bind turns into the function. Its lines and columns are those of Pos, as
// far as there is room for the glue before it: on the lines above, or left of it.
func (f *Function) Compile() (*goja.Program, error) {
	file := f.Pos.File
	if file == "" {
		file = "task.js"
	}
	before, after := f.glue()
	return Compile(file, f.pad(before)+f.Source+"\n"+after, false)
}

// glue returns what stands around the source: captures become parameters, and a property gives a function without a
// name the one that it had, which stacks show.
func (f *Function) glue() (before, after string) {
	before, after = "(", ")"
	switch {
	case f.Method:
		before, after = "({", "})"
	case plainName.MatchString(f.Name) && f.Name != "__proto__" && (f.Pos.Line != 1 || f.Pos.Col > len(f.Name)+3):
		before, after = "({"+f.Name+":", "})"
	}
	if len(f.Captures) == 0 {
		return before, after
	}
	names := make([]string, len(f.Captures))
	for i, c := range f.Captures {
		names[i] = c.Name
	}
	return "(function(" + strings.Join(names, ",") + "){return " + before, after + "})"
}

// pad puts before in front of the function's place.
func (f *Function) pad(before string) string {
	line, col := max(f.Pos.Line, 1), f.Pos.Col
	switch {
	case line > 1:
		return strings.Repeat("\n", line-2) + before + "\n" + strings.Repeat(" ", col)
	case col >= len(before):
		return strings.Repeat(" ", col-len(before)) + before
	}
	return before
}

// Bind runs p, which Compile returned, in rt and returns the function. decode makes a value of each capture; it may
// be nil if there is none. Goroutine of rt only.
func (f *Function) Bind(rt *goja.Runtime, p *goja.Program, decode func([]byte) (goja.Value, error)) (*goja.Object, error) {
	v, err := rt.RunProgram(p)
	if err != nil {
		return nil, err
	}
	if len(f.Captures) > 0 {
		if v, err = f.capture(v, decode); err != nil {
			return nil, err
		}
	}
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, errNotFunction
	}
	if _, ok := goja.AssertFunction(o); !ok {
		// A method, or a function as a property that names it.
		names := o.GetOwnPropertyNames()
		if len(names) != 1 {
			return nil, errNotFunction
		}
		if o, ok = o.Get(names[0]).(*goja.Object); !ok {
			return nil, errNotFunction
		}
		if _, ok := goja.AssertFunction(o); !ok {
			return nil, errNotFunction
		}
	}
	if s, _ := o.Get("name").(goja.String); s == nil || s.String() != f.Name {
		_ = o.DefineDataProperty("name", rt.ToValue(f.Name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	return o, nil
}

func (f *Function) capture(wrapper goja.Value, decode func([]byte) (goja.Value, error)) (goja.Value, error) {
	bind, ok := goja.AssertFunction(wrapper)
	if !ok || decode == nil {
		return nil, errNotFunction
	}
	args := make([]goja.Value, len(f.Captures))
	for i, c := range f.Captures {
		v, err := decode(c.Value)
		if err != nil {
			return nil, fmt.Errorf("captured variable %q: %w", c.Name, err)
		}
		args[i] = v
	}
	return bind(nil, args...)
}
