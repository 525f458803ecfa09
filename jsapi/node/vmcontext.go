package node

import (
	"errors"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"supercluster/vm"
)

// A scriptContext is what vm.createContext makes of a sandbox: a scope that programs see in place of the global object.
// The intrinsics (Object, Array, …) are those of the script itself, where node gives each context its own.
type scriptContext struct {
	n        *Node
	sandbox  *goja.Object
	scope    *goja.Object // of the with statement around each program
	global   *goja.Object // this, and globalThis
	lexicals map[string]lexicalBinding
	typeofs  map[string]bool

	variables map[string]bool // declared with var, which delete leaves
}

// lexicalBinding is a let, const or class of a program that ran in the context.
type lexicalBinding struct{ get, set goja.Callable }

// languageGlobals are the names of ECMA-262, clause 19, and those that V8 adds to each context.
const languageGlobals = `Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError Float32Array
Float64Array Function Int16Array Int32Array Int8Array Map Number Object Promise Proxy RangeError ReferenceError RegExp Set String
Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet WeakRef
FinalizationRegistry AggregateError SuppressedError Iterator decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval
isFinite isNaN parseFloat parseInt unescape Atomics Intl JSON Math Reflect SharedArrayBuffer Infinity NaN undefined`

// takeIntrinsics remembers the names of the language before a script can change them.
func (n *Node) takeIntrinsics() map[string]func() goja.Value {
	if n.language == nil {
		n.language = map[string]func() goja.Value{}
		for _, name := range strings.Fields(languageGlobals) {
			switch name {
			case "Atomics", "SharedArrayBuffer", "Intl", "WeakRef", "FinalizationRegistry", "SuppressedError":
				n.language[name] = func() goja.Value { return n.rt.GlobalObject().Get(name) } // made on first use
			default:
				if v := n.rt.GlobalObject().Get(name); v != nil {
					n.language[name] = func() goja.Value { return v }
				}
			}
		}
	}
	return n.language
}

func (n *Node) newContext(sandbox *goja.Object) *scriptContext {
	c := &scriptContext{n: n, sandbox: sandbox, lexicals: map[string]lexicalBinding{}, typeofs: map[string]bool{},
		variables: map[string]bool{}}
	n.takeIntrinsics()
	c.scope = n.rt.ToValue(n.rt.NewProxy(n.rt.NewObject(), &goja.ProxyTrapConfig{
		Has:    func(_ *goja.Object, name string) bool { return name != nameScope },
		HasSym: func(*goja.Object, *goja.Symbol) bool { return false },
		Get:    func(_ *goja.Object, name string, _ goja.Value) goja.Value { return c.lookup(name) },
		GetSym: func(*goja.Object, *goja.Symbol, goja.Value) goja.Value { return goja.Undefined() },
		Set:    func(_ *goja.Object, name string, v, _ goja.Value) bool { return c.assign(name, v) },
		DeleteProperty: func(_ *goja.Object, name string) bool {
			return !c.variables[name] && sandbox.Delete(name) == nil
		},
	})).ToObject(n.rt)
	c.global = n.rt.ToValue(n.rt.NewProxy(sandbox, &goja.ProxyTrapConfig{
		Has: func(target *goja.Object, name string) bool {
			_, language := n.language[name]
			return target.Get(name) != nil || language || name == "globalThis"
		},
		Get: func(target *goja.Object, name string, _ goja.Value) goja.Value {
			if v := target.Get(name); v != nil {
				return v
			}
			if name == "globalThis" {
				return c.global
			}
			if v := n.language[name]; v != nil {
				return v()
			}
			return goja.Undefined()
		},
	})).ToObject(n.rt)
	return c
}

// lookup is the value of a free name.
func (c *scriptContext) lookup(name string) goja.Value {
	switch name {
	case nameThis:
		return c.global
	case nameSelf:
		return c.n.rt.ToValue(c.self)
	case nameLexical:
		return c.n.rt.ToValue(c.declare)
	}
	if l, ok := c.lexicals[name]; ok {
		v, err := l.get(goja.Undefined())
		if err != nil {
			panic(vm.Thrown(c.n.rt, err))
		}
		return v
	}
	if v := c.sandbox.Get(name); v != nil {
		return v
	}
	if name == "globalThis" {
		return c.global
	}
	if v := c.n.language[name]; v != nil {
		return v()
	}
	if c.typeofs[name] {
		return goja.Undefined()
	}
	panic(c.n.newError("ReferenceError", name+" is not defined"))
}

