package loader

import (
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"supercluster/js"
	"supercluster/vm"
)

// GlobalPaths are the folders where require looks for a package after every node_modules folder: those of NODE_PATH,
// two in the home folder, and one beside the program at exec (https://nodejs.org/api/modules.html, "Loading from the
// global folders"). env returns an environment variable, or "".
func GlobalPaths(env func(string) string, exec string) []string {
	home, prefix := env("HOME"), filepath.Dir(filepath.Dir(exec))
	if runtime.GOOS == "windows" {
		home, prefix = env("USERPROFILE"), filepath.Dir(exec)
	}
	var paths []string
	for _, dir := range filepath.SplitList(env("NODE_PATH")) {
		if dir != "" {
			paths = append(paths, dir)
		}
	}
	if home != "" {
		paths = append(paths, filepath.Join(home, ".node_modules"), filepath.Join(home, ".node_libraries"))
	}
	return append(paths, filepath.Join(prefix, "lib", "node"))
}

// classProgram is loader_class.js, sourceMapProgram loader_source_map.js, each compiled once per process.
var (
	classProgram     = sync.OnceValue(func() *goja.Program { return ourProgram("loader_class") })
	sourceMapProgram = sync.OnceValue(func() *goja.Program { return ourProgram("loader_source_map") })
)

func ourProgram(name string) *goja.Program {
	source, _ := js.Source(name)
	p, err := vm.Compile("sc:internal/"+name, source, false)
	if err != nil {
		panic(err)
	}
	return p
}

// completeModule gives the class Module what only scripts need that ask for it by name.
func (l *Loader) completeModule() error {
	if l.completed {
		return nil
	}
	l.completed = true
	v, err := l.rt.RunProgram(classProgram())
	if err != nil {
		return err
	}
	complete, _ := goja.AssertFunction(v)
	_, err = complete(goja.Undefined(), l.js.moduleClass, l.classHost())
	return err
}

// classHost is the native half of loader_class.js.
func (l *Loader) classHost() *goja.Object {
	o := l.rt.NewObject()
	l.set(o, "globalPaths", func(goja.FunctionCall) goja.Value { return l.array(l.cfg.GlobalPaths) })
	l.set(o, "initPaths", func(goja.FunctionCall) goja.Value {
		l.cfg.GlobalPaths = l.pathsOfProcess()
		return l.array(l.cfg.GlobalPaths)
	})
	l.set(o, "lookupPaths", func(c goja.FunctionCall) goja.Value {
		if m := l.moduleOf(c.Argument(1)); m != nil {
			return l.resolvePaths(m.dir, l.text("request", c.Argument(0)))
		}
		return l.array(l.cfg.GlobalPaths)
	})
	l.set(o, "findPath", func(c goja.FunctionCall) goja.Value {
		var dirs []string
		if list, ok := c.Argument(1).(*goja.Object); ok && l.rt.ExportTo(list, &dirs) != nil {
			return goja.Undefined()
		}
		return l.findPath(l.text("request", c.Argument(0)), dirs)
	})
	l.set(o, "stat", func(c goja.FunctionCall) goja.Value { // 0: a file, 1: a folder, less: nothing
		path := l.text("path", c.Argument(0))
		switch {
		case isDir(path):
			return l.rt.ToValue(1)
		case isFile(path):
			return l.rt.ToValue(0)
		}
		return l.rt.ToValue(-2)
	})
	l.set(o, "packageJSON", func(c goja.FunctionCall) goja.Value {
		return l.findPackageJSON(l.text("specifier", c.Argument(0)), c.Argument(1))
	})
	l.set(o, "runMain", func(c goja.FunctionCall) goja.Value {
		if err := l.run(l.mainPath); err != nil {
			raise(err)
		}
		return goja.Undefined()
	})
	l.set(o, "sourceMap", func(goja.FunctionCall) goja.Value {
		v, err := l.rt.RunProgram(sourceMapProgram())
		if err != nil {
			raise(err)
		}
		return v
	})
	return o
}

// pathsOfProcess is GlobalPaths of process.env as it is now.
func (l *Loader) pathsOfProcess() []string {
	process, ok := l.globalValue("process").(*goja.Object)
	if !ok {
		return nil
	}
	env, _ := process.Get("env").(*goja.Object)
	return GlobalPaths(func(name string) string {
		if env == nil || env.Get(name) == nil || goja.IsUndefined(env.Get(name)) {
			return ""
		}
		return env.Get(name).String()
	}, process.Get("execPath").String())
}

// findPath is Module._findPath: the file that spec means in one of the folders dirs, or undefined.
func (l *Loader) findPath(spec string, dirs []string) goja.Value {
	if filepath.IsAbs(spec) {
		dirs = []string{""}
	}
	for _, dir := range dirs {
		path := spec
		if dir != "" {
			path = joinPath(dir, spec)
		}
		if t, err := l.find(spec, path, request{dir: dir, exts: l.hookExts()}); err == nil {
			return l.rt.ToValue(t)
		}
	}
	return goja.Undefined()
}

// findPackageJSON is the path of the package.json that spec, seen from the file base, belongs to, or undefined: of the
// package itself if spec is its name, else the nearest above the file.
func (l *Loader) findPackageJSON(spec string, base goja.Value) goja.Value {
	from := ""
	if base != nil && !goja.IsUndefined(base) {
		if o, ok := base.(*goja.Object); ok && o.Get("href") != nil { // a URL
			base = o.Get("href")
		}
		from = l.pathFrom(l.text("base", base))
	}
	if strings.HasPrefix(spec, "file:") || filepath.IsAbs(spec) || isRelative(spec) {
		path := l.pathFrom(spec)
		if isRelative(spec) {
			path = joinPath(filepath.Dir(from), spec)
		}
		path = filepath.Clean(path)
		if isDir(path) {
			path = filepath.Join(path, "x")
		}
		if p := l.scopeOf(path); p != nil {
			return l.rt.ToValue(filepath.Join(p.dir, "package.json"))
		}
		return goja.Undefined()
	}
	name, _, ok := splitName(spec)
	if ok && from != "" {
		for _, dir := range modulePaths(filepath.Dir(from)) {
			if p := l.packageAt(filepath.Join(dir, filepath.FromSlash(name))); p != nil {
				return l.rt.ToValue(filepath.Join(p.realDir(l), "package.json"))
			}
		}
	}
	return goja.Undefined()
}

// realDir is the package's folder without symbolic links.
func (p *pkg) realDir(l *Loader) string { return l.realpath(p.dir) }

// pathFrom is a path that may be written as a file: URL.
func (l *Loader) pathFrom(text string) string {
	if !strings.HasPrefix(text, "file:") {
		return text
	}
	path, err := pathOfURL(text)
	if err != nil {
		raise(l.scriptError(err))
	}
	return path
}

// warn is process.emitWarning.
func (l *Loader) warn(message, kind, code string) {
	process, ok := l.globalValue("process").(*goja.Object)
	if !ok {
		return
	}
	if emit, ok := goja.AssertFunction(process.Get("emitWarning")); ok {
		_, _ = emit(process, l.rt.ToValue(message), l.rt.ToValue(kind), l.rt.ToValue(code))
	}
}

// warnOfMain tells, once a package, that its main names no file, and that its index is used instead.
func (l *Loader) warnOfMain(p *pkg) {
	if l.wrongMains[p.dir] {
		return
	}
	l.wrongMains[p.dir] = true
	l.warn("Invalid 'main' field in '"+filepath.Join(p.dir, "package.json")+"' of '"+p.main+
		"'. Please either fix that or report it to the module author", "DeprecationWarning", "DEP0128")
}
