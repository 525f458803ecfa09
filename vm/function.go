package vm

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"unicode"

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

// Kind says what a Function's Source is.
type Kind byte

const (
	KindExpression Kind = iota // a function expression
	KindMethod                 // `m() {…}`, to be evaluated inside an object literal
	KindClass                  // a class expression; only captured, never called as a task
	KindModule                 // the body of a CommonJS module, with all that it requires; stands for its exports
	KindBuiltin                // the name of a module that tasks may require; stands for its exports
	KindGlobal                 // nothing; stands for the global object
	KindRequire                // nothing; stands for a require function that knows the modules captured as Names
	KindInstance               // nothing; an object with the prototype of a captured class
	kinds
)

// Function is a function as it travels: its text, not its identity. What it uses from around it travels apart, in
// Env, so that the code is the same whatever the values are.
type Function struct {
	Source string
	Name   string // its name property
	Pos    Position
	Kind   Kind
	Strict bool        // it stands in strict code, whatever its own text says
	Names  []string    // the variables that it captures
	Parts  []*Function // the code that captured values refer to, which has no parts itself
	Env    []byte      // the captured values, as the package comment says; neither in Encode nor in Hash
}

// FunctionOf takes v apart. locate finds where a text stands in the program that was compiled; nil means unknown. The
// variables that v uses are captured if KeepCaptures was called for rt. What cannot travel (native and bound
// functions, classes, getters, proxies) is an error that says what to do instead, a *CaptureError if it is a variable.
func FunctionOf(rt *goja.Runtime, v goja.Value, locate func(source string) Position) (*Function, error) {
	return newPacker(rt, locate, false).pack(v)
}

// BareFunctionOf is FunctionOf for a function that is to find nothing of what is around it, but for what was said to
// travel with it.
func BareFunctionOf(rt *goja.Runtime, v goja.Value, locate func(source string) Position) (*Function, error) {
	return newPacker(rt, locate, true).pack(v)
}

// Encode returns the function as bytes, without Env.
func (f *Function) Encode() []byte {
	w := value.NewWriter(make([]byte, 0, len(f.Source)+len(f.Name)+len(f.Pos.File)+32))
	f.write(w)
	w.ArrayLen(len(f.Parts))
	for _, p := range f.Parts {
		w.Bin(p.Encode())
	}
	return w.Bytes()
}

// write writes all that Compile looks at.
func (f *Function) write(w *value.Writer) {
	w.ArrayLen(9)
	w.Str(f.Source)
	w.Str(f.Name)
	w.Str(f.Pos.File)
	w.Int(int64(f.Pos.Line))
	w.Int(int64(f.Pos.Col))
	w.Int(int64(f.Kind))
	w.Bool(f.Strict)
	w.ArrayLen(len(f.Names))
	for _, n := range f.Names {
		w.Str(n)
	}
}

// DecodeFunction is the inverse of Encode. It compiles nothing, and keeps parts of b.
func DecodeFunction(b []byte) (*Function, error) { return decodeFunction(b, true) }

func decodeFunction(b []byte, parts bool) (*Function, error) {
	r := value.NewReader(b, value.Limits{MaxDepth: 4})
	n := r.ArrayLen()
	f := &Function{Source: r.Str(), Name: r.Str()}
	f.Pos.File = r.Str()
	line, col, kind := r.Int(), r.Int(), r.Int()
	f.Strict = r.Bool()
	for range r.ArrayLen() {
		f.Names = append(f.Names, r.Str())
	}
	count := r.ArrayLen()
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("function: %w", err)
	}
	switch {
	case line < 0 || col < 0 || line > maxPlace || col > maxPlace:
		return nil, fmt.Errorf("function: place %d:%d, limit %d", line, col, maxPlace)
	case kind < 0 || kind >= int64(kinds):
		return nil, fmt.Errorf("function: unknown kind %d", kind)
	case n != 9 || count > 0 && !parts:
		return nil, fmt.Errorf("function: %d fields, %d parts", n, count)
	}
	f.Pos.Line, f.Pos.Col, f.Kind = int(line), int(col), Kind(kind)
	if err := f.checkNames(); err != nil {
		return nil, err
	}
	for range count {
		p, err := decodeFunction(r.Bin(), false)
		if err != nil {
			return nil, err
		}
		f.Parts = append(f.Parts, p)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("function: %w", err)
	}
	return f, nil
}

