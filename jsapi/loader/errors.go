package loader

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// thrown is a JavaScript value on its way through Go code.
type thrown struct{ value goja.Value }

func (t *thrown) Error() string { return fmt.Sprint("thrown: ", t.value.String()) }

// raise throws err into the running JavaScript. For native functions only.
func raise(err error) {
	var (
		t  *thrown
		ex *goja.Exception
	)
	switch {
	case errors.As(err, &t):
		panic(t.value)
	case errors.As(err, &ex):
		panic(ex)
	}
	panic(err) // an interrupt or a stack overflow, which goja takes as it is
}

// valueOf is the JavaScript value of err; false if err is none that JavaScript may see, such as an interrupt.
func (l *Loader) valueOf(err error) (goja.Value, bool) {
	var (
		t  *thrown
		ex *goja.Exception
	)
	switch {
	case errors.As(err, &t):
		return t.value, true
	case errors.As(err, &ex):
		return ex.Value(), true
	}
	return nil, false
}

// exception is err as a *goja.Exception, if it can be one.
func (l *Loader) exception(err error) error {
	var t *thrown
	if !errors.As(err, &t) {
		return err
	}
	if ex := l.rt.Try(func() { panic(t.value) }); ex != nil {
		return ex
	}
	return err
}

// newError makes an error of the class ("Error", "TypeError", "SyntaxError") with a code, if it has one.
func (l *Loader) newError(class, code, msg string) *goja.Object {
	o, err := l.rt.New(l.js.errors[class], l.rt.ToValue(msg))
	if err != nil {
		panic(err) // an intrinsic constructor, a string
	}
	if code != "" {
		l.set(o, "code", code)
	}
	return o
}

func (l *Loader) set(o *goja.Object, name string, v any) {
	if err := o.Set(name, v); err != nil {
		raise(err)
	}
}

// requireError makes Node's error of what resolve returned to a require in m.
func (l *Loader) requireError(err error, m *module) error {
	nf, missing := err.(*errNotFound)
	if !missing {
		return l.scriptError(err)
	}
	stack := requireStack(m)
	if nf.main != "" {
		o := l.newError("Error", "MODULE_NOT_FOUND", fmt.Sprintf("Cannot find module '%s'. Please verify that the package.json has a valid \"main\" entry", nf.file))
		l.set(o, "path", nf.main)
		l.set(o, "requestPath", nf.spec)
		return &thrown{o}
	}
	msg := "Cannot find module '" + nf.spec + "'"
	if len(stack) > 0 {
		msg += "\nRequire stack:\n- " + strings.Join(stack, "\n- ")
	}
	o := l.newError("Error", "MODULE_NOT_FOUND", msg)
	l.set(o, "requireStack", l.array(stack))
	return &thrown{o}
}

// importError makes Node's error of what resolve returned to an import in m.
func (l *Loader) importError(err error, m *module) error {
	nf, missing := err.(*errNotFound)
	if !missing {
		return l.scriptError(err)
	}
	from := ""
	if m != nil {
		from = " imported from " + m.file
	}
	if nf.file == "" {
		name, _, ok := splitName(nf.spec)
		if !ok {
			return &thrown{l.newError("TypeError", "ERR_INVALID_MODULE_SPECIFIER", fmt.Sprintf("Invalid module %q is not a valid package name%s", nf.spec, from))}
		}
		return &thrown{l.newError("Error", "ERR_MODULE_NOT_FOUND", fmt.Sprintf("Cannot find package '%s'%s", name, from))}
	}
	if isDir(nf.file) {
		return &thrown{l.newError("Error", "ERR_UNSUPPORTED_DIR_IMPORT", fmt.Sprintf("Directory import '%s' is not supported resolving ES modules%s", nf.file, from))}
	}
	o := l.newError("Error", "ERR_MODULE_NOT_FOUND", fmt.Sprintf("Cannot find module '%s'%s", nf.file, from))
	l.set(o, "url", urlOfPath(nf.file))
	return &thrown{o}
}

// scriptError makes an error that JavaScript can catch of one of ours; others go through.
func (l *Loader) scriptError(err error) error {
	switch e := err.(type) {
	case *resolveError:
		class := "Error"
		if e.typ {
			class = "TypeError"
		}
		return &thrown{l.newError(class, e.code, e.msg)}
	case *SyntaxError:
		return &thrown{l.syntaxObject(e)}
	case *ioError:
		o := l.newError("Error", e.code, e.Error())
		l.set(o, "path", e.path)
		return &thrown{o}
	}
	return err
}

// builtinError makes an error that JavaScript can catch of one of Config.Builtin.
func (l *Loader) builtinError(err error) error {
	if err == nil {
		return nil
	}
	var stop *goja.InterruptedError
	if errors.As(err, &stop) {
		return err
	}
	return &thrown{vm.Thrown(l.rt, err)}
}

// requireStack is the files that required m, m first.
func requireStack(m *module) (stack []string) {
	seen := map[*module]bool{}
	for ; m != nil && !seen[m]; m = m.parent {
		seen[m] = true
		stack = append(stack, m.file)
	}
	return stack
}

func (l *Loader) array(list []string) *goja.Object {
	vals := make([]any, len(list))
	for i, s := range list {
		vals[i] = l.rt.ToValue(s)
	}
	return l.rt.NewArray(vals...)
}

// ioError is a file that is there but cannot be read.
type ioError struct {
	code, path string
	err        error
}

func (e *ioError) Error() string { return e.code + ": " + e.err.Error() }
