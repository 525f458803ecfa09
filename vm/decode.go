package vm

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

const (
	// maxFunctions is how deep functions may hold functions in their captures.
	maxFunctions = 100
	// maxKeys is how many property names a decoder remembers so as not to make a string of each again.
	maxKeys = 1024
)

var errFunctionRefused = errors.New("a function is not allowed here")

// DecodeOptions say what Decode takes.
type DecodeOptions struct {
	Functions bool         // functions are compiled; else they are an error
	Limits    value.Limits // see there for the defaults
	// Compile returns the program of a function, perhaps from a cache; nil means Function.Compile.
	Compile func(f *Function) (*goja.Program, error)
	// MapStack rewrites the stacks of errors for the reader at this end; nil leaves them.
	MapStack func(stack string) string
	// Host makes the object that EncodeOptions.Host gave a name and data for; nil: such an object is an error.
	Host func(name string, data goja.Value) (*goja.Object, error)
	// Owned says that nobody else uses the bytes any more: large binary values then are parts of them, not copies.
	Owned bool

	regexps func()      // called before a RegExp is made whose pattern has to be translated; may be nil
	depth   int         // functions around this value
	parts   []*Function // the code that captured values refer to
}

// Decode makes the value that Encode wrote, in rt. Bytes that are none are an error, a *value.FormatError unless they
// ask for something that rt refuses; it never panics, and what it allocates is in proportion to len(b). Nothing of the
// value's own runs, and no prototype that a script may have changed is called. It belongs to the goroutine of rt.
func Decode(rt *goja.Runtime, b []byte, o DecodeOptions) (v goja.Value, err error) {
	if o.depth > maxFunctions {
		return nil, &value.FormatError{What: "functions nested too deep"}
	}
	d := decoder{rt: rt, r: value.NewReader(b, o.Limits), o: o}
	err = protect(rt, func() error {
		v = d.value()
		if d.err != nil {
			return d.err
		}
		return d.r.End()
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// decoder is the state of one Decode. Its methods return undefined after an error.
type decoder struct {
	rt      *goja.Runtime
	r       *value.Reader
	o       DecodeOptions
	objects []*goja.Object // by number; unread for an array that is being read, nil for what cannot be referred to yet
	stack   []any          // elements of the arrays that are open
	keys    map[string]string
	realm   *realm
	regexps int                        // what the RegExps have cost so far
	err     error                      // what rt refused
	bases   map[*Function]goja.Value   // modules that captured values refer to
	pending map[int][]func(goja.Value) // what waits for classes that are being made, by number
}

// unread stands for an array while its elements are read and none has referred to it.
var unread = new(goja.Object)

// hole stands on the stack for so many missing elements.
type hole uint32

// refuse notes an error that is not one of the format.
func (d *decoder) refuse(err error) goja.Value {
	if d.err == nil && d.r.Err() == nil {
		d.err = err
	}
	d.r.Fail(err.Error())
	return goja.Undefined()
}

func (d *decoder) fail(what string) goja.Value {
	d.r.Fail(what)
	return goja.Undefined()
}

// value reads the next value.
func (d *decoder) value() goja.Value {
	switch t := d.r.Type(); t {
	case value.Nil:
		d.r.Nil()
		return goja.Null()
	case value.Bool:
		return d.rt.ToValue(d.r.Bool())
	case value.Int:
		return d.rt.ToValue(d.r.Int())
	case value.Uint, value.Float:
		return d.rt.ToValue(d.r.Number())
	case value.Str:
		return d.rt.ToValue(d.r.Str())
	case value.Bin:
		return d.bytes()
	case value.Map:
		return d.object()
	case value.Array:
		if k := d.r.PeekContainer(); k != 0 {
			return d.container(k)
		}
		return d.array()
	case value.Ext:
		return d.leaf()
	default:
		return d.fail(t.String() + ", want a value")
	}
}

// add gives o the next number.
func (d *decoder) add(o *goja.Object) *goja.Object {
	d.objects = append(d.objects, o)
	return o
}

// leaf reads an extension by itself.
func (d *decoder) leaf() goja.Value {
	switch k, p := d.r.Ext(); {
	case k == value.KindUndefined && len(p) == 0:
		return goja.Undefined()
	case k == value.KindDate && len(p) == 8:
		return d.date(math.Float64frombits(binary.BigEndian.Uint64(p)))
	case k == value.KindBigInt && len(p) >= 1 && p[0] <= 1:
		n := new(big.Int).SetBytes(p[1:])
		if p[0] == 1 {
			n.Neg(n)
		}
		return d.rt.ToValue(n)
	case k == value.KindBuffer:
		return d.add(d.buffer(p))
	case k == value.KindReference && len(p) == 4:
		return d.reference(binary.BigEndian.Uint32(p))
	case k == value.KindString && len(p)%2 == 0:
		return utf16Value(p)
	case k == value.KindNumbers && len(p) >= 1:
		return d.numbers(p[0], p[1:])
	}
	return d.fail("extension that is no value")
}

func utf16Value(p []byte) goja.String {
	units := make([]uint16, len(p)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(p[2*i:])
	}
	return goja.StringFromUTF16(units)
}

// reference returns the object that has the number n.
func (d *decoder) reference(n uint32) goja.Value {
	if uint64(n) >= uint64(len(d.objects)) {
		return d.fail("reference to an object that has not come yet")
	}
	switch o := d.objects[n]; o {
	case nil:
		return d.fail("reference to an object from inside it")
	case unread:
		d.objects[n] = d.rt.NewArray()
	}
	return d.objects[n]
}

// construct calls a constructor of the runtime.
func (d *decoder) construct(name string, args ...goja.Value) *goja.Object {
	if d.realm == nil {
		d.realm = realmOf(d.rt)
	}
	c, err := d.realm.ctor(name)
	if err == nil {
		var o *goja.Object
		if o, err = d.rt.New(c, args...); err == nil {
			return o
		}
	}
	d.refuse(err)
	return d.rt.NewObject()
}

func (d *decoder) date(ms float64) goja.Value {
	return d.add(d.construct("Date", d.rt.ToValue(ms)))
}

// object reads a plain object.
func (d *decoder) object() goja.Value {
	o := d.add(d.rt.NewObject())
	d.properties(o, goja.FLAG_TRUE)
	return o
}

// properties reads a map into o. The properties are defined, not assigned: no setter runs, and __proto__ is a name
// like others.
func (d *decoder) properties(o *goja.Object, enumerable goja.Flag) {
	n := d.r.MapLen()
	var order keyOrder
	for i := 0; i < n && d.r.Err() == nil; i++ {
		if d.r.PeekExt() == value.KindString {
			_, p := d.r.Ext()
			d.defineOdd(o, utf16Value(p), d.value())
			continue
		}
		key := d.key()
		if !order.take(i, key) {
			d.fail("object with too many indices out of order")
			return
		}
		d.define(o, key, d.value(), enumerable)
	}
}

// maxMoves bounds what goja does when it sorts the indices among an object's keys to the front, by insertion.
const maxMoves = 10_000_000

// keyOrder counts that work. A value that an engine wrote has its keys in order and causes none.
type keyOrder struct {
	next, moves int // the least index that is in order
	names       bool
}

// take notes the i-th key; false means that there was too much work.
func (k *keyOrder) take(i int, key string) bool {
	if key == "" || key[0] < '0' || key[0] > '9' {
		k.names = true
		return true
	}
	index, ok := arrayIndex(key)
	switch {
	case !ok:
		k.names = true
	case k.names || index < k.next:
		k.moves += i
	default:
		k.next = index + 1
	}
	return k.moves <= maxMoves
}

func (d *decoder) define(o *goja.Object, key string, v goja.Value, enumerable goja.Flag) {
	if d.r.Err() != nil {
		return
	}
	if err := o.DefineDataProperty(key, v, goja.FLAG_TRUE, goja.FLAG_TRUE, enumerable); err != nil {
		d.refuse(err)
	}
}

// defineOdd defines a property whose name no Go string can hold.
func (d *decoder) defineOdd(o *goja.Object, key, v goja.Value) {
	desc := d.rt.CreateObject(nil)
	for name, v := range map[string]goja.Value{"value": v, "writable": d.rt.ToValue(true), "enumerable": d.rt.ToValue(true),
		"configurable": d.rt.ToValue(true)} {
		d.define(desc, name, v, goja.FLAG_TRUE)
	}
	builtins.reflectDefine(goja.FunctionCall{Arguments: []goja.Value{o, key, desc}})
}

// key reads a property name.
func (d *decoder) key() string {
	b := d.r.StrBytes()
	if s, ok := d.keys[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(d.keys) < maxKeys && len(s) < 64 {
		if d.keys == nil {
			d.keys = make(map[string]string)
		}
		d.keys[s] = s
	}
	return s
}

// array reads a plain array. It is made when its elements are there; if one of them refers to it, then before, empty.
func (d *decoder) array() goja.Value {
	number := len(d.objects)
	d.add(unread)
	base, gaps := len(d.stack), false
	for n := d.r.ArrayLen(); n > 0 && d.r.Err() == nil; n-- {
		if d.r.PeekExt() == value.KindHole {
			gaps = true
			if _, p := d.r.Ext(); len(p) == 4 {
				d.stack = append(d.stack, hole(binary.BigEndian.Uint32(p)))
			} else {
				d.fail("hole without a length")
			}
			continue
		}
		d.stack = append(d.stack, d.value())
	}
	items := d.stack[base:]
	o := d.objects[number]
	switch {
	case d.r.Err() != nil:
		return goja.Undefined()
	case o == unread && !gaps:
		o = d.rt.NewArray(items...)
	case o == unread:
		o = d.rt.NewArray()
		fallthrough
	default:
		d.fill(o, items)
	}
	d.objects[number] = o
	clear(items)
	d.stack = d.stack[:base]
	return o
}

// fill gives an empty array its elements and its length.
func (d *decoder) fill(o *goja.Object, items []any) {
	length := uint64(0)
	for _, item := range items {
		if run, ok := item.(hole); ok {
			length += uint64(run)
			continue
		}
		if length >= math.MaxUint32 {
			break
		}
		d.define(o, indexKey(int(length)), item.(goja.Value), goja.FLAG_TRUE)
		length++
	}
	d.setLength(o, length)
}

func (d *decoder) setLength(o *goja.Object, length uint64) {
	if length > math.MaxUint32 {
		d.fail("array longer than 2^32-1")
		return
	}
	err := o.DefineDataProperty("length", d.rt.ToValue(length), goja.FLAG_NOT_SET, goja.FLAG_NOT_SET, goja.FLAG_NOT_SET)
	if err != nil {
		d.refuse(err)
	}
}

// numbers makes the array of a KindNumbers block.
func (d *decoder) numbers(width byte, p []byte) goja.Value {
	if numberAt(p, int(width)) == nil || len(p)%int(width) != 0 {
		return d.fail("block of numbers of unknown form")
	}
	base := len(d.stack)
	for ; len(p) > 0; p = p[width:] {
		d.stack = append(d.stack, numberAt(p, int(width)))
	}
	o := d.add(d.rt.NewArray(d.stack[base:]...))
	clear(d.stack[base:])
	d.stack = d.stack[:base]
	return o
}