// newError makes an Error of a class of the language.
func (n *Node) newError(class, message string) goja.Value {
	n.takeIntrinsics()
	e, err := n.rt.New(n.language[class](), n.rt.ToValue(message))
	if err != nil {
		return n.rt.NewTypeError("%s", message)
	}
	return e
}

func (c *scriptContext) assign(name string, v goja.Value) bool {
	if l, ok := c.lexicals[name]; ok {
		if l.set == nil {
			panic(c.n.rt.NewTypeError("Assignment to constant variable."))
		}
		if _, err := l.set(goja.Undefined(), v); err != nil {
			panic(vm.Thrown(c.n.rt, err))
		}
		return true
	}
	if ex := c.n.rt.Try(func() {
		if err := c.sandbox.Set(name, v); err != nil {
			panic(vm.Thrown(c.n.rt, err))
		}
	}); ex != nil && !c.readOnly(name) {
		panic(ex.Value())
	}
	return true
}

// readOnly says whether the sandbox has name and takes no value for it, which sloppy code passes over.
func (c *scriptContext) readOnly(name string) bool {
	get, err := c.n.member("vm_errors", "isReadOnly")
	if err != nil {
		return false
	}
	fn, _ := goja.AssertFunction(get)
	v, err := fn(goja.Undefined(), c.sandbox, c.n.rt.ToValue(name))
	return err == nil && v.ToBoolean()
}

// self is this of a sloppy function: where that is no object of its caller's, the context's global.
func (c *scriptContext) self(call goja.FunctionCall) goja.Value {
	this := call.Argument(0)
	if goja.IsUndefined(this) || goja.IsNull(this) || this == goja.Value(c.n.rt.GlobalObject()) || this == goja.Value(c.scope) {
		return c.global
	}
	return this
}

// declare(name) gives the sandbox a variable; declare(name, get, set) tells of a let, const (without set) or class.
func (c *scriptContext) declare(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	get, ok := goja.AssertFunction(call.Argument(1))
	if !ok {
		c.variables[name] = true
		if c.sandbox.Get(name) == nil {
			_ = c.assign(name, goja.Undefined())
		}
		return goja.Undefined()
	}
	if _, known := c.lexicals[name]; known {
		panic(c.n.newError("SyntaxError", "Identifier '"+name+"' has already been declared"))
	}
	set, _ := goja.AssertFunction(call.Argument(2))
	c.lexicals[name] = lexicalBinding{get, set}
	return goja.Undefined()
}

// run runs s and returns its completion value.
func (c *scriptContext) run(s *contextScript) (goja.Value, error) {
	for _, name := range s.typeofs {
		c.typeofs[name] = true
	}
	global := c.n.rt.GlobalObject()
	get := func(goja.FunctionCall) goja.Value {
		_ = global.Delete(nameScope) // read once, at the start of the program
		return c.scope
	}
	if err := global.DefineAccessorProperty(nameScope, c.n.rt.ToValue(get), nil, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		return nil, err
	}
	return c.n.rt.RunProgram(s.program)
}

// vmBinding serves js/vm.js.
func (n *Node) vmBinding() *goja.Object {
	return n.object(map[string]any{
		// contextify(sandbox) → the context for run, and its global
		"contextify": func(call goja.FunctionCall) goja.Value {
			c := n.newContext(call.Argument(0).ToObject(n.rt))
			return n.rt.NewArray(n.rt.ToValue(c), c.global)
		},
		// compile(code, file, inContext) → a program; what is no program is a SyntaxError
		"compile": func(call goja.FunctionCall) goja.Value {
			code, name := call.Argument(0).String(), call.Argument(1).String()
			if call.Argument(2).ToBoolean() {
				s, err := compileInContext(name, code)
				if err != nil {
					panic(n.syntaxError(name, code, err))
				}
				return n.rt.ToValue(s)
			}
			p, err := vm.Compile(name, code, false)
			if err != nil {
				panic(n.syntaxError(name, code, err))
			}
			return n.rt.ToValue(&mainScript{scriptText{name, code}, p})
		},
		// run(program, context or undefined, milliseconds or 0) → its completion value
		"run": func(call goja.FunctionCall) goja.Value {
			v, err := n.timed(call.Argument(2).ToInteger(), func() (goja.Value, error) {
				switch s := call.Argument(0).Export().(type) {
				case *mainScript:
					return n.rt.RunProgram(s.program)
				case *contextScript:
					if c, ok := call.Argument(1).Export().(*scriptContext); ok {
						return c.run(s)
					}
				}
				return nil, errors.New("run: no program")
			})
			if err != nil {
				panic(n.decorated(call.Argument(0), err))
			}
			return v
		},
	})
}

