package vm

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding"
	"hash"
	"maps"
	"slices"

	"github.com/dop251/goja"
)

// digests are the hash functions of the module crypto, by the names that Node gives them in lower case.
var digests = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384,
	"sha512": sha512.New, "sha512-224": sha512.New512_224, "sha512-256": sha512.New512_256,
}

// cryptoBinding is the native half of prelude_crypto. Its functions take bytes as views and do not keep them.
func (g *globals) cryptoBinding(set func(name string, fn func(goja.FunctionCall) goja.Value)) {
	set("create", func(call goja.FunctionCall) goja.Value {
		fn, ok := digests[call.Argument(0).String()]
		if !ok {
			return nil
		}
		if key, ok := arrayBytes(call.Argument(1)); ok {
			return g.hasher(hmac.New(fn, key), nil)
		}
		return g.hasher(fn(), fn)
	})
	set("names", func(goja.FunctionCall) goja.Value {
		names := make([]any, 0, len(digests))
		for _, name := range slices.Sorted(maps.Keys(digests)) {
			names = append(names, name)
		}
		return g.rt.NewArray(names...)
	})
	set("fill", func(call goja.FunctionCall) goja.Value {
		b, _ := arrayBytes(call.Argument(0))
		_, _ = rand.Read(b) // never fails
		return nil
	})
	set("equal", func(call goja.FunctionCall) goja.Value {
		a, _ := arrayBytes(call.Argument(0))
		b, _ := arrayBytes(call.Argument(1))
		return g.rt.ToValue(subtle.ConstantTimeCompare(a, b) == 1)
	})
}

// hasher makes an object with the functions update, digest and, if fresh makes another hash of the kind, copy.
func (g *globals) hasher(h hash.Hash, fresh func() hash.Hash) *goja.Object {
	members := map[string]func(goja.FunctionCall) goja.Value{
		"update": func(call goja.FunctionCall) goja.Value {
			b, _ := arrayBytes(call.Argument(0))
			_, _ = h.Write(b) // never fails
			return nil
		},
		"digest": func(goja.FunctionCall) goja.Value { return bytesToArray(g.rt, h.Sum(nil)) },
	}
	if fresh != nil {
		members["copy"] = func(goja.FunctionCall) goja.Value {
			other := fresh()
			state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
			if err == nil {
				err = other.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
			}
			if err != nil {
				panic(rethrow(g.rt, err))
			}
			return g.hasher(other, fresh)
		}
	}
	return objectOf(g.rt, members)
}
