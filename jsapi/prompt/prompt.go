// Package prompt runs lines that somebody types, one after the other, in one
// script's surroundings: for sc eval, sc repl and sc map.
//
// A line becomes a program in package loader, its value a text in
// js/prompt.js. All methods but Break may be called on the loop's goroutine
// only; results come there too. It reads no terminal and prints nothing.
package prompt

import (
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"supercluster/jsapi/loader"
	"supercluster/jsapi/node"
	"supercluster/vm"
)

// How a value becomes text.
const (
	Plain  = "plain"  // as console.log prints it: strings as they are
	JSON   = "json"   // one line of JSON
	Pretty = "pretty" // as node's prompt shows it: strings in quotes
)

// Config sets up a Prompt. All but the last two are required.
type Config struct {
	Loop   *vm.Loop
	Loader *loader.Loader
	Node   *node.Node
	Color  bool // whether text carries terminal colours
	Width  int  // of the terminal, in columns; zero means 80
}

// A Prompt runs lines. Its first must come after Node.Install.
type Prompt struct {
	cfg   Config
	rt    *goja.Runtime
	js    *goja.Object // the exports of js/prompt.js
	count int
}

// New returns a Prompt and puts the names that lines may use into the global
// object.
func New(cfg Config) (*Prompt, error) {
	if cfg.Width == 0 {
		cfg.Width = 80
	}
	p := &Prompt{cfg: cfg, rt: cfg.Loop.Runtime()}
	v, err := cfg.Node.Load("prompt")
	if err != nil {
		return nil, err
	}
	p.js = v.ToObject(p.rt)
	_, err = p.call("install")
	return p, err
}

func (p *Prompt) call(name string, args ...goja.Value) (goja.Value, error) {
	fn, ok := goja.AssertFunction(p.js.Get(name))
	if !ok {
		return nil, fmt.Errorf("prompt.js has no %s", name)
	}
	return fn(p.js, args...)
}

// A Result is what a line came to: nothing, a value as text, or an error.
type Result struct {
	HasValue  bool
	Undefined bool // the value is undefined
	Text      string
	Err       *loader.Report // nil if all went well
	// Incomplete says that the text wants another line.
	Incomplete bool
	// Broken says that Break ended it.
	Broken bool
}

// Join makes the master that lines use, so that it knows the workers when the
// first comes.
func (p *Prompt) Join() error {
	_, err := p.call("join")
	return err
}

// Eval runs text and calls done, once unless the loop ends first, with what it
// came to. wait says that a
// promise is waited for; how is one of Plain, JSON and Pretty.
func (p *Prompt) Eval(name, text, how string, wait bool, done func(Result)) {
	line, err := p.cfg.Loader.Line(fmt.Sprintf("%s%d", name, p.count+1), text)
	if err != nil {
		p.failed(err, done)
		return
	}
	p.count++
	promise, err := line.Run()
	var list goja.Value = promise
	if err == nil && wait {
		list, err = p.call("settled", promise)
	}
	if err != nil {
		p.failed(err, done)
		return
	}
	p.then(list, func(v goja.Value) { done(p.result(v, how)) }, func(v goja.Value) {
		r := p.cfg.Loader.DescribeValue(v)
		done(Result{Err: &r})
	})
}

func (p *Prompt) failed(err error, done func(Result)) {
	var ended *goja.InterruptedError
	if vm.Broken(err) {
		p.rt.ClearInterrupt()
		done(Result{Broken: true})
		return
	}
	if errors.As(err, &ended) {
		return // and the loop with it
	}
	r := p.cfg.Loader.Describe(err)
	done(Result{Err: &r, Incomplete: loader.Incomplete(err)})
}

// result is the text of what the promise of a line gave, an array.
func (p *Prompt) result(v goja.Value, how string) Result {
	list := v.ToObject(p.rt)
	if list.Get("length").ToInteger() == 0 {
		return Result{}
	}
	value := list.Get("0")
	_, _ = p.call("keep", value) // a property that can be set anew
	text, err := p.call("show", value, p.rt.ToValue(how), p.rt.ToValue(p.cfg.Color), p.rt.ToValue(p.cfg.Width))
	if err != nil {
		r := p.cfg.Loader.Describe(err)
		return Result{Err: &r}
	}
	return Result{HasValue: true, Undefined: goja.IsUndefined(value), Text: text.String()}
}

func (p *Prompt) then(promise goja.Value, done, failed func(goja.Value)) {
	o := promise.ToObject(p.rt)
	then, ok := goja.AssertFunction(o.Get("then"))
	if !ok {
		panic("prompt: no promise") // both kinds are ours
	}
	take := func(f func(goja.Value)) goja.Value {
		return p.rt.ToValue(func(c goja.FunctionCall) goja.Value { f(c.Argument(0)); return goja.Undefined() })
	}
	if _, err := then(o, take(done), take(failed)); err != nil {
		p.cfg.Loop.Report(err)
	}
}

// Complete lists what the end of text may become, sorted: names with the path
// to them.
func (p *Prompt) Complete(text string) []string {
	v, err := p.call("complete", p.rt.ToValue(text))
	if err != nil {
		return nil
	}
	var list []string
	if p.rt.ExportTo(v, &list) != nil {
		return nil
	}
	return list
}

// Function evaluates text, which must give a function, and returns it as it
// travels. Captured variables are in its Env.
func (p *Prompt) Function(name, text string, done func(*vm.Function, *loader.Report)) {
	line, err := p.cfg.Loader.Line(name, text)
	var promise *goja.Object
	if err == nil {
		promise, err = line.Run()
	}
	fail := func(err error) {
		r := p.cfg.Loader.Describe(err)
		done(nil, &r)
	}
	if err != nil {
		fail(err)
		return
	}
	p.then(promise, func(v goja.Value) {
		fn := v.ToObject(p.rt).Get("0")
		if _, ok := goja.AssertFunction(fn); !ok {
			fail(fmt.Errorf("%s is no function", text))
			return
		}
		f, err := vm.FunctionOf(p.rt, fn, func(source string) vm.Position {
			return p.cfg.Loader.Locate(source, vm.Position{})
		})
		if err != nil {
			fail(err)
			return
		}
		done(f, nil)
	}, func(v goja.Value) {
		r := p.cfg.Loader.DescribeValue(v)
		done(nil, &r)
	})
}

// Break ends the JavaScript that runs now, if some does; any goroutine may
// call it.
func (p *Prompt) Break() { p.cfg.Loop.Break() }

// OnUncaught has tell called with each error that nothing caught, such as a
// rejection that comes after its line; the loop goes on.
func (p *Prompt) OnUncaught(tell func(loader.Report)) {
	p.cfg.Loop.OnUncaught(func(v goja.Value, _ string) bool {
		tell(p.cfg.Loader.DescribeValue(v))
		return true
	})
}
