// Package js holds the JavaScript half of the builtin modules, embedded as source text.
//
// Each file is the body of a function (exports, require, module, binding) in strict mode. Inside it, require finds
// only other files of this package and, in a script, native modules; binding is an object of native Go functions
// given by whoever loads the file, and may be undefined. The package compiles and runs nothing: vm.Builtin turns a
// file into a program once per process, jsapi/node and the sandbox run it.
package js

import (
	"embed"
	"strings"
)

//go:embed *.js
var files embed.FS

// Source returns the text of the module name, which is its file's name without ".js" and with "/" written as "_":
// "timers/promises" is timers_promises.js. It returns false if there is no such module.
func Source(name string) (string, bool) {
	text, err := files.ReadFile(strings.ReplaceAll(name, "/", "_") + ".js")
	if err != nil {
		return "", false
	}
	return string(text), true
}

// Names lists every file as Source takes it ("timers_promises"), sorted, the internal ones included.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".js")
	}
	return names
}
