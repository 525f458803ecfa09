package vm

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// GlobalsConfig says what the global object of a runtime is made of.
type GlobalsConfig struct {
	Loop *Loop // the loop that owns the runtime
	// Require loads the js module name for the globals that are made of one (Buffer); nil leaves those out.
	Require func(name string) (goja.Value, error)
}

// Globals gives rt what scripts and tasks share beyond the language: timers, queueMicrotask, structuredClone,
// TextEncoder and TextDecoder, atob and btoa, URL and URLSearchParams, EventTarget and AbortController, performance,
// crypto's random numbers, the newer members of the language that goja lacks, and the helpers that esbuild's output
// refers to. Each global is made when it is first used.
func Globals(rt *goja.Runtime, cfg GlobalsConfig) {
	g := &globals{rt: rt, l: cfg.Loop, outside: cfg.Require}
	global := rt.GlobalObject()
	for name := range makers {
		g.accessor(global, name)
	}
	if cfg.Require != nil {
		g.accessor(global, "Buffer")
	}
	g.addSymbols()
	for _, f := range features {
		f.install(g)
	}
	_ = global.Delete("GoError") // of goja: nothing of ours throws it
}

// globals makes the globals of one runtime.
type globals struct {
	rt      *goja.Runtime
	l       *Loop
	mods    *modules
	outside func(name string) (goja.Value, error)
	extra   func(name string) goja.Value // what a task has and a script has not; may be nil
	ask     int64                        // bytes that one call of a guarded function may ask for
	guarded uint64                       // the guards that are installed
	regexps bool                         // installRegexps was called
	coarse  bool                         // the clock tells whole milliseconds
	once    bool                         // replaceOnce was called
}

// enumerable are those that Object.keys(globalThis) shows in Node.
var enumerable = []string{
	"global", "clearImmediate", "setImmediate", "clearInterval", "clearTimeout", "setInterval", "setTimeout",
	"queueMicrotask", "structuredClone", "atob", "btoa", "performance", "crypto",
}

// makers make the globals. A name that several have in common comes from one js module, which is loaded once.
var makers = func() map[string]func(g *globals, name string) goja.Value {
	m := map[string]func(g *globals, name string) goja.Value{
		"global":          func(g *globals, _ string) goja.Value { return g.rt.GlobalObject() },
		"setTimeout":      func(g *globals, name string) goja.Value { return g.native(name, 2, g.l.setTimeout(false)) },
		"setInterval":     func(g *globals, name string) goja.Value { return g.native(name, 2, g.l.setTimeout(true)) },
		"setImmediate":    func(g *globals, name string) goja.Value { return g.native(name, 1, g.l.setImmediate) },
		"clearTimeout":    func(g *globals, name string) goja.Value { return g.native(name, 1, g.l.clearTimeout) },
		"clearInterval":   func(g *globals, name string) goja.Value { return g.native(name, 1, g.l.clearTimeout) },
		"clearImmediate":  func(g *globals, name string) goja.Value { return g.native(name, 1, g.l.clearImmediate) },
		"queueMicrotask":  func(g *globals, name string) goja.Value { return g.native(name, 1, g.l.queueMicrotask) },
		"structuredClone": func(g *globals, name string) goja.Value { return g.native(name, 1, g.structuredClone) },
		"crypto":          func(g *globals, _ string) goja.Value { return g.crypto() },
		"Buffer":          (*globals).buffer,
	}
	for module, names := range preludes {
		for _, name := range names {
			m[name] = func(g *globals, name string) goja.Value {
				return g.modules().mustLoad(module).(*goja.Object).Get(name)
			}
		}
	}
	return m
}()

