package vm

import (
	"crypto/sha256"
	"fmt"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// A large value may stand in another as a reference: its hash. Before the other is decoded the bytes must be put beside
// the hash, with EmbedBlobs. They are a value by themselves, whose objects are numbered apart; in the other value all of
// it counts as one object.

// embed encodes o as a reference if EncodeOptions.Embed says that it stands for a large value.
func (e *encoder) embed(o *goja.Object) bool {
	if e.o.Embed == nil {
		return false
	}
	hash, ok := e.o.Embed(o)
	if ok {
		e.number(o)
		e.w.ArrayLen(1)
		e.w.Ext(value.KindBlob, hash[:])
	}
	return ok
}

// embedded reads a reference and the value beside it.
func (d *decoder) embedded() goja.Value {
	n := d.r.ArrayLen()
	if _, hash := d.r.Ext(); n != 2 || len(hash) != sha256.Size {
		return d.fail("reference to a large value that is not here")
	}
	number := len(d.objects)
	d.add(nil)
	b := d.r.Bin()
	if d.r.Err() != nil {
		return goja.Undefined()
	}
	inner := d.o
	inner.depth++
	v, err := Decode(d.rt, b, inner)
	if err != nil {
		return d.refuse(err)
	}
	if o, ok := v.(*goja.Object); ok {
		d.objects[number] = o
	}
	return v
}

// EmbedBlobs puts large values beside the references to them in an encoded value, b, which it leaves as it is. A
// reference by itself, outside an array, becomes the bytes. One to a value that is not in blobs is an error.
func EmbedBlobs(b []byte, blobs map[[sha256.Size]byte][]byte) ([]byte, error) {
	if err := value.Check(b, value.Limits{}); err != nil {
		return nil, err
	}
	total := len(b)
	for _, data := range blobs {
		total += len(data) + 16
	}
	w := value.NewWriter(make([]byte, 0, total))
	r := value.NewReader(b, value.Limits{})
	copied := 0 // this much of b is in w
	for r.Err() == nil && r.Remaining() > 0 {
		at := r.Offset()
		inArray := r.PeekContainer() == value.KindBlob
		if !inArray && r.PeekExt() != value.KindBlob {
			advance(r)
			continue
		}
		if inArray {
			r.ArrayLen()
		}
		_, p := r.Ext()
		hash := [sha256.Size]byte(append(p, make([]byte, sha256.Size)...))
		data, ok := blobs[hash]
		if !ok {
			return nil, fmt.Errorf("value %x, which the arguments refer to, is not here", p)
		}
		w.Raw(b[copied:at])
		if inArray {
			w.ArrayLen(2)
			w.Ext(value.KindBlob, p)
		}
		w.Bin(data)
		copied = r.Offset()
	}
	w.Raw(b[copied:])
	return w.Bytes(), r.Err()
}

// advance goes into an array or map, or past anything else.
func advance(r *value.Reader) {
	switch r.Type() {
	case value.Array:
		r.ArrayLen()
	case value.Map:
		r.MapLen()
	default:
		r.Skip()
	}
}
