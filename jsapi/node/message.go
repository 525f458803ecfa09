package node

import (
	"errors"
	"reflect"
	"slices"
	"strconv"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// A message is a value between two threads, or between two ports of one: bytes, and beside them what bytes cannot hold.
type message struct {
	bytes  []byte
	things []any // *portEnd, *memory, or what a native class travels as; by index
}

// memory is that of an ArrayBuffer that was transferred, or of a SharedArrayBuffer.
type memory struct {
	bytes  []byte
	shared bool
}

// cloneKeys are the symbols by which classes of js files say how their objects travel: value[clone](listed) returns
// {name, data}, value[moved]() is called when it has left. The name is a file and an export of it, which makes the
// object of the data: "blob:receive".
type cloneKeys struct{ clone, moved *goja.Symbol }

// carries says whether end travels in m.
func (m *message) carries(end *portEnd) bool { return slices.Contains(m.things, any(end)) }

// add gives a thing of m its number.
func (m *message) add(thing any) int {
	m.things = append(m.things, thing)
	return len(m.things) - 1
}

// encodeMessage makes a message of v. The objects of transfer, an array or undefined, leave this thread.
func (n *Node) encodeMessage(v, transfer goja.Value) (*message, error) {
	var list []*goja.Object
	if array, ok := transfer.(*goja.Object); ok {
		for i := range int(array.Get("length").ToInteger()) {
			list = append(list, array.Get(strconv.Itoa(i)).ToObject(n.rt))
		}
	}
	m := &message{}
	var err error
	m.bytes, err = vm.Encode(n.rt, v, vm.EncodeOptions{Path: "message", Host: func(o *goja.Object) (string, goja.Value, error) {
		return n.hostObject(m, o, slices.Contains(list, o))
	}})
	if err != nil {
		return nil, err
	}
	for _, o := range list {
		if err := n.leave(m, o); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// hostObject is vm.EncodeOptions.Host.
func (n *Node) hostObject(m *message, o *goja.Object, listed bool) (string, goja.Value, error) {
	if o.ExportType() == typeProxy {
		if o != n.env {
			return "", nil, nil
		}
		plain := n.rt.NewObject() // process.env: its data
		for _, name := range n.environment.list() {
			text, _ := n.environment.get(name)
			_ = plain.Set(name, text) // a new plain object refuses nothing
		}
		return "messaging:same", plain, nil
	}
	switch thing := o.Export().(type) {
	case goja.ArrayBuffer:
		if n.isShared(o) {
			return "native", n.rt.ToValue(m.add(&memory{thing.Bytes(), true})), nil
		}
		if listed {
			return "native", n.rt.ToValue(m.add(&memory{thing.Bytes(), false})), nil
		}
		return "", nil, nil
	}
	if o.ExportType().Kind() == reflect.Pointer && o.ClassName() == "Object" && o.ExportType() != typePromise {
		return "native", n.rt.ToValue(m.add(o.Export())), nil
	}
	method := o.GetSymbol(n.keys.clone)
	if method == nil {
		return "", nil, nil
	}
	clone, ok := goja.AssertFunction(method)
	if !ok {
		return "", nil, nil
	}
	v, err := clone(o, n.rt.ToValue(listed))
	if err != nil {
		return "", nil, err
	}
	desc := v.ToObject(n.rt)
	return desc.Get("name").String(), desc.Get("data"), nil
}

// leave takes a transferred object from this thread.
func (n *Node) leave(m *message, o *goja.Object) error {
	if b, ok := o.Export().(goja.ArrayBuffer); ok {
		b.Detach()
		return nil
	}
	v, err := n.messaging("moved", o)
	if err != nil {
		return err
	}
	if end, ok := v.Export().(*portEnd); ok && !m.carries(end) {
		m.add(end) // in the list and not in the value: the receiver finds it among the ports of the event
	}
	return nil
}

// messaging calls a function of js/messaging.js.
func (n *Node) messaging(name string, args ...goja.Value) (goja.Value, error) {
	v, err := n.member("messaging", name)
	if err != nil {
		return nil, err
	}
	fn, ok := goja.AssertFunction(v)
	if !ok {
		return nil, errors.New("js/messaging.js has no function " + name)
	}
	return fn(goja.Undefined(), args...)
}

// messageError is what an error of encoding or decoding is in JavaScript: a DataCloneError for what cannot travel.
func (n *Node) messageError(err error) goja.Value {
	var refused *vm.ValueError
	if !errors.As(err, &refused) {
		return vm.Thrown(n.rt, err)
	}
	value := refused.Value
	if value == nil {
		value = goja.Undefined()
	}
	v, callErr := n.messaging("refused", n.rt.ToValue(refused.What), value)
	if callErr != nil {
		return vm.Thrown(n.rt, callErr)
	}
	return v
}

// decodeMessage makes the value of m in this thread, and an array of the ports that came with it.
func (n *Node) decodeMessage(m *message) (v goja.Value, ports goja.Value, err error) {
	made := map[int]*goja.Object{}
	thing := func(i int) (*goja.Object, error) {
		if o := made[i]; o != nil {
			return o, nil
		}
		if i < 0 || i >= len(m.things) {
			return nil, errors.New("message refers to what is not there")
		}
		o, err := n.arrive(m.things[i])
		made[i] = o
		return o, err
	}
	v, err = vm.Decode(n.rt, m.bytes, vm.DecodeOptions{Host: func(name string, data goja.Value) (*goja.Object, error) {
		if name == "native" {
			return thing(int(data.ToInteger()))
		}
		return n.receive(name, data)
	}})
	if err != nil {
		return nil, nil, err
	}
	var list []any
	for i, t := range m.things {
		if _, ok := t.(*portEnd); ok {
			o, err := thing(i)
			if err != nil {
				return nil, nil, err
			}
			list = append(list, o)
		}
	}
	return v, n.rt.NewArray(list...), nil
}

// arrive makes the object of something that came beside the bytes.
func (n *Node) arrive(thing any) (*goja.Object, error) {
	switch t := thing.(type) {
	case *memory:
		return n.memoryObject(t)
	case *portEnd:
		return n.receive("messaging:portOf", n.rt.ToValue(t))
	}
	return n.rt.ToValue(thing).ToObject(n.rt), nil
}

// receive makes an object of a class of ours by its name and data.
func (n *Node) receive(name string, data goja.Value) (*goja.Object, error) {
	o, err := n.messaging("receive", n.rt.ToValue(name), data)
	if err != nil {
		return nil, err
	}
	return o.ToObject(n.rt), nil
}
