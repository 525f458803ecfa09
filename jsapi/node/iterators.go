package node

import (
	"reflect"
	"unsafe"

	"github.com/dop251/goja"
)

// previewIterator lists what an iterator of a Map or Set has yet to give, without moving it, for util.inspect:
// [pairs, item, …], pairs telling whether keys and values alternate. goja has no way to ask for it, so the fields are
// read by reflection; if they are not as they were when this was written, the answer is undefined, and the iterator is
// printed without its items.
func (n *Node) previewIterator(call goja.FunctionCall) (result goja.Value) {
	o, ok := call.Argument(0).(*goja.Object)
	if !ok {
		return goja.Undefined()
	}
	defer func() {
		if recover() != nil { // reflect panics where a field is missing or of another kind
			result = goja.Undefined()
		}
	}()
	self := reflect.ValueOf(o).Elem().FieldByName("self").Elem().Elem()
	kind := self.FieldByName("kind").Int()
	const keys, values, pairs = 0, 1, 2
	items := []any{kind == pairs}
	cursor := self.FieldByName("iter")
	if cursor.IsNil() { // it has ended
		return n.rt.NewArray(items...)
	}
	for e := firstEntry(cursor.Elem()); !e.IsNil(); e = e.Elem().FieldByName("iterNext") {
		key := entryValue(e, "key")
		if key == nil {
			continue // deleted meanwhile
		}
		switch kind {
		case keys:
			items = append(items, key)
		case values, pairs:
			value := entryValue(e, "value")
			if value == nil { // of a Set
				value = key
			}
			if kind == pairs {
				items = append(items, key)
			}
			items = append(items, value)
		}
	}
	return n.rt.NewArray(items...)
}

// firstEntry is the entry that the cursor, a goja.orderedMapIter, gives next.
func firstEntry(cursor reflect.Value) reflect.Value {
	entries := cursor.FieldByName("m")
	current := cursor.FieldByName("cur")
	if entries.IsNil() { // at its end
		return reflect.Zero(current.Type())
	}
	for !current.IsNil() && entryValue(current, "key") == nil {
		current = current.Elem().FieldByName("iterPrev")
	}
	if current.IsNil() {
		return entries.Elem().FieldByName("iterFirst")
	}
	return current.Elem().FieldByName("iterNext")
}

// entryValue reads a field of a goja.mapEntry; nil if it holds nothing.
func entryValue(entry reflect.Value, name string) goja.Value {
	field := entry.Elem().FieldByName(name)
	if field.Type() != reflect.TypeFor[goja.Value]() || field.IsNil() {
		return nil
	}
	// The field is not exported: only through its address may it be read as what it is.
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface().(goja.Value)
}
