package vm

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

const (
	// maxValueDepth is how deep values nest; value.Limits has the same default.
	maxValueDepth = 1000
	// maxValues is how many values one may hold, itself included, so that value.Limits lets them pass.
	maxValues = 5_000_000
	// maxValueBytes is the default size of an encoded value: the largest message on the wire.
	maxValueBytes = 256 << 20
)

// EncodeOptions say what Encode may send, and how it names the parts of it.
type EncodeOptions struct {
	Path      string                       // root of the paths in errors, "args" or "result"; "" means "value"
	Functions bool                         // functions are sent as code; else they are an error
	Locate    func(source string) Position // see FunctionOf; may be nil
	MaxBytes  int                          // larger is an error; zero means 256 MiB
	// Embed returns the hash of the large value that a host object stands for, if it does; may be nil.
	Embed func(o *goja.Object) (hash [32]byte, ok bool)
	// Host says how an object that is not of the language travels between threads of this process, see
	// DecodeOptions.Host: by a name and data, which is encoded in its place. An empty name means as usual. It is asked for
	// class instances, ArrayBuffers, proxies and objects of Go. With it a Buffer is the Uint8Array that structuredClone makes of it.
	Host func(o *goja.Object) (name string, data goja.Value, err error)
}

// ValueError says which part of a value cannot travel, and why.
type ValueError struct {
	Path  string     // such as args[0].items[3].socket
	What  string     // such as "a symbol cannot be sent"
	Value goja.Value // the part itself, if it is a whole one
}

// Error returns path and reason.
func (e *ValueError) Error() string { return e.Path + ": " + e.What }

// Encode returns v as package value has it. It keeps what structuredClone keeps, and more of errors: getters run, class
// instances become plain objects of their own data, cycles and shared references stay. What cannot travel is a
// *ValueError. What a getter throws is a *goja.Exception; an interrupt is a *goja.InterruptedError, with which a
// native function must panic again. It belongs to the goroutine of rt.
func Encode(rt *goja.Runtime, v goja.Value, o EncodeOptions) (b []byte, err error) {
	if o.Path == "" {
		o.Path = "value"
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = maxValueBytes
	}
	e := encoder{rt: rt, w: value.NewWriter(make([]byte, 0, 256)), o: o, plain: rt.NewObject().Prototype()}
	if err := protect(rt, func() error { return e.value(v) }); err != nil {
		return nil, err
	}
	return e.w.Bytes(), nil
}

// protect runs f, which may call into JavaScript, and returns what it threw or what interrupted it as an error.
func protect(rt *goja.Runtime, f func() error) (err error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case *goja.InterruptedError:
			err = x
		case *goja.StackOverflowError:
			err = x
		default:
			panic(x)
		}
	}()
	if ex := rt.Try(func() { err = f() }); ex != nil {
		return ex
	}
	return err
}

// encoder is the state of one Encode.
type encoder struct {
	rt      *goja.Runtime
	w       *value.Writer
	o       EncodeOptions
	plain   *goja.Object // Object.prototype
	path    []step
	current goja.Value              // what is encoded, for errors
	depth   int                     // arrays and maps of the format that are open
	count   int                     // values so far
	seen    map[*goja.Object]uint32 // the numbers that objects have
	numbers []*goja.Object          // the inverse; nil where the object is not known
	stack   []goja.Value            // elements of the arrays, maps and sets that are open
	arg     [3]goja.Value           // arguments of builtins
	list    *goja.Object            // a function that puts its arguments on the stack
	pair    *goja.Object            // one that puts the first two there, the second first
	protos  map[*goja.Object]string // what cannot be sent of the objects with the prototype; "" if they can
	realm   *realm
	regexps int     // what the RegExps have cost so far
	pack    *packer // of the function whose captures are encoded; nil otherwise
}

// step is a part of a path: a property, or an index if name is "".
type step struct {
	name  string
	index int
	form  byte // 'p' property, 'i' index, 'k' the index-th key of a Map, 'v' its value, 's' element of a Set
}

func (e *encoder) fail(format string, args ...any) error {
	return &ValueError{Path: e.pathText(), What: fmt.Sprintf(format, args...), Value: e.current}
}

