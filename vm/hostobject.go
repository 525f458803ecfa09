package vm

import (
	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// Objects of the host, such as the port of a channel, travel only between threads of one process: the bytes hold a name
// and data, and whoever decodes makes the object of them. Whatever those refer to by number travels beside the bytes.

// hosted encodes o as an object of the host if EncodeOptions.Host says that it is one.
func (e *encoder) hosted(o *goja.Object) (bool, error) {
	if e.o.Host == nil {
		return false, nil
	}
	name, data, err := e.o.Host(o)
	if err != nil || name == "" {
		return false, err
	}
	e.number(o)
	if err := e.begin(value.KindHost, 2); err != nil {
		return false, err
	}
	defer e.leave(1)
	e.w.Str(name)
	return true, e.value(data)
}

// hosted reads an object of the host.
func (d *decoder) hosted() goja.Value {
	number := len(d.objects)
	d.add(nil)
	name := d.r.Str()
	data := d.value()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	if d.o.Host == nil {
		return d.fail("an object of another host")
	}
	o, err := d.o.Host(name, data)
	if err != nil {
		return d.refuse(err)
	}
	d.objects[number] = o
	return o
}
