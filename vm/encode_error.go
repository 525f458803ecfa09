package vm

import (
	"slices"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// hiddenOfError are the properties that Error constructors make without showing them in a loop.
var hiddenOfError = []string{"cause", "errors"}

// error encodes an Error: name, message, stack, and all own properties that can be sent. Those that cannot are left
// out, since an Error that arrives without its socket is worth more than none.
func (e *encoder) error(o *goja.Object) error {
	e.number(o)
	if err := e.enter(2); err != nil {
		return err
	}
	defer e.leave(2)
	e.w.Begin(value.KindError, 5)
	name, ok := e.property(o, "name").(goja.String)
	if !ok || name.Length() == 0 {
		name = goja.StringFromUTF16([]uint16{'E', 'r', 'r', 'o', 'r'})
	}
	e.str(name)
	e.message(o)
	if stack, ok := e.property(o, "stack").(goja.String); ok {
		e.str(e.rt.ToValue(CleanStack(stack.String())).(goja.String))
	} else {
		e.w.Nil()
	}
	var shown []string
	if e.rt.Try(func() { shown = o.Keys() }) != nil {
		shown = nil // goja makes the stack here, which name and message can spoil
	}
	shown = slices.DeleteFunc(shown, func(k string) bool { return k == "name" || k == "message" || k == "stack" })
	hidden := slices.DeleteFunc(slices.Clone(hiddenOfError), func(k string) bool {
		return slices.Contains(shown, k) || !e.has(o, k)
	})
	if err := e.sendable(o, hidden); err != nil {
		return err
	}
	return e.sendable(o, shown)
}

func (e *encoder) has(o *goja.Object, key string) bool {
	return e.call(builtins.hasOwn, o, e.rt.ToValue(key)).ToBoolean()
}

// message encodes the message of an error as a string, or nil if it has none.
func (e *encoder) message(o *goja.Object) {
	m := e.property(o, "message")
	own := e.has(o, "message")
	if s, ok := m.(goja.String); ok && (own || s.Length() > 0) {
		e.str(s)
		return
	}
	if !own || m == nil || goja.IsUndefined(m) {
		e.w.Nil()
		return
	}
	text := ""
	if e.rt.Try(func() { text = m.String() }) != nil {
		text = "[a message that cannot be shown]"
	}
	e.str(e.rt.ToValue(text).(goja.String))
}

// property returns a property of an error, undefined if reading it throws.
func (e *encoder) property(o *goja.Object, key string) (v goja.Value) {
	if e.rt.Try(func() { v = o.Get(key) }) != nil {
		return goja.Undefined()
	}
	return v
}

// sendable encodes those of the properties that can be sent, as a map.
func (e *encoder) sendable(o *goja.Object, keys []string) error {
	var kept []string
	// What is not kept must leave no trace, and the map must know its size: encode aside, then take it over.
	outer := e.w
	e.w = value.NewWriter(nil)
	defer func() { e.w = outer }()
	for _, key := range keys {
		if lossy([]string{key}) {
			continue
		}
		mark, numbers, depth, path, stack := e.w.Len(), len(e.numbers), e.depth, len(e.path), len(e.stack)
		e.w.Str(key)
		var err error
		threw := e.rt.Try(func() { err = e.at(step{name: key, form: 'p'}, o.Get(key)) })
		if err == nil && threw == nil {
			kept = append(kept, key)
			continue
		}
		if e.w.Len() > e.o.MaxBytes {
			return err
		}
		e.w.Truncate(mark)
		for _, n := range e.numbers[numbers:] {
			delete(e.seen, n)
		}
		e.numbers, e.depth, e.path, e.stack = e.numbers[:numbers], depth, e.path[:path], e.stack[:stack]
	}
	outer.MapLen(len(kept))
	outer.Raw(e.w.Bytes())
	return e.size()
}
