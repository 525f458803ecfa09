package vm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// maxCapture is how many bytes the captured values of a function may take when encoded.
const maxCapture = 64 << 20

// largeCapture is the size, in bytes, from which a captured variable is worth a warning.
const largeCapture = 1 << 20

// maxVariableShown is how many characters an error shows of a path such as config.list[3]; of a longer one it leaves
// out the middle.
const maxVariableShown = 80

// Captures knows what the functions of a runtime use from around them: who compiled their files does.
type Captures interface {
	// Snapshot begins the sending of one function. If it is to be bare, that function takes none of the variables that it
	// uses with it, but for those that were said to be.
	Snapshot(bare bool) Snapshot
}

// Snapshot is what the variables of functions hold at the time of one sending. Variables that functions share are
// shared in it.
type Snapshot interface {
	// Closure says what fn is made of, nil if that is unknown. The error says why it cannot be sent.
	Closure(fn *goja.Object) (*Closure, error)
	// Known says that v is not to be copied but found again at the worker: what a module exports, or a part of the
	// language. nil means that it is nothing of the kind. The error says why it cannot be had at the worker.
	Known(v goja.Value) (*Reference, error)
	// Frame shows the lines around a place of the compiled text, as an error message has them; and names the
	// place as its user knows it.
	Frame(at Position) (place, frame string)
	// Warn tells the user of something that is allowed and probably a mistake.
	Warn(message string)
}

// Closure is a function or class with the variables that it uses.
type Closure struct {
	Source    string // true to the text, as far as formOf cannot mend it
	Pos       Position
	Class     bool
	Private   bool // a class with members whose names begin with #
	Strict    bool
	Variables []Variable
}

// Variable is one that a function uses from around it.
type Variable struct {
	Name  string
	Shown string     // what its user calls it; "" if that is Name
	Value goja.Value // nil: it is not initialised yet
	Why   string     // why it cannot be sent; "" if that is not known
	At    Position   // of its first use
}

// Reference is something that the worker finds by itself: from what Part stands for, by way of the properties Path.
type Reference struct {
	Part *Function
	Path []string
	// Specs are the modules that a Part of KindRequire knows, by Part.Names.
	Specs []goja.Value
}

// capturesKey is where KeepCaptures leaves its argument on the global object.
var capturesKey = goja.NewSymbol("captures")

// keptCaptures keeps a Captures inside a runtime, without members that a script could reach.
type keptCaptures struct{ c Captures }

// KeepCaptures has FunctionOf and Encode ask c what functions of rt use from around them.
func KeepCaptures(rt *goja.Runtime, c Captures) error {
	return rt.GlobalObject().DefineDataPropertySymbol(capturesKey, rt.ToValue(&keptCaptures{c}), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
}

func capturesOf(rt *goja.Runtime) Captures {
	if o, ok := rt.GlobalObject().GetSymbol(capturesKey).(*goja.Object); ok {
		if k, ok := o.Export().(*keptCaptures); ok {
			return k.c
		}
	}
	return nil
}

// CaptureError says which variable keeps a function from being sent.
type CaptureError struct {
	Function string // the name of the function that uses it, "" if it has none
	Variable string // perhaps with the property that is to blame: config.socket
	What     string // such as ", but a symbol cannot be sent"
	Place    string // file:line:column of its first use; "" if unknown
	Frame    string // the lines around it; "" if unknown
}

// Error returns all of it; a frame has lines of its own.
func (e *CaptureError) Error() string {
	called := "the function"
	if e.Function != "" {
		called = fmt.Sprintf("the function %q", e.Function)
	}
	text := fmt.Sprintf("cannot send %s: it uses %s%s", called, e.Variable, e.What)
	if e.Place != "" {
		text += " (" + e.Place + ")"
	}
	if e.Frame != "" {
		text += "\n" + strings.TrimRight(e.Frame, "\n")
	}
	return text
}

// packer makes a Function of a function and of all the code that its captures need.
type packer struct {
	rt     *goja.Runtime
	locate func(string) Position
	snap   Snapshot // nil: nothing is captured
	parts  []*Function
	index  map[[32]byte]int
}

func newPacker(rt *goja.Runtime, locate func(string) Position, bare bool) *packer {
	p := &packer{rt: rt, locate: locate}
	if c := capturesOf(rt); c != nil {
		p.snap = c.Snapshot(bare)
	}
	return p
}

// pack takes v apart; if it uses something, its values become its Env.
func (p *packer) pack(v goja.Value) (*Function, error) {
	f, c, err := p.take(v, true)
	if err != nil || c == nil || len(c.Variables) == 0 {
		return f, err
	}
	o := v.(*goja.Object)
	e := encoder{rt: p.rt, w: value.NewWriter(nil), o: EncodeOptions{MaxBytes: maxCapture}, plain: p.rt.NewObject().Prototype(), pack: p}
	if err := protect(p.rt, func() error { return e.closure(o, f, c) }); err != nil {
		return nil, err
	}
	f.Env, f.Parts = e.w.Bytes(), p.parts[1:]
	return f, nil
}

// part gives f a place among the parts; the function itself comes first.
func (p *packer) part(f *Function) int {
	hash := f.Hash()
	if i, ok := p.index[hash]; ok {
		return i
	}
	if p.index == nil {
		p.index = make(map[[32]byte]int)
	}
	p.index[hash] = len(p.parts)
	p.parts = append(p.parts, f)
	return len(p.parts) - 1
}

// take takes one function or class apart, but for its values. top says that it is to be called as a task.
func (p *packer) take(v goja.Value, top bool) (*Function, *Closure, error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, nil, errNotFunction
	}
	if _, ok := goja.AssertFunction(o); !ok {
		return nil, nil, errNotFunction
	}
	if _, ok := o.Export().(goja.Proxy); ok {
		return nil, nil, fmt.Errorf("cannot send a proxy of a function: pass the function itself")
	}
	var name string
	if ex := p.rt.Try(func() {
		if s, ok := o.Get("name").(goja.String); ok {
			name = s.String()
		}
	}); ex != nil {
		return nil, nil, fmt.Errorf("cannot send the function: %w", ex)
	}
	var c *Closure
	if p.snap != nil {
		var err error
		if c, err = p.snap.Closure(o); err != nil {
			return nil, nil, err
		}
	}
	f, err := p.text(o, name, c, top)
	return f, c, err
}

