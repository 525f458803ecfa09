package jsapi

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dop251/goja"

	"supercluster/pkg/spell"
)

// An optionError is a fault of what a script gave; JavaScript sees it as a
// TypeError with the code.
type optionError struct{ code, text string }

func (e *optionError) Error() string { return e.text }

func badOption(format string, args ...any) error {
	return &optionError{"ERR_INVALID_ARG_VALUE", fmt.Sprintf(format, args...)}
}

// A field reads one option. path names it for errors: `createWorker: option "port"`.
type field func(path string, v goja.Value) error

// readOptions gives each own property of v to the field of its name. A name
// that no field has is an error that says which was meant.
func readOptions(rt *goja.Runtime, call string, v goja.Value, fields map[string]field) error {
	if isMissing(v) {
		return nil
	}
	obj, ok := v.(*goja.Object)
	if !ok || isFunction(v) || obj.ClassName() == "Array" {
		return badOption("%s: the options must be an object, not %s", call, describe(v))
	}
	for _, name := range obj.Keys() {
		read, ok := fields[name]
		if !ok {
			return unknownOption(call, name, fields)
		}
		value := obj.Get(name)
		if goja.IsUndefined(value) {
			continue
		}
		if err := read(fmt.Sprintf("%s: option %q", call, name), value); err != nil {
			return err
		}
	}
	return nil
}

func unknownOption(call, name string, fields map[string]field) error {
	known := make([]string, 0, len(fields))
	for f := range fields {
		known = append(known, f)
	}
	slices.Sort(known)
	if near := spell.Nearest(name, known); near != "" {
		return badOption("%s: unknown option %q; did you mean %q?", call, name, near)
	}
	return badOption("%s: unknown option %q; there are %s", call, name, quoted(known))
}

func quoted(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			text += " and "
		default:
			text += ", "
		}
		text += fmt.Sprintf("%q", w)
	}
	return text
}

func isMissing(v goja.Value) bool {
	return v == nil || goja.IsUndefined(v) || goja.IsNull(v)
}

func isFunction(v goja.Value) bool {
	_, ok := goja.AssertFunction(v)
	return ok
}

// describe says in words what kind of value v is.
func describe(v goja.Value) string {
	switch {
	case v == nil || goja.IsUndefined(v):
		return "undefined"
	case goja.IsNull(v):
		return "null"
	case isFunction(v):
		return "a function"
	}
	if obj, ok := v.(*goja.Object); ok {
		if obj.ClassName() == "Array" {
			return "an array"
		}
		return "an object"
	}
	if s, ok := v.Export().(string); ok {
		return fmt.Sprintf("the string %q", s)
	}
	return v.String()
}

func stringField(to *string) field {
	return func(path string, v goja.Value) error {
		s, ok := v.Export().(string)
		if !ok {
			return badOption("%s must be a string, not %s", path, describe(v))
		}
		*to = s
		return nil
	}
}

func boolField(to *bool) field {
	return func(path string, v goja.Value) error {
		b, ok := v.Export().(bool)
		if !ok {
			return badOption("%s must be true or false, not %s", path, describe(v))
		}
		*to = b
		return nil
	}
}

// intField takes a whole number from lo to hi.
func intField(to *int, lo, hi int) field {
	return func(path string, v goja.Value) error {
		n, ok := number(v)
		if !ok || n != math.Trunc(n) || n < float64(lo) || n > float64(hi) {
			return badOption("%s must be a whole number from %d to %d, not %s", path, lo, hi, describe(v))
		}
		*to = int(n)
		return nil
	}
}

// durationField takes milliseconds, or text such as "30s".
func durationField(to *time.Duration) field {
	return func(path string, v goja.Value) error {
		if n, ok := number(v); ok && n >= 0 && n <= math.MaxInt32 {
			*to = time.Duration(n * float64(time.Millisecond))
			return nil
		}
		if s, ok := v.Export().(string); ok {
			if d, err := time.ParseDuration(s); err == nil && d >= 0 {
				*to = d
				return nil
			}
		}
		return badOption("%s must be milliseconds or a duration such as \"30s\", not %s", path, describe(v))
	}
}

// jsonField takes any value that JSON can hold.
func jsonField(rt *goja.Runtime, to *json.RawMessage) field {
	return func(path string, v goja.Value) error {
		text, err := marshalJSON(v)
		if err != nil {
			return badOption("%s must be a JSON value: %v", path, err)
		}
		*to = text
		return nil
	}
}

func number(v goja.Value) (float64, bool) {
	switch n := v.Export().(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// marshalJSON is JSON.stringify; what that leaves out, such as a function, is
// an error.
func marshalJSON(v goja.Value) (json.RawMessage, error) {
	obj, ok := v.(*goja.Object)
	if !ok {
		return json.Marshal(v.Export())
	}
	if isFunction(v) {
		return nil, fmt.Errorf("a function is none")
	}
	return obj.MarshalJSON()
}
