package jsapi

import (
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"weak"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/vm"
	"supercluster/vm/value"
)

// largeValue is from how many bytes an argument, or what a function captures, travels once a worker.
const largeValue = 64 << 10

// A reference is what master.put returns: it stands for a large value, which is kept as long as the reference or a task
// with it is.
type reference struct{ blob *cluster.Blob }

var isReference = reflect.TypeFor[*reference]()

// A blobTable finds the large values that are in use, so that each is kept once however often it is sent.
type blobTable struct {
	byHash map[[32]byte]weak.Pointer[cluster.Blob]
	sweep  int // when there are so many, those that are gone are dropped
	seed   maphash.Seed
	binary []binaryBlob // binary values that were sent last, the newest at the end
}

// A binaryBlob is what a binary value looked like when it was sent last. To see that it is still the same takes a look
// at its bytes, but neither another encoding nor another SHA-256.
type binaryBlob struct {
	of     weak.Pointer[goja.Object]
	proto  *goja.Object
	sum    uint64 // of its buffer, by maphash
	length int    // of its buffer
	blob   weak.Pointer[cluster.Blob]
}

// maxBinary is how many binary values are remembered.
const maxBinary = 16

// known returns the blob that o was, if its bytes are still those; note takes note of what it is now, and is nil if o is no
// binary value.
func (t *blobTable) known(o *goja.Object) (blob *cluster.Blob, note func(*cluster.Blob)) {
	data, ok := vm.Binary(o)
	if !ok {
		return nil, nil
	}
	if t.seed == (maphash.Seed{}) {
		t.seed = maphash.MakeSeed()
	}
	now := binaryBlob{of: weak.Make(o), proto: o.Prototype(), sum: maphash.Bytes(t.seed, data), length: len(data)}
	at := slices.IndexFunc(t.binary, func(b binaryBlob) bool { return b.of == now.of })
	if at >= 0 {
		was := t.binary[at]
		if b := was.blob.Value(); b != nil && was.proto == now.proto && was.sum == now.sum && was.length == now.length {
			return b, nil
		}
		t.binary = slices.Delete(t.binary, at, at+1)
	}
	return nil, func(b *cluster.Blob) {
		now.blob = weak.Make(b)
		if len(t.binary) == maxBinary {
			t.binary = slices.Delete(t.binary, 0, 1)
		}
		t.binary = append(t.binary, now)
	}
}

// keep returns the blob of data, which it must not be given to change.
func (t *blobTable) keep(data []byte) (*cluster.Blob, error) {
	b, err := cluster.NewBlob(data)
	if err != nil {
		return nil, err
	}
	if known := t.byHash[b.Hash].Value(); known != nil {
		return known, nil
	}
	if t.byHash == nil {
		t.byHash = make(map[[32]byte]weak.Pointer[cluster.Blob])
	}
	if len(t.byHash) >= t.sweep {
		for hash, p := range t.byHash {
			if p.Value() == nil {
				delete(t.byHash, hash)
			}
		}
		t.sweep = 2*len(t.byHash) + 64
	}
	t.byHash[b.Hash] = weak.Make(b)
	return b, nil
}

// put is native.put(value) → reference.
func (m *nativeMaster) put(call goja.FunctionCall) goja.Value {
	s := m.script
	data, err := s.encode(call.Argument(0), "value")
	if err != nil {
		s.throw(err)
	}
	blob, err := s.blobs.keep(data)
	if err != nil {
		s.throw(fmt.Errorf("put: %w", err))
	}
	return s.refer(blob)
}

// refer makes the object that stands for a large value.
func (s *Script) refer(b *cluster.Blob) *goja.Object {
	if s.references == nil {
		s.references = s.referencePrototype()
	}
	o := s.rt.ToValue(&reference{b}).(*goja.Object)
	if err := o.SetPrototype(s.references); err != nil {
		panic(err) // a new object takes any prototype
	}
	return o
}