// preludes are the js modules that globals come from.
var preludes = map[string][]string{
	"prelude_text":        {"TextEncoder", "TextDecoder", "atob", "btoa"},
	"prelude_url":         {"URL", "URLSearchParams"},
	"prelude_events":      {"DOMException", "Event", "CustomEvent", "EventTarget"},
	"prelude_abort":       {"AbortController", "AbortSignal"},
	"prelude_performance": {"performance", "Performance", "PerformanceEntry"},
	"prelude_intl":        {"Intl"},
	"prelude_classes":     {"SuppressedError", "WeakRef", "FinalizationRegistry"},
	"prelude_esbuild": {
		"__knownSymbol", "__typeError", "__await", "__asyncGenerator", "__yieldStar", "__forAwait", "__using", "__callDispose",
	},
	"prelude_decorators": {
		"__defProp", "__name", "__publicField", "__privateIn", "__privateGet", "__privateAdd", "__privateSet", "__privateMethod",
		"__decoratorStart", "__decoratorMetadata", "__runInitializers", "__decorateElement", "__decorateClass", "__decorateParam",
	},
}

func (g *globals) native(name string, length int, fn func(goja.FunctionCall) goja.Value) goja.Value {
	return nativeFunction(g.rt, name, length, fn)
}

func (g *globals) modules() *modules {
	if g.mods == nil {
		g.mods = newModules(g.rt, g.binding)
	}
	return g.mods
}

// make makes the global name; nil if there is none.
func (g *globals) make(name string) goja.Value {
	if g.extra != nil {
		if v := g.extra(name); v != nil {
			return v
		}
	}
	if fn := makers[name]; fn != nil {
		return fn(g, name)
	}
	return nil
}

// accessor defines a property of o that becomes a plain one, with its value, when it is first read or written.
func (g *globals) accessor(o *goja.Object, name string) {
	flag := goja.FLAG_FALSE
	if slices.Contains(enumerable, name) {
		flag = goja.FLAG_TRUE
	}
	settle := func(v goja.Value) {
		_ = o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, flag)
	}
	get := hostFunction(g.rt, func(goja.FunctionCall) goja.Value {
		v := g.make(name)
		if v == nil {
			v = goja.Undefined()
		}
		settle(v)
		return v
	})
	set := hostFunction(g.rt, func(call goja.FunctionCall) goja.Value {
		settle(call.Argument(0))
		return nil
	})
	_ = o.DefineAccessorProperty(name, get, set, goja.FLAG_TRUE, flag)
}

// lazyGlobals stands behind the global object of a task: a name that is not there is looked up here, and what is
// made stays. That costs one object, where accessors for all names would cost more than the runtime itself.
type lazyGlobals struct{ g *globals }

func (z *lazyGlobals) Get(key string) goja.Value {
	v := z.g.make(key)
	if v != nil {
		setHidden(z.g.rt.GlobalObject(), key, v)
	}
	return v
}

func (z *lazyGlobals) Set(string, goja.Value) bool { return false }

func (z *lazyGlobals) Has(key string) bool {
	if _, ok := makers[key]; ok {
		return true
	}
	if z.g.extra != nil && slices.Contains(outsideGlobals, key) {
		return z.g.make(key) != nil
	}
	return z.g.extra != nil && slices.Contains(taskGlobals, key)
}

func (z *lazyGlobals) Delete(string) bool { return true }

func (z *lazyGlobals) Keys() []string { return nil }

// installLazily is Globals for a runtime that lives for one call.
func (g *globals) installLazily() {
	_ = g.rt.GlobalObject().SetPrototype(g.rt.NewDynamicObject(&lazyGlobals{g}))
}

func (g *globals) buffer(name string) goja.Value {
	if g.outside == nil {
		return nil
	}
	v, err := g.outside("buffer")
	if err != nil {
		panic(rethrow(g.rt, err))
	}
	return v.ToObject(g.rt).Get(name)
}

// structuredClone is the global function. Its option transfer is not for tasks and scripts of one thread: ignored.
func (g *globals) structuredClone(call goja.FunctionCall) goja.Value {
	if len(call.Arguments) == 0 {
		panic(newError(g.rt, "TypeError", `The "value" argument must be specified`, "ERR_MISSING_ARGS"))
	}
	b, err := Encode(g.rt, call.Argument(0), EncodeOptions{Path: "structuredClone"})
	if err != nil {
		if _, ok := err.(*ValueError); ok {
			panic(g.domException(err.Error(), "DataCloneError"))
		}
		panic(rethrow(g.rt, err))
	}
	v, err := Decode(g.rt, b, DecodeOptions{regexps: g.regexpArrived})
	if err != nil {
		panic(rethrow(g.rt, err))
	}
	return v
}