func (e *encoder) pathText() string {
	var b strings.Builder
	b.WriteString(e.o.Path)
	for _, s := range e.path {
		switch {
		case s.form == 'i':
			fmt.Fprintf(&b, "[%d]", s.index)
		case s.form == 'k':
			fmt.Fprintf(&b, ".key(%d)", s.index)
		case s.form == 'v' && s.name != "":
			fmt.Fprintf(&b, ".get(%s)", s.name)
		case s.form != 'p':
			fmt.Fprintf(&b, ".value(%d)", s.index)
		case isIdentifier(s.name):
			b.WriteString("." + s.name)
		default:
			fmt.Fprintf(&b, "[%q]", s.name)
		}
	}
	return b.String()
}

func isIdentifier(s string) bool {
	for i, c := range s {
		if c != '_' && c != '$' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') && c < 0x80 {
			return false
		}
	}
	return s != ""
}

// at encodes v as the part s of what is being encoded.
func (e *encoder) at(s step, v goja.Value) error {
	e.path = append(e.path, s)
	if err := e.value(v); err != nil {
		return err
	}
	e.path = e.path[:len(e.path)-1]
	return nil
}

// enter opens n arrays or maps of the format; leave closes them.
func (e *encoder) enter(n int) error {
	if e.depth += n; e.depth > maxValueDepth {
		return e.fail("nested more than %d deep", maxValueDepth)
	}
	return nil
}

// begin enters and writes the start of a container with n parts.
func (e *encoder) begin(k value.Kind, n int) error {
	if err := e.enter(1); err != nil {
		return err
	}
	e.w.Begin(k, n)
	return nil
}

func (e *encoder) leave(n int) { e.depth -= n }

// value encodes v.
func (e *encoder) value(v goja.Value) error {
	e.current = v
	if e.count++; e.count > maxValues {
		return e.fail("more than %d values", maxValues)
	}
	switch v := v.(type) {
	case *goja.Object:
		return e.object(v)
	case goja.String:
		e.str(v)
		return e.size()
	case *goja.Symbol:
		if e.pack != nil {
			if ok, err := e.known(v); ok {
				return err
			}
		}
		return e.fail("a symbol cannot be sent")
	case nil:
		e.w.Undefined()
		return nil
	}
	switch {
	case goja.IsUndefined(v):
		e.w.Undefined()
	case goja.IsNull(v):
		e.w.Nil()
	case goja.IsNumber(v):
		e.w.Number(v.ToFloat())
	case goja.IsBigInt(v):
		e.bigInt(v.Export().(*big.Int))
		return e.size()
	case v.ExportType() == exportsBool:
		e.w.Bool(v.ToBoolean())
	default:
		return e.fail("a %s cannot be sent", v.ExportType())
	}
	return nil
}

// size checks the limit after something that may be large.
func (e *encoder) size() error {
	if e.w.Len() > e.o.MaxBytes {
		if e.pack != nil {
			return e.fail("what is captured takes more than %d MB; pass it as an argument, or read it at the worker", maxCapture>>20)
		}
		return e.fail("longer than %d bytes when encoded", e.o.MaxBytes)
	}
	return nil
}

func (e *encoder) bigInt(n *big.Int) {
	payload := append([]byte{0}, n.Bytes()...)
	if n.Sign() < 0 {
		payload[0] = 1
	}
	e.w.Ext(value.KindBigInt, payload)
}

// str encodes a string: as UTF-8 where it has such a form.
func (e *encoder) str(s goja.String) {
	switch reflect.TypeOf(s) {
	case isASCII:
		e.w.Str(s.String())
		return
	case isUTF16:
	default: // imported from Go, perhaps not looked at yet
		if text := s.String(); utf8.ValidString(text) {
			e.w.Str(text)
			return
		}
	}
	n := s.Length()
	text := make([]byte, 0, n+n/2)
	for i := 0; i < n; i++ {
		r := rune(s.CharAt(i))
		if utf16.IsSurrogate(r) {
			if i++; i < n {
				r = utf16.DecodeRune(r, rune(s.CharAt(i)))
			}
			if i == n || r == utf8.RuneError {
				e.utf16(s)
				return
			}
		}
		text = utf8.AppendRune(text, r)
	}
	e.w.StrBytes(text)
}