func (s *Script) referencePrototype() *goja.Object {
	proto := s.rt.NewObject()
	member := func(of func(*cluster.Blob) goja.Value) goja.Value {
		return s.rt.ToValue(func(call goja.FunctionCall) goja.Value {
			if o, ok := call.This.(*goja.Object); ok && o.ExportType() == isReference {
				return of(o.Export().(*reference).blob)
			}
			panic(s.rt.NewTypeError("this is not a reference that master.put returned"))
		})
	}
	size := member(func(b *cluster.Blob) goja.Value { return s.rt.ToValue(len(b.Data)) })
	id := member(func(b *cluster.Blob) goja.Value { return s.rt.ToValue(hex.EncodeToString(b.Hash[:])) })
	get := member(func(b *cluster.Blob) goja.Value {
		v, err := vm.Decode(s.rt, b.Data, vm.DecodeOptions{})
		if err != nil {
			s.throw(err)
		}
		return v
	})
	// A new object refuses no property.
	_ = proto.DefineAccessorProperty("size", size, nil, goja.FLAG_TRUE, goja.FLAG_TRUE)
	_ = proto.DefineAccessorProperty("id", id, nil, goja.FLAG_TRUE, goja.FLAG_TRUE)
	_ = proto.DefineDataProperty("get", get, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	return proto
}

// An argumentPacker encodes a task's arguments and gathers the large values that they refer to.
type argumentPacker struct {
	script *Script
	blobs  []*cluster.Blob
}

// embed is vm.EncodeOptions.Embed.
func (p *argumentPacker) embed(o *goja.Object) (hash [32]byte, ok bool) {
	if o.ExportType() != isReference {
		return hash, false
	}
	b := o.Export().(*reference).blob
	p.use(b)
	return b.Hash, true
}

func (p *argumentPacker) use(b *cluster.Blob) {
	for _, known := range p.blobs {
		if known == b {
			return
		}
	}
	p.blobs = append(p.blobs, b)
}

// pack encodes the arguments, an array. Unless they are a map's items, those that are large are taken out.
func (p *argumentPacker) pack(args goja.Value, path string, whole bool) ([]byte, error) {
	if whole {
		return p.encode(args, path)
	}
	args, err := p.takeOut(args, path, p.script.looksLarge)
	if err != nil {
		return nil, err
	}
	taken := len(p.blobs)
	b, err := p.encode(args, path)
	if err != nil || len(b) <= largeValue {
		return b, err
	}
	if args, err = p.takeOut(args, path, func(v goja.Value) bool { _, ok := v.(*goja.Object); return ok }); err != nil {
		return nil, err
	}
	if len(p.blobs) == taken {
		return b, nil
	}
	return p.encode(args, path)
}

func (p *argumentPacker) encode(v goja.Value, path string) ([]byte, error) {
	s := p.script
	return vm.Encode(s.rt, v, vm.EncodeOptions{Path: path, Functions: true, Locate: s.locate(), Embed: p.embed})
}

// takeOut returns the arguments with references in the place of those that may be large, and are.
func (p *argumentPacker) takeOut(args goja.Value, path string, may func(goja.Value) bool) (goja.Value, error) {
	array, ok := args.(*goja.Object)
	if !ok || array.ClassName() != "Array" {
		return args, nil
	}
	n := int(array.Get("length").ToInteger())
	list := make([]any, n)
	taken := make(map[*goja.Object]*goja.Object)
	found := false
	for i := range list {
		v := array.Get(fmt.Sprint(i))
		list[i] = v
		if v == nil || !may(v) {
			continue
		}
		ref, err := p.outsource(v, fmt.Sprintf("%s[%d]", path, i), taken)
		if err != nil {
			return nil, err
		}
		if ref != nil {
			list[i], found = ref, true
		}
	}
	if !found {
		return args, nil
	}
	return p.script.rt.NewArray(list...), nil
}

// outsource makes a reference of a value that is large; nil if it is not, or has references in it.
func (p *argumentPacker) outsource(v goja.Value, path string, taken map[*goja.Object]*goja.Object) (*goja.Object, error) {
	o, isObject := v.(*goja.Object)
	if isObject && (o.ExportType() == isReference || isFunction(o)) {
		return nil, nil
	}
	if isObject && taken[o] != nil {
		return taken[o], nil
	}
	blob, err := p.blobOf(v, path)
	if err != nil || blob == nil {
		return nil, err
	}
	p.use(blob)
	ref := p.script.refer(blob)
	if isObject {
		taken[o] = ref
	}
	return ref, nil
}

// blobOf returns the blob of a value that is large; nil if it is not, or has references in it.
func (p *argumentPacker) blobOf(v goja.Value, path string) (*cluster.Blob, error) {
	var note func(*cluster.Blob)
	if o, ok := v.(*goja.Object); ok {
		var known *cluster.Blob
		if known, note = p.script.blobs.known(o); known != nil {
			return known, nil
		}
	}
	inner := argumentPacker{script: p.script}
	b, err := inner.encode(v, path)
	if err != nil || len(b) <= largeValue || len(inner.blobs) > 0 {
		return nil, err
	}
	blob, err := p.script.blobs.keep(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if note != nil {
		note(blob)
	}
	return blob, nil
}

// looksLarge reports whether v is binary data or text of a size that is known without a look at all of it.
func (s *Script) looksLarge(v goja.Value) bool {
	switch v := v.(type) {
	case goja.String:
		return v.Length() > largeValue
	case *goja.Object:
		t := v.ExportType()
		if t == reflect.TypeFor[goja.ArrayBuffer]() || t != nil && t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Interface {
			n := v.Get("byteLength")
			return n != nil && n.ToInteger() > largeValue
		}
	}
	return false
}

// joinEnv puts what a function captures before its arguments; if that is large it travels once a worker, too.
func joinEnv(code *packedCode, args []byte) []byte {
	if code.envBlob == nil {
		return vm.JoinEnv(code.env, args)
	}
	w := value.NewWriter(nil)
	w.MapLen(2)
	w.Str("env")
	w.Ext(value.KindBlob, code.envBlob.Hash[:])
	w.Str("args")
	w.Raw(args)
	return w.Bytes()
}