// domException returns a new DOMException of our own class, whatever the global of that name has become.
func (g *globals) domException(message, name string) *goja.Object {
	class := g.modules().mustLoad("prelude_events").(*goja.Object).Get("DOMException")
	o, err := g.rt.New(class, g.rt.ToValue(message), g.rt.ToValue(name))
	if err != nil {
		panic(rethrow(g.rt, err))
	}
	return o
}

// feature is a member of the language that goja lacks. A task gets it only if its text holds one of the words.
type feature struct {
	words   []string
	install func(g *globals)
}

// features holds them in the order in which they are installed.
var features = []feature{
	{[]string{"groupBy"}, language("groupBy")},
	{[]string{"withResolvers"}, language("withResolvers")},
	{[]string{"Promise.try"}, language("try")},
	{[]string{"fromAsync"}, language("fromAsync")},
	{[]string{"RegExp.escape"}, language("escape")},
	{[]string{"WellFormed"}, language("WellFormed")},
	{[]string{"__define"}, language("__define")},
	{[]string{"toLocale", "Intl"}, func(g *globals) { g.call("prelude_locale_methods", "install") }},
	{[]string{"RegExp"}, (*globals).installRegexps},
	{[]string{"(?<", "(?=", "(?!"}, (*globals).replaceOnce},
	{[]string{"captureStackTrace", "stackTraceLimit"}, (*globals).captureStackTrace},
	{[]string{"Iterator", "function*", "function *", ").take(", ").drop(", ".toArray("}, func(g *globals) {
		g.call("prelude_iterator", "install")
	}},
	{[]string{".values().", ".keys().", ".entries()."}, func(g *globals) { g.call("prelude_iterator", "install") }},
}

func language(export string) func(g *globals) {
	return func(g *globals) { g.call("prelude_language", export) }
}

// wanted returns the features, by index, and the symbols that a text may use.
func wanted(text string) uint64 {
	var bits uint64
	for i, f := range features {
		if slices.ContainsFunc(f.words, func(w string) bool { return strings.Contains(text, w) }) {
			bits |= 1 << i
		}
	}
	for _, w := range []string{"asyncIterator", "ispose", "__async", "__forAwait", "__yieldStar", "__using"} {
		if strings.Contains(text, w) {
			bits |= 1 << len(features)
		}
	}
	if mayNeedTranslation(text) {
		bits |= regexpsBit
	}
	return bits
}

// add installs what wanted returned.
func (g *globals) add(bits uint64) {
	if bits == 0 {
		return
	}
	if bits&(1<<len(features)) != 0 {
		g.addSymbols()
	}
	for i, f := range features {
		if bits&(1<<i) != 0 {
			f.install(g)
		}
	}
	if bits&regexpsBit != 0 {
		g.installRegexps()
	}
}

// regexpsBit is that of installRegexps for a text that does not name the class.
const regexpsBit = 1 << 63

// installRegexps gives the runtime a RegExp that makes patterns fit for goja and shows them as the user wrote them.
func (g *globals) installRegexps() {
	if !g.regexps {
		g.regexps = true
		g.call("prelude_regexp", "install")
		g.showRegexps()
	}
}

// regexpArrived makes ready for a RegExp that no text of the runtime made.
func (g *globals) regexpArrived() {
	g.installRegexps()
	g.replaceOnce()
}

func (g *globals) addSymbols() {
	class := g.rt.GlobalObject().Get("Symbol").ToObject(g.rt)
	for name, s := range map[string]*goja.Symbol{"asyncIterator": symAsyncIter, "dispose": symDispose, "asyncDispose": symAsyncDispose} {
		_ = class.DefineDataProperty(name, s, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	}
}

func (g *globals) call(module, export string) {
	fn, ok := goja.AssertFunction(g.modules().mustLoad(module).(*goja.Object).Get(export))
	if !ok {
		panic("js/" + module + ".js has no function " + export)
	}
	if _, err := fn(nil); err != nil {
		panic(rethrow(g.rt, err))
	}
}
