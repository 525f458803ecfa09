package vm

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// errExit is the reason of the interrupt that Exit raises.
var errExit = errors.New("the loop was told to exit")

// errBreak is the reason of the interrupt that Break raises.
var errBreak = errors.New("the running callback was told to end")

var errNotFunction = errors.New("not a function")

// thrownError carries a JavaScript value as a Go error.
type thrownError struct{ value goja.Value }

func (e *thrownError) Error() string { return plainText(e.value) }

// Throw makes an error of a JavaScript value, for functions that return errors: Async rejects with the value itself.
func Throw(v goja.Value) error { return &thrownError{v} }

// Thrown returns the JavaScript value of err: of an exception, or of Throw. Any other error becomes an Error with
// its text. Goroutine of rt only.
func Thrown(rt *goja.Runtime, err error) goja.Value {
	var (
		value    *thrownError
		ex       *goja.Exception
		overflow *goja.StackOverflowError
	)
	switch {
	case errors.As(err, &value):
		return value.value
	case errors.As(err, &overflow):
		return overflowError(rt, overflow)
	case errors.As(err, &ex):
		return ex.Value()
	}
	return newError(rt, "Error", err.Error(), "")
}

// overflowError is V8's RangeError for goja's error, which JavaScript cannot catch.
func overflowError(rt *goja.Runtime, e *goja.StackOverflowError) goja.Value {
	const message = "Maximum call stack size exceeded"
	o := newError(rt, "RangeError", message, "ERR_TASK_STACK")
	setHidden(o, "stack", rt.ToValue("RangeError: "+message+formatFrames(e.Stack())))
	return o
}

// newError returns an Error object of the builtin class name; an unknown name becomes a property of a plain Error.
// It starts from an intrinsic error, because the global Error may have been replaced by the code that runs.
func newError(rt *goja.Runtime, name, message, code string) *goja.Object {
	o := rt.NewTypeError("%s", message)
	if name != "TypeError" {
		base := o.Prototype().Prototype()
		if proto := errorPrototype(rt, name); proto != nil {
			base = proto
		} else if name != "Error" {
			setHidden(o, "name", rt.ToValue(name))
		}
		_ = o.SetPrototype(base)
	}
	if code != "" {
		_ = o.Set("code", code)
	}
	return o
}

func errorPrototype(rt *goja.Runtime, name string) *goja.Object {
	var proto *goja.Object
	rt.Try(func() {
		if class, ok := rt.GlobalObject().Get(name).(*goja.Object); ok {
			proto, _ = class.Get("prototype").(*goja.Object)
		}
	})
	return proto
}

// argumentError is Node's complaint about an argument of the wrong type.
func argumentError(rt *goja.Runtime, name, want string, got goja.Value) *goja.Object {
	return newError(rt, "TypeError", fmt.Sprintf("The %q argument must be %s. Received %s", name, want, received(rt, got)),
		"ERR_INVALID_ARG_TYPE")
}

func received(rt *goja.Runtime, v goja.Value) string {
	switch {
	case v == nil || goja.IsUndefined(v):
		return "undefined"
	case goja.IsNull(v):
		return "null"
	}
	o, ok := v.(*goja.Object)
	if !ok {
		if s := v.ExportType(); s != nil && s.Kind().String() == "string" {
			return fmt.Sprintf("type string ('%s')", v.String())
		}
		kind := "number"
		switch v.Export().(type) {
		case bool:
			kind = "boolean"
		}
		return fmt.Sprintf("type %s (%s)", kind, v.String())
	}
	text := "an object"
	rt.Try(func() {
		if _, ok := goja.AssertFunction(o); ok {
			text = "function " + o.Get("name").String()
		} else if class, ok := o.Get("constructor").(*goja.Object); ok {
			text = "an instance of " + class.Get("name").String()
		}
	})
	return text
}

func setHidden(o *goja.Object, name string, v goja.Value) {
	_ = o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// isErrorLike is Node's test: an object with a stack of its own.
func isErrorLike(rt *goja.Runtime, v goja.Value) (is bool) {
	o, ok := v.(*goja.Object)
	if !ok {
		return false
	}
	rt.Try(func() { is = slices.Contains(o.GetOwnPropertyNames(), "stack") })
	return is
}

// plainText describes v without running any code of it.
func plainText(v goja.Value) string {
	switch v := v.(type) {
	case nil:
		return "undefined"
	case *goja.Object:
		return "#<" + v.ClassName() + ">"
	case *goja.Symbol:
		return "Symbol(" + v.String() + ")"
	}
	return strings.ToValidUTF8(v.String(), "\uFFFD")
}