// mainScript is a program of the script's own global object.
type mainScript struct {
	scriptText
	program *goja.Program
}

// scriptText is what a program was compiled from.
type scriptText struct{ file, code string }

func (s scriptText) text() scriptText { return s }

// decorated is the value of err, whose stack shows where in the program it was thrown, as node's does.
func (n *Node) decorated(program goja.Value, err error) goja.Value {
	v := vm.Thrown(n.rt, err)
	var ex *goja.Exception
	s, ok := program.Export().(interface{ text() scriptText })
	if !ok || !errors.As(err, &ex) {
		return v
	}
	for _, f := range ex.Stack() {
		if f.SrcName() != s.text().file {
			continue
		}
		p := f.Position()
		line := ""
		if lines := strings.Split(s.text().code, "\n"); p.Line >= 1 && p.Line <= len(lines) {
			line = lines[p.Line-1]
		}
		if decorate, err := n.member("vm_errors", "decorate"); err == nil {
			fn, _ := goja.AssertFunction(decorate)
			_, _ = fn(goja.Undefined(), v, n.rt.ToValue(f.SrcName()), n.rt.ToValue(line), n.rt.ToValue(p.Line), n.rt.ToValue(p.Column)) // it catches
		}
		break
	}
	return v
}

// timeoutMark interrupts a script that ran too long.
type timeoutMark struct{ ms int64 }

// timed calls run, which may take so many milliseconds; 0 means for ever.
func (n *Node) timed(ms int64, run func() (goja.Value, error)) (goja.Value, error) {
	if ms <= 0 {
		v, err := run()
		n.passInterrupt(err)
		return v, err
	}
	mine := &timeoutMark{ms} // runs may nest: each ends at its own
	timer := time.AfterFunc(time.Duration(ms)*time.Millisecond, func() { n.rt.Interrupt(mine) })
	v, err := run()
	timer.Stop()
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) && interrupted.Value() == any(mine) {
		n.rt.ClearInterrupt()
		codes, loadErr := n.member("errors", "codes")
		if loadErr != nil {
			return nil, loadErr
		}
		e, newErr := n.rt.New(codes.ToObject(n.rt).Get("ERR_SCRIPT_EXECUTION_TIMEOUT"), n.rt.ToValue(ms))
		if newErr != nil {
			return nil, newErr
		}
		return nil, vm.Throw(e)
	}
	n.passInterrupt(err)
	return v, err
}

// passInterrupt goes on with an interrupt that is not ours: the end of the script.
func (n *Node) passInterrupt(err error) {
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) {
		panic(interrupted)
	}
}

// syntaxError is what node throws for code that does not parse: with the line and a mark below it at the top of the stack.
func (n *Node) syntaxError(name, code string, err error) goja.Value {
	message, line, column := err.Error(), 0, 0
	var compiler *goja.CompilerSyntaxError
	if errors.As(err, &compiler) {
		message = compiler.Message
		if compiler.File != nil {
			p := compiler.File.Position(compiler.Offset)
			line, column = p.Line, p.Column
		}
	}
	var parse parser.ErrorList
	if errors.As(err, &parse) && len(parse) > 0 {
		message, line, column = parse[0].Message, parse[0].Position.Line, parse[0].Position.Column
	}
	v, callErr := n.member("vm_errors", "syntaxError")
	if callErr != nil {
		return vm.Thrown(n.rt, callErr)
	}
	fn, _ := goja.AssertFunction(v)
	e, callErr := fn(goja.Undefined(), n.rt.ToValue(name), n.rt.ToValue(code), n.rt.ToValue(message), n.rt.ToValue(line), n.rt.ToValue(column))
	if callErr != nil {
		return vm.Thrown(n.rt, callErr)
	}
	return e
}
