package vm

import (
	"sync"

	"github.com/dop251/goja"

	"supercluster/js"
)

// programs holds the compiled js modules of the process by name; the sources are embedded, so it never goes stale
// and never grows beyond the number of files in package js.
var programs sync.Map

// Builtin returns the program of the js module name ("events"), compiled once per process; false if there is none.
// Its value is a function (exports, require, module, binding). Its file is called "node:" and the name, as in
// Node's own stack traces. A module of ours that does not compile is a mistake of the build: Builtin panics.
func Builtin(name string) (*goja.Program, bool) {
	if p, ok := programs.Load(name); ok {
		return p.(*goja.Program), true
	}
	src, ok := js.Source(name)
	if !ok {
		return nil, false
	}
	p, err := Compile("node:"+name, `(function (exports, require, module, binding) { "use strict"; `+src+"\n})", false)
	if err != nil {
		panic("js/" + name + ".js: " + err.Error())
	}
	actual, _ := programs.LoadOrStore(name, p)
	return actual.(*goja.Program), true
}