// checkNames refuses names that would break out of the glue around the source.
func (f *Function) checkNames() error {
	if f.Kind == KindRequire {
		return nil // specifiers, which are in no program
	}
	for _, n := range f.Names {
		for i, c := range n {
			if c != '_' && c != '$' && !unicode.IsLetter(c) && (i == 0 || !unicode.In(c, unicode.Nd, unicode.Nl, unicode.Mn, unicode.Mc, unicode.Pc)) {
				return fmt.Errorf("function: captured name %q", n)
			}
		}
		if n == "" {
			return fmt.Errorf("function: captured name %q", n)
		}
	}
	return nil
}

// Hash names the program of the function: all that Compile looks at, which is everything but parts and values captured.
func (f *Function) Hash() [32]byte {
	w := value.NewWriter(make([]byte, 0, len(f.Source)+len(f.Name)+len(f.Pos.File)+32))
	f.write(w)
	return sha256.Sum256(w.Bytes())
}

// Compile returns the program whose value Bind turns into the function. Its lines and columns are those of Pos, as
// far as there is room for the glue before it: on the lines above, or left of it.
func (f *Function) Compile() (*goja.Program, error) {
	file := f.Pos.File
	if file == "" {
		file = "task.js"
	}
	if f.Kind >= KindBuiltin {
		return nil, fmt.Errorf("a %d is no code", f.Kind)
	}
	before, after := f.glue()
	return Compile(file, f.pad(before)+f.Source+"\n"+after, false)
}

// wrapped reports whether the program's value is a function of the captured values, and not the function itself.
func (f *Function) wrapped() bool {
	return len(f.Names) > 0 || f.Strict && f.Kind != KindClass
}

// glue returns what stands around the source. A property gives a function without a name the one that it had, which
// stacks show. Captures become parameters; as functions may refer to each other in circles, a function is made before
// its captures are known, and comes with another one that sets them.
func (f *Function) glue() (before, after string) {
	before, after = "(", ")"
	switch {
	case f.Kind == KindModule:
		return "(function(exports,require,module){", "})"
	case f.Kind == KindMethod:
		before, after = "({", "})"
	case plainName.MatchString(f.Name) && f.Name != "__proto__" && (f.Pos.Line != 1 || f.Pos.Col > len(f.Name)+3):
		before, after = "({"+f.Name+":", "})"
	}
	if !f.wrapped() {
		return before, after
	}
	head := "(function(" + strings.Join(f.Names, ",") + "){"
	if f.Strict {
		head += `"use strict";`
	}
	if f.Kind == KindClass {
		return head + "return" + before, after + "})"
	}
	var set strings.Builder
	for i, n := range f.Names {
		fmt.Fprintf(&set, "%s=arguments[%d];", n, i)
	}
	return head + "return[" + before, after + ",function(){" + set.String() + "}]})"
}

// pad puts before in front of the function's place.
func (f *Function) pad(before string) string {
	line, col := max(f.Pos.Line, 1), f.Pos.Col
	switch {
	case line > 1:
		return strings.Repeat("\n", line-2) + before + "\n" + strings.Repeat(" ", col)
	case col >= UTF16Len(before):
		return strings.Repeat(" ", col-UTF16Len(before)) + before
	}
	return before
}

// Bind runs p, which Compile returned, in rt and returns the function, whose captures are undefined. Goroutine of rt only.
func (f *Function) Bind(rt *goja.Runtime, p *goja.Program) (*goja.Object, error) {
	o, _, err := f.bind(rt, p)
	return o, err
}

// bind is Bind that returns what sets the captures as well, nil if there are none. args are those of a class.
func (f *Function) bind(rt *goja.Runtime, p *goja.Program, args ...goja.Value) (o *goja.Object, set goja.Callable, err error) {
	v, err := rt.RunProgram(p)
	if err != nil {
		return nil, nil, err
	}
	if f.wrapped() {
		wrapper, ok := goja.AssertFunction(v)
		if !ok {
			return nil, nil, errNotFunction
		}
		if v, err = wrapper(nil, args...); err != nil {
			return nil, nil, err
		}
		if f.Kind != KindClass {
			pair, ok := v.(*goja.Object)
			if !ok {
				return nil, nil, errNotFunction
			}
			set, _ = goja.AssertFunction(pair.Get("1"))
			v = pair.Get("0")
		}
	}
	o, err = f.unwrap(rt, v)
	return o, set, err
}

// unwrap takes the function out of the literal around it and gives it its name.
func (f *Function) unwrap(rt *goja.Runtime, v goja.Value) (*goja.Object, error) {
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
	if f.Kind == KindClass {
		return o, nil
	}
	if s, _ := o.Get("name").(goja.String); s == nil || s.String() != f.Name {
		_ = o.DefineDataProperty("name", rt.ToValue(f.Name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	return o, nil
}
