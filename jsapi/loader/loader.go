package loader

import (
	"io"
	"os"
	"sync"

	"github.com/dop251/goja"

	"supercluster/js"
	"supercluster/vm"
)

// Config sets up a Loader.
type Config struct {
	Loop *vm.Loop // required
	// Builtin returns the exports of a builtin module; name is without "node:", but with "sc:" ("sc:supercluster" and
	// "sc:nnet" are the library). It returns false if there is no such module, and an error if there is one that cannot
	// be had. It is asked again for each import, so it keeps what it makes. nil: there are none.
	Builtin func(name string) (goja.Value, bool, error)
	Stdin   io.Reader // the text of the main module "-"; nil means os.Stdin
	// StdinName is what that module is called in stacks; empty means "[stdin]".
	StdinName string
	Dir       string // what relative paths of the main module start from; empty means the current folder
	CacheDir  string // where lowered texts are kept between runs; empty means nowhere
	Color     bool   // whether code frames and reports carry terminal colours
	// Warn is told of what is allowed and probably a mistake in functions that are sent; nil means process.emitWarning.
	Warn func(message string)
	// GlobalPaths are where require looks for packages last, in this order; GlobalPaths makes the usual ones.
	GlobalPaths []string
	// NoCapture leaves functions without the variables that they use.
	NoCapture bool
	// Uncaught is told if the main module fails after Run returned; nil means vm.Loop.Report.
	Uncaught func(error)
}

// Loader holds the modules of one runtime.
type Loader struct {
	cfg  Config
	loop *vm.Loop
	rt   *goja.Runtime
	js   helpers

	// What follows belongs to the loop's goroutine.
	cache                     *goja.Object             // require.cache: paths to module objects
	extensions                *goja.Object             // require.extensions
	byObject                  map[*goja.Object]*module // the modules of the cache's objects
	known                     map[string]*module       // compiled modules by path
	natives                   map[string]goja.Value    // builtin namespaces by name, "babel:" before those with default imports as tsc has them
	builtins                  map[string]bool          // names asked for: is there such a module?
	packages                  map[string]*pkg          // by folder; nil: none there
	tsconfigs                 map[string]string        // by folder
	real                      map[string]string        // paths to paths without symbolic links
	ownExts                   map[string]goja.Value    // the entries of extensions that are the loader's
	nativeLoad, nativeResolve goja.Value               // Module._load and _resolveFilename as they were
	main                      *module
	prompt                    *module                       // what lines run in; see Line
	mainPath                  string                        // what Run was given
	completed                 bool                          // Module has what completeModule adds
	wrongMains                map[string]bool               // folders of packages that warnOfMain has told of
	pending                   bool                          // the main module waits at an await
	thrown                    *goja.Exception               // what Run returned last: a value that is no Error says its place only there
	problems                  map[*goja.Object]*SyntaxError // the errors thrown for them

	capture          // what sending functions takes
	instrumented int // how many units are

	mu      sync.Mutex
	units   map[string]*unit         // by the name that goja knows; guarded by mu
	files   map[string]*unit         // by the user's path; guarded by mu
	aliases map[string]string        // what goja makes of paths that are not URLs, and those paths; guarded by mu
	sites   map[string][]vm.Position // found by Locate; guarded by mu
}

// helpers are the functions of loader_module.js.
type helpers struct {
	moduleClass                                 *goja.Object
	exportTo, reExport, toESM, compile          goja.Value
	seal, ofCommonJS, forRequire, record, parse goja.Callable
	promiseAll, stringify                       goja.Callable
	promise, anything                           goja.Value
	errors                                      map[string]goja.Value // constructors by name
}

// New returns a Loader whose modules run on cfg.Loop. To be called on the loop's goroutine, or before it runs.
func New(cfg Config) *Loader {
	if cfg.Stdin == nil {
		cfg.Stdin = os.Stdin
	}
	if cfg.StdinName == "" {
		cfg.StdinName = stdinName
	}
	l := &Loader{
		cfg: cfg, loop: cfg.Loop, rt: cfg.Loop.Runtime(),
		byObject: map[*goja.Object]*module{}, known: map[string]*module{}, natives: map[string]goja.Value{},
		builtins: map[string]bool{}, packages: map[string]*pkg{}, tsconfigs: map[string]string{}, real: map[string]string{},
		problems: map[*goja.Object]*SyntaxError{}, wrongMains: map[string]bool{},
		units: map[string]*unit{}, files: map[string]*unit{}, sites: map[string][]vm.Position{}, aliases: map[string]string{},
	}
	l.bind()
	l.cache = l.rt.CreateObject(nil)
	l.installCapture()
	l.installExtensions()
	l.installModule()
	return l
}

// helperProgram is loader_module.js, compiled once per process.
var helperProgram = sync.OnceValue(func() *goja.Program {
	source, _ := js.Source("loader_module")
	p, err := vm.Compile("sc:internal/module", source, false)
	if err != nil {
		panic(err)
	}
	return p
})

// bind runs loader_module.js, and takes what it needs of the intrinsics before a script can change them.
func (l *Loader) bind() {
	v, err := l.rt.RunProgram(helperProgram())
	if err != nil {
		panic(err) // a file of ours, in a new runtime
	}
	make, _ := goja.AssertFunction(v)
	o, err := make(goja.Undefined(), l.host())
	if err != nil {
		panic(err)
	}
	obj := o.(*goja.Object)
	call := func(name string) goja.Callable {
		fn, _ := goja.AssertFunction(obj.Get(name))
		return fn
	}
	h := &l.js
	h.moduleClass = obj.Get("Module").(*goja.Object)
	h.compile = h.moduleClass.Get("prototype").(*goja.Object).Get("_compile")
	h.exportTo, h.reExport, h.toESM = obj.Get("exportTo"), obj.Get("reExport"), obj.Get("toESM")
	h.seal, h.ofCommonJS, h.forRequire = call("seal"), call("ofCommonJS"), call("forRequire")
	h.record, h.parse = call("record"), call("parse")
	h.anything = obj.Get("anything")
	global := l.rt.GlobalObject()
	h.promise = global.Get("Promise")
	h.stringify = call("stringify")
	h.promiseAll, _ = goja.AssertFunction(h.promise.(*goja.Object).Get("all"))
	h.errors = map[string]goja.Value{}
	for _, name := range []string{"Error", "TypeError", "SyntaxError"} {
		h.errors[name] = global.Get(name)
	}
}
