package vm

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// plainObject encodes the own enumerable properties of an object that is nothing more, or of a class instance.
func (e *encoder) plainObject(o *goja.Object) error {
	if proto := o.Prototype(); proto != nil && proto != e.plain {
		if e.call(builtins.isView, nil, o).ToBoolean() {
			return e.view(o, 0)
		}
		if what := e.unsendable(proto); what != "" {
			return e.fail("%s", what)
		}
		if e.pack != nil {
			if ok, err := e.instance(o, proto); ok {
				return err
			}
		}
	}
	e.number(o)
	return e.properties(o)
}

// unsendable returns why an object with this prototype cannot be sent, or "": iterators, generators and weak
// collections look like plain objects otherwise.
func (e *encoder) unsendable(proto *goja.Object) string {
	if what, ok := e.protos[proto]; ok {
		return what
	}
	if e.realm == nil {
		e.realm = realmOf(e.rt)
	}
	if e.protos == nil {
		e.protos = make(map[*goja.Object]string)
	}
	what := ""
	// A proxy as prototype may run scripts and have no end.
	for p, n := proto, 0; p != nil && n < 1000 && p.ExportType() != exportsProxy; p, n = p.Prototype(), n+1 {
		switch p {
		case e.realm.prototype("WeakMap"):
			what = "a WeakMap cannot be sent"
		case e.realm.prototype("WeakSet"):
			what = "a WeakSet cannot be sent"
		case e.realm.iteratorPrototype():
			what = "an iterator cannot be sent; make an array of it"
		}
	}
	e.protos[proto] = what
	return what
}

// properties encodes the own enumerable string-keyed properties of o as a map.
func (e *encoder) properties(o *goja.Object) error {
	if err := e.enter(1); err != nil {
		return err
	}
	defer e.leave(1)
	keys := o.Keys()
	if lossy(keys) {
		return e.oddProperties(o)
	}
	e.w.MapLen(len(keys))
	for _, key := range keys {
		e.w.Str(key)
		if err := e.at(step{name: key, form: 'p'}, o.Get(key)); err != nil {
			return err
		}
	}
	return e.size()
}

// lossy reports whether a key may hold a lone surrogate, which a Go string cannot.
func lossy(keys []string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return strings.Contains(k, "\uFFFD") })
}

// oddProperties is properties with keys as JavaScript has them.
func (e *encoder) oddProperties(o *goja.Object) error {
	base := len(e.stack)
	e.push(e.call(builtins.keys, nil, o))
	defer func() { e.stack = e.stack[:base] }()
	end := len(e.stack)
	e.w.MapLen(end - base)
	for i := base; i < end; i++ {
		key := e.stack[i]
		e.str(key.(goja.String))
		if err := e.at(step{name: key.String(), form: 'p'}, e.call(builtins.reflectGet, nil, o, key)); err != nil {
			return err
		}
	}
	return e.size()
}

// push puts the elements of an array on the stack. Those of a dense array are read without a look at its prototype
// and without calling anything.
func (e *encoder) push(array goja.Value) {
	if e.list == nil {
		e.list = e.rt.ToValue(func(c goja.FunctionCall) goja.Value {
			e.stack = append(e.stack, c.Arguments...)
			return nil
		}).(*goja.Object)
	}
	e.call(builtins.apply, e.list, goja.Undefined(), array)
}

// pairs puts the keys and values of a Map on the stack, or the elements of a Set twice.
func (e *encoder) pairs(forEach native, o *goja.Object) {
	if e.pair == nil {
		e.pair = e.rt.ToValue(func(c goja.FunctionCall) goja.Value {
			e.stack = append(e.stack, c.Arguments[1], c.Arguments[0])
			return nil
		}).(*goja.Object)
	}
	e.call(forEach, o, e.pair)
}

func (e *encoder) mapObject(o *goja.Object) error {
	e.number(o)
	if err := e.enter(1); err != nil {
		return err
	}
	defer e.leave(1)
	base := len(e.stack)
	e.pairs(builtins.mapForEach, o)
	defer func() { e.stack = e.stack[:base] }()
	end := len(e.stack)
	e.w.Begin(value.KindMap, end-base)
	for i := base; i < end; i += 2 {
		key := e.stack[i]
		if err := e.at(step{index: (i - base) / 2, form: 'k'}, key); err != nil {
			return err
		}
		s := step{index: (i - base) / 2, form: 'v'}
		switch {
		case goja.IsString(key):
			s.name = strconv.Quote(key.String())
		case goja.IsNumber(key):
			s.name = key.String()
		}
		if err := e.at(s, e.stack[i+1]); err != nil {
			return err
		}
	}
	return e.size()
}

func (e *encoder) set(o *goja.Object) error {
	e.number(o)
	if err := e.enter(1); err != nil {
		return err
	}
	defer e.leave(1)
	base := len(e.stack)
	e.pairs(builtins.setForEach, o)
	defer func() { e.stack = e.stack[:base] }()
	end := len(e.stack)
	e.w.Begin(value.KindSet, (end-base)/2)
	for i := base; i < end; i += 2 {
		if err := e.at(step{index: (i - base) / 2, form: 's'}, e.stack[i]); err != nil {
			return err
		}
	}
	return e.size()
}

// smallArray is the length up to which an array is read element by element, which costs less than calling builtins.
const smallArray = 16