func (e *encoder) utf16(s goja.String) {
	p := make([]byte, 0, 2*s.Length())
	for i := range s.Length() {
		p = binary.BigEndian.AppendUint16(p, s.CharAt(i))
	}
	e.w.Ext(value.KindString, p)
}

// number gives o, which may be nil, the next number.
func (e *encoder) number(o *goja.Object) {
	if o != nil {
		if e.seen == nil {
			e.seen = make(map[*goja.Object]uint32)
		}
		e.seen[o] = uint32(len(e.numbers))
	}
	e.numbers = append(e.numbers, o)
}

// reference encodes o as a reference to itself if it came before.
func (e *encoder) reference(o *goja.Object) bool {
	n, ok := e.seen[o]
	if ok {
		var p [4]byte
		binary.BigEndian.PutUint32(p[:], n)
		e.w.Ext(value.KindReference, p[:])
	}
	return ok
}

// call calls a builtin with this and up to three arguments.
func (e *encoder) call(f native, this goja.Value, args ...goja.Value) goja.Value {
	n := copy(e.arg[:], args)
	return f(goja.FunctionCall{This: this, Arguments: e.arg[:n]})
}

// object encodes o by its kind, which goja's types tell and no script can change.
func (e *encoder) object(o *goja.Object) error {
	if e.reference(o) {
		return nil
	}
	if e.pack != nil {
		if ok, err := e.known(o); ok {
			return err
		}
	}
	t := o.ExportType()
	switch t {
	case exportsPromise:
		return e.fail("a promise cannot be sent; await it first")
	case exportsProxy:
		if ok, err := e.hosted(o); ok || err != nil {
			return err
		}
		return e.fail("a proxy cannot be sent")
	case nil:
		return e.fail("a host object cannot be sent")
	}
	if t.Kind() == reflect.Pointer && e.embed(o) {
		return nil
	}
	if e.o.Host != nil && (t.Kind() == reflect.Pointer || t == exportsObject && o.Prototype() != e.plain) {
		if ok, err := e.hosted(o); ok || err != nil {
			return err
		}
	}
	if t.Kind() == reflect.Func {
		return e.function(o)
	}
	switch class := o.ClassName(); {
	case t == exportsObject && class == "Error":
		return e.error(o)
	case t == exportsObject && class == "RegExp":
		return e.regexp(o)
	case t == exportsObject && class == "String":
		return e.boxed(o, e.call(builtins.stringValue, o))
	case t == exportsObject:
		return e.plainObject(o)
	case t == exportsArray && class == "Array":
		return e.array(o)
	case t == exportsArray && class == "Object":
		return e.set(o)
	case t == exportsMap && class == "Object":
		return e.mapObject(o)
	case t == exportsTime && class == "Date":
		return e.date(o)
	case t == exportsBuffer:
		return e.buffer(o)
	case (t == exportsInt || t == exportsFloat) && class == "Number", t == exportsBool && class == "Boolean", t == exportsBigInt:
		return e.boxed(o, e.rt.ToValue(o.Export()))
	case t == exportsString && class == "Object":
		return e.fail("a symbol cannot be sent")
	case t.Kind() == reflect.Slice && class == "Object":
		return e.view(o, t.Elem().Kind())
	}
	return e.fail("a host object cannot be sent")
}

func (e *encoder) date(o *goja.Object) error {
	e.number(o)
	ms := math.NaN()
	if t, ok := o.Export().(interface{ UnixMilli() int64 }); ok {
		ms = float64(t.UnixMilli())
	}
	e.w.Date(ms)
	return nil
}

func (e *encoder) boxed(o *goja.Object, primitive goja.Value) error {
	e.number(o)
	if err := e.begin(value.KindBoxed, 1); err != nil {
		return err
	}
	defer e.leave(1)
	return e.value(primitive)
}

// indexKey returns the key of an array's element.
func indexKey(i int) string { return strconv.Itoa(i) }
