package loader

import (
	"slices"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// said is what sc.fn was told of a function.
type said struct {
	target  *goja.Object
	vars    *goja.Object // names and values
	capture bool         // the others are captured as usual
}

// fn is sc.fn(function, variables, options): the function with the values of variables that it uses, which it takes with it
// when it is sent. Called here, it is the function itself.
func (l *Loader) fn(c goja.FunctionCall) goja.Value {
	fail := func(text string) { raise(&thrown{l.newError("TypeError", "ERR_INVALID_ARG_TYPE", text)}) }
	fn, _ := c.Argument(0).(*goja.Object)
	call, ok := goja.AssertFunction(c.Argument(0))
	if !ok {
		fail("fn: argument 1 must be a function. Received " + received(c.Argument(0)))
	}
	s := &said{target: fn, capture: true, vars: l.rt.NewObject()}
	if v := c.Argument(1); !goja.IsUndefined(v) && !goja.IsNull(v) {
		if s.vars, ok = v.(*goja.Object); !ok {
			fail("fn: argument 2 must be an object of variables. Received " + received(v))
		}
	}
	if o, ok := c.Argument(2).(*goja.Object); ok {
		for _, k := range o.Keys() {
			if k != "capture" {
				fail(`fn: unknown option "` + k + `"; did you mean "capture"?`)
			}
		}
		if v := o.Get("capture"); v != nil {
			s.capture = v.ToBoolean()
		}
	}
	name := ""
	if v, ok := fn.Get("name").(goja.String); ok {
		name = v.String()
	}
	out := l.function(name, func(c goja.FunctionCall) goja.Value {
		v, err := call(c.This, c.Arguments...)
		if err != nil {
			raise(err)
		}
		return v
	})
	if _, err := l.weakSet(l.said, out, l.rt.ToValue(s)); err != nil {
		raise(err)
	}
	return out
}

// saidOf returns what sc.fn was told of fn, nil if nothing.
func (l *Loader) saidOf(fn *goja.Object) *said {
	v, err := l.weakGet(l.said, fn)
	if err != nil {
		return nil
	}
	s, _ := v.Export().(*said)
	return s
}

func (s *said) names() []string { return s.vars.Keys() }

func (s *said) has(name string) bool { return slices.Contains(s.names(), name) }

// all reports whether all variables of c were said.
func (s *said) all(c *closure) bool {
	return !slices.ContainsFunc(c.vars, func(v captured) bool { return !s.has(v.name.String()) })
}

// variables adds what was said to the variables that were found.
func (s *said) variables(found []vm.Variable) []vm.Variable {
	for _, name := range s.names() {
		found = append(found, vm.Variable{Name: name, Value: s.vars.Get(name)})
	}
	return found
}