// array encodes an array. Its keys tell whether it has holes, or properties that are no elements.
func (e *encoder) array(o *goja.Object) error {
	e.number(o)
	if err := e.enter(1); err != nil {
		return err
	}
	defer e.leave(1)
	length := int(o.Get("length").ToInteger())
	if length <= smallArray {
		keys := o.Keys()
		if named := len(keys) > 0 && !isIndex(keys[len(keys)-1], length); named || len(keys) < length {
			return e.gaps(o, length, keys, named)
		}
		e.w.ArrayLen(length)
		for i, key := range keys {
			if err := e.at(step{index: i, form: 'i'}, o.Get(key)); err != nil {
				return err
			}
		}
		return e.size()
	}
	base := len(e.stack)
	defer func() { e.stack = e.stack[:base] }()
	keys := e.call(builtins.keys, nil, o).(*goja.Object)
	count := int(keys.Get("length").ToInteger())
	if count != length || keys.Get(indexKey(count-1)).String() != indexKey(length-1) {
		names := o.Keys()
		return e.gaps(o, length, names, len(names) > 0 && !isIndex(names[len(names)-1], length))
	}
	e.push(o)
	if len(e.stack)-base < length { // a getter shortened it
		e.stack = append(e.stack, make([]goja.Value, length-(len(e.stack)-base))...)
	}
	if e.numbersOnly(e.stack[base : base+length]) {
		return e.size()
	}
	e.w.ArrayLen(length)
	for i := range length {
		if err := e.at(step{index: i, form: 'i'}, e.stack[base+i]); err != nil {
			return err
		}
	}
	return e.size()
}

// isIndex reports whether key, the last of an array's keys, is an index below length.
func isIndex(key string, length int) bool {
	i, ok := arrayIndex(key)
	return ok && i < length
}

// arrayIndex returns the index that key is, in its canonical form.
func arrayIndex(key string) (int, bool) {
	if key == "" || len(key) > 10 || key[0] == '0' && len(key) > 1 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(key) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n < math.MaxUint32
}

// gaps encodes an array whose keys are not just 0 to length-1: with runs of holes where those are few, key by key
// otherwise.
func (e *encoder) gaps(o *goja.Object, length int, keys []string, named bool) error {
	if !named && length <= 2*len(keys)+smallArray {
		return e.holes(o, length, keys)
	}
	e.w.Begin(value.KindSparse, 1+2*len(keys))
	e.w.Int(int64(length))
	if lossy(keys) {
		return e.fail("an array with a lone surrogate as property name cannot be sent")
	}
	for _, key := range keys {
		s := step{name: key, form: 'p'}
		if i, ok := arrayIndex(key); ok && i < length {
			e.w.Int(int64(i))
			s = step{index: i, form: 'i'}
		} else {
			e.w.Str(key)
		}
		if err := e.at(s, o.Get(key)); err != nil {
			return err
		}
	}
	return e.size()
}

func (e *encoder) holes(o *goja.Object, length int, keys []string) error {
	items, next := 0, 0
	for _, key := range keys {
		i, _ := arrayIndex(key)
		if i > next {
			items++
		}
		items, next = items+1, i+1
	}
	if next < length {
		items++
	}
	e.w.ArrayLen(items)
	next = 0
	for _, key := range keys {
		i, _ := arrayIndex(key)
		e.hole(i - next)
		if err := e.at(step{index: i, form: 'i'}, o.Get(key)); err != nil {
			return err
		}
		next = i + 1
	}
	e.hole(length - next)
	return e.size()
}

func (e *encoder) hole(run int) {
	if run > 0 {
		var p [4]byte
		binary.BigEndian.PutUint32(p[:], uint32(run))
		e.w.Ext(value.KindHole, p[:])
	}
}

// numbersOnly encodes the elements of an array as one block if all are numbers and the block is no longer than they
// would be one by one.
func (e *encoder) numbersOnly(values []goja.Value) bool {
	size, width := 0, 1
	for _, v := range values {
		if v == nil || !goja.IsNumber(v) {
			return false
		}
		f := v.ToFloat()
		n := int64(f)
		switch {
		case float64(n) != f || n == 0 && math.Signbit(f):
			size, width = size+9, 8
		case n >= -32 && n < 128:
			size++
		case n >= math.MinInt8 && n < 0:
			size += 2
		case n >= math.MinInt16 && n <= math.MaxInt16:
			size, width = size+3, max(width, 2)
			if n >= 0 && n < 256 {
				size--
			}
		case n >= math.MinInt32 && n <= math.MaxInt32:
			size, width = size+5, max(width, 4)
			if n >= 0 && n <= math.MaxUint16 {
				size -= 2
			}
		case n >= 0 && n <= math.MaxUint32:
			size, width = size+5, 8
		default:
			size, width = size+9, 8
		}
	}
	if width*len(values) > size {
		return false
	}
	e.w.ExtLen(value.KindNumbers, 1+width*len(values))
	block := make([]byte, 1, 1+width*len(values))
	block[0] = byte(width)
	for _, v := range values {
		switch f := v.ToFloat(); width {
		case value.NumberInt8:
			block = append(block, byte(int8(f)))
		case value.NumberInt16:
			block = binary.LittleEndian.AppendUint16(block, uint16(int16(f)))
		case value.NumberInt32:
			block = binary.LittleEndian.AppendUint32(block, uint32(int32(f)))
		default:
			block = binary.LittleEndian.AppendUint64(block, math.Float64bits(f))
		}
	}
	e.w.Raw(block)
	return true
}
