package loader

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"
)

// stdinName is the file name of a main module that is read from standard input, as in Node.js.
const stdinName = "[stdin]"

// Run runs the main module at path: CommonJS or an ES module, in JavaScript or TypeScript; "-" is the text on
// Config.Stdin. The error is what the module threw, or why it could not be found or compiled, as a *goja.Exception.
// A module with a top-level await goes on after Run returned; see Config.Uncaught and Pending.
func (l *Loader) Run(path string) error {
	l.mainPath = path
	err := l.exception(l.runMain())
	errors.As(err, &l.thrown)
	return err
}

// runMain is Module.runMain, which a module loaded before the main one may have replaced.
func (l *Loader) runMain() error {
	if l.completed {
		if fn, ok := goja.AssertFunction(l.js.moduleClass.Get("runMain")); ok {
			_, err := fn(l.js.moduleClass)
			return err
		}
	}
	return l.run(l.mainPath)
}

func (l *Loader) run(path string) error {
	m, err := l.mainModule(path)
	if err != nil {
		return err
	}
	if m.esm == nil {
		id := "."
		if m.stdin {
			id = l.cfg.StdinName
		}
		return l.runCommonJS(m, id)
	}
	if err := l.link(m); err != nil {
		return err
	}
	promise, err := l.evaluate(m)
	if promise == nil || err != nil {
		return err
	}
	l.pending = true
	l.then(promise, func(goja.Value) { l.pending = false }, func(v goja.Value) {
		l.pending = false
		err := l.exception(&thrown{v})
		if l.cfg.Uncaught != nil {
			l.cfg.Uncaught(err)
			return
		}
		l.loop.Report(err)
	})
	return nil
}

// mainModule finds and compiles the main module.
func (l *Loader) mainModule(path string) (*module, error) {
	if path == "-" {
		return l.stdinModule()
	}
	file, err := l.MainFile(path)
	if err != nil {
		return nil, err
	}
	m := l.newModule(file, nil)
	l.main = m
	if l.isScript(file) {
		text, err := readText(file)
		if err != nil {
			return nil, l.scriptError(err)
		}
		if err := l.open(m, text, l.dialectOf(file)); err != nil {
			return nil, err
		}
	}
	l.known[file] = m
	return m, nil
}

// MainFile is the path that Run(path) will run, as process.argv[1] has it. The error is one that Describe explains.
func (l *Loader) MainFile(path string) (string, error) {
	if path == "-" {
		return "-", nil
	}
	if !filepath.IsAbs(path) {
		path = joinPath(l.dir(), path)
	}
	file, err := l.find(path, path, request{dir: l.dir()})
	if err != nil {
		return "", l.exception(l.requireError(err, nil))
	}
	return file, nil
}

// stdinModule reads the main module from standard input. Its extension is unknown, so it is JavaScript, or if that
// does not parse, TypeScript.
func (l *Loader) stdinModule() (*module, error) {
	data, err := io.ReadAll(l.cfg.Stdin)
	if err != nil {
		return nil, l.scriptError(&ioError{code: "EIO", path: l.cfg.StdinName, err: err})
	}
	m := l.newModule(filepath.Join(l.dir(), l.cfg.StdinName), nil)
	m.stdin = true
	u, err := l.compile(m.file, string(data), dialect{loader: api.LoaderJS})
	if err != nil {
		ts, tsErr := l.compile(m.file, string(data), dialect{loader: api.LoaderTS, lower: true, ts: true})
		if tsErr != nil {
			return nil, l.scriptError(err)
		}
		u, m.babel = ts, true
	}
	m.unit = u
	if u.esm {
		m.esm = &esmState{}
	}
	l.known[m.file] = m
	return m, nil
}

// Pending reports whether the main module still waits at a top-level await: if the loop has run out of work
// then, it waits for ever, and Node.js ends with status 13.
func (l *Loader) Pending() bool { return l.pending }

// Require loads a module as require would in a file of the folder dir.
func (l *Loader) Require(dir, id string) (goja.Value, error) {
	m := l.newModule(filepath.Join(dir, "noop.js"), nil)
	v, err := l.load(m, id)
	return v, l.exception(err)
}

func (l *Loader) dir() string {
	if l.cfg.Dir != "" {
		return l.cfg.Dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return string(filepath.Separator)
	}
	return dir
}