// text makes a Function of a function's text and place.
func (p *packer) text(o *goja.Object, name string, c *Closure, top bool) (*Function, error) {
	f := &Function{Name: name}
	if c != nil && c.Class && !top {
		f.Source, f.Kind = c.Source, KindClass
	} else {
		text := ""
		if c != nil {
			text = c.Source
		} else if ex := p.rt.Try(func() { text = builtins.functionText(goja.FunctionCall{This: o}).String() }); ex != nil {
			return nil, fmt.Errorf("cannot send the function: %w", ex)
		}
		form, err := formOf(text, name)
		if err != nil {
			return nil, err
		}
		f.Source = form.source
		if form.method {
			f.Kind = KindMethod
		}
		if c == nil && p.locate != nil {
			f.Pos = p.locate(text)
		}
	}
	if c != nil {
		f.Pos, f.Strict = c.Pos, c.Strict
		for _, v := range c.Variables {
			f.Names = append(f.Names, v.Name)
		}
	}
	if f.Pos.Line < 1 || f.Pos.Col < 0 || f.Pos.Line > maxPlace || f.Pos.Col > maxPlace {
		f.Pos = Position{File: f.Pos.File}
	}
	return f, nil
}

// JoinEnv puts what a function captures, of Function.Env, before its arguments, of Encode: so both travel as the
// arguments of a task, and the code stays the same from call to call.
func JoinEnv(env, args []byte) []byte {
	if len(env) == 0 {
		return args
	}
	w := value.NewWriter(make([]byte, 0, len(env)+len(args)+24))
	w.MapLen(2)
	w.Str("env")
	w.Bin(env)
	w.Str("args")
	w.Raw(args)
	return w.Bytes()
}

// splitEnv is the inverse of JoinEnv; arguments are always an array, so a map tells that there is an env.
func splitEnv(b []byte) (env, args []byte, err error) {
	r := value.NewReader(b, value.Limits{})
	if len(b) == 0 || r.Type() != value.Map {
		return nil, b, nil
	}
	if r.MapLen() != 2 || r.Str() != "env" {
		return nil, nil, errEnv
	}
	env = r.Bin()
	if r.Str() != "args" || r.Err() != nil {
		return nil, nil, errEnv
	}
	return env, b[r.Offset():], nil
}

// TaskModule reports whether tasks may require the module name, which is without "node:": all of them, or those whose
// worker gives them permissions.
func TaskModule(name string) bool {
	if _, ok := outsideModules[name]; ok {
		return true
	}
	return name == "supercluster" || name == "nnet" || slices.Contains(taskModules, name)
}

// TaskGlobals are the names of the global object of a task.
func TaskGlobals() []string {
	names := append(goja.New().GlobalObject().GetOwnPropertyNames(), taskGlobals...)
	names = append(names, outsideGlobals...)
	for name := range makers {
		names = append(names, name)
	}
	return append(names, importName)
}
