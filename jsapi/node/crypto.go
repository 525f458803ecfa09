package node

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"hash"
	"math/big"
	"strings"

	"github.com/dop251/goja"

	"supercluster/jsapi/node/crypto"
	"supercluster/vm"
)

// cryptoBinding serves js/crypto_native.js. Its functions take bytes as views; those of sync and async have the same
// arguments, those of async return promises.
func (n *Node) cryptoBinding() *goja.Object {
	sync, async := n.rt.NewObject(), n.rt.NewObject()
	for name, op := range n.cryptoOperations() {
		_ = sync.Set(name, n.cryptoSync(op)) // new plain objects refuse nothing
		_ = async.Set(name, n.cryptoAsync(op))
	}
	return n.object(map[string]any{
		"sync": sync, "async": async,
		"digest": n.cryptoDigest, "cipher": n.cryptoCipher, "ecdh": n.cryptoECDH, "dh": n.cryptoDH,
		"digests": n.strings(crypto.DigestNames()), "ciphers": n.strings(crypto.CipherNames()), "curves": n.strings(crypto.CurveNames()),
		"cipherInfo": n.cipherInfo, "keyInfo": n.keyInfo,
		"equal": func(call goja.FunctionCall) goja.Value {
			a := arguments{values: call.Arguments}
			return n.rt.ToValue(subtle.ConstantTimeCompare(a.memory(0), a.memory(1)) == 1)
		},
		"sameKey": func(call goja.FunctionCall) goja.Value {
			a := arguments{values: call.Arguments}
			return n.rt.ToValue(a.key(0).Equal(a.key(1)))
		},
		"checkScrypt": func(call goja.FunctionCall) goja.Value {
			a := arguments{values: call.Arguments}
			n.throwCrypto(crypto.CheckScrypt(int(a.num(0)), int(a.num(1)), int(a.num(2)), a.num(3)))
			return goja.Undefined()
		},
		"groupPrime": func(call goja.FunctionCall) goja.Value {
			p := crypto.GroupPrime(call.Argument(0).String())
			if p == nil {
				return goja.Undefined()
			}
			return n.bytes(p.Bytes())
		},
	})
}

func (n *Node) strings(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func (n *Node) bytes(b []byte) goja.Value {
	if b == nil {
		b = []byte{}
	}
	return n.rt.ToValue(n.rt.NewArrayBuffer(b))
}

// key is the native half of a KeyObject.
func (a arguments) key(i int) *crypto.Key {
	k, _ := a.at(i).Export().(*crypto.Key)
	if k == nil {
		k = &crypto.Key{}
	}
	return k
}

// kept are bytes that outlive the call; nil for undefined.
func (a arguments) kept(i int) []byte {
	if goja.IsUndefined(a.at(i)) || goja.IsNull(a.at(i)) {
		return nil
	}
	return append([]byte{}, a.memory(i)...)
}

func (a arguments) text(i int) string {
	if goja.IsUndefined(a.at(i)) || goja.IsNull(a.at(i)) {
		return ""
	}
	return a.str(i)
}

// cryptoError makes the Error of a failed operation.
func (n *Node) cryptoError(err error) goja.Value {
	var e *crypto.Error
	if !errors.As(err, &e) {
		e = &crypto.Error{Code: "ERR_CRYPTO_OPERATION_FAILED", Message: err.Error()}
	}
	class := e.Class
	if class == "" {
		class = "Error"
	}
	made, newErr := n.rt.New(n.rt.GlobalObject().Get(class), n.rt.ToValue(e.Message))
	if newErr != nil {
		panic(vm.Thrown(n.rt, newErr))
	}
	if e.Code != "" {
		_ = made.Set("code", e.Code) // a new error refuses nothing
	}
	// OpenSSL's errors are "error:NUMBER:LIBRARY:FUNCTION:REASON".
	if parts := strings.Split(e.Message, ":"); len(parts) == 5 && parts[0] == "error" {
		_ = made.Set("library", parts[2])
		_ = made.Set("reason", parts[4])
	}
	return made
}

func (n *Node) throwCrypto(err error) {
	if err != nil {
		panic(n.cryptoError(err))
	}
}

func (n *Node) cryptoSync(op operation) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		out, err := op(arguments{call.Arguments, false})()
		n.throwCrypto(err)
		return settled(n.rt, out)
	}
}

func (n *Node) cryptoAsync(op operation) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		do := op(arguments{call.Arguments, true})
		return n.loop.Async(func(context.Context) func() (goja.Value, error) {
			out, err := do()
			return func() (goja.Value, error) {
				if err != nil {
					return nil, vm.Throw(n.cryptoError(err))
				}
				return settled(n.rt, out), nil
			}
		})
	}
}

// giveBytes makes the outcome of an operation that gives bytes.
func (n *Node) giveBytes(b []byte, err error) (outcome, error) {
	if err != nil {
		return nil, err
	}
	return func(*goja.Runtime) goja.Value { return n.bytes(b) }, nil
}

func (n *Node) giveKey(k *crypto.Key, err error) (outcome, error) {
	if err != nil {
		return nil, err
	}
	return func(rt *goja.Runtime) goja.Value { return rt.ToValue(k) }, nil
}

func (n *Node) giveTruth(ok bool, err error) (outcome, error) {
	if err != nil {
		return nil, err
	}
	return func(rt *goja.Runtime) goja.Value { return rt.ToValue(ok) }, nil
}

// cryptoDigest(name, key or undefined, length or undefined) → {update(bytes), digest(), copy()}; undefined for an
// unknown name. With a key it is an HMAC. The length is of an XOF; others give what they have, or undefined if it is
// not theirs.
func (n *Node) cryptoDigest(call goja.FunctionCall) goja.Value {
	a := arguments{values: call.Arguments}
	name, key := a.str(0), a.kept(1)
	if x := crypto.NewXOF(name); x != nil && key == nil {
		size := x.Default
		if !goja.IsUndefined(a.at(2)) {
			size = int(a.num(2))
		}
		return n.digestXOF(x, size)
	}
	make := crypto.NewHash(name)
	if make == nil {
		return goja.Undefined()
	}
	if key != nil {
		return n.digestOf(hmac.New(make, key), nil)
	}
	return n.digestOf(make(), make)
}

func (n *Node) digestOf(h hash.Hash, fresh func() hash.Hash) goja.Value {
	o := n.object(map[string]any{
		"size": h.Size(),
		"update": func(call goja.FunctionCall) goja.Value {
			_, _ = h.Write(arguments{values: call.Arguments}.memory(0)) // never fails
			return goja.Undefined()
		},
		"digest": func(goja.FunctionCall) goja.Value { return n.bytes(h.Sum(nil)) },
	})
	if fresh != nil {
		_ = o.Set("copy", func(goja.FunctionCall) goja.Value {
			c, ok := crypto.CopyHash(h, fresh)
			if !ok {
				n.throwCrypto(errors.New("this hash cannot be copied"))
			}
			return n.digestOf(c, fresh)
		})
	}
	return o
}

func (n *Node) digestXOF(x *crypto.XOF, size int) goja.Value {
	return n.object(map[string]any{
		"size": size,
		"update": func(call goja.FunctionCall) goja.Value {
			_, _ = x.Write(arguments{values: call.Arguments}.memory(0)) // never fails
			return goja.Undefined()
		},
		"digest": func(goja.FunctionCall) goja.Value {
			out := make([]byte, size)
			_, _ = x.Read(out) // never fails
			return n.bytes(out)
		},
		"copy": func(goja.FunctionCall) goja.Value {
			state, err := x.MarshalBinary()
			n.throwCrypto(err)
			other := crypto.NewXOF("shake128")
			n.throwCrypto(other.UnmarshalBinary(state))
			return n.digestXOF(other, size)
		},
	})
}

// cipherInfo(name or number) → [name, number, mode, key, iv, block, authenticated], undefined if there is none
func (n *Node) cipherInfo(call goja.FunctionCall) goja.Value {
	c, ok := crypto.LookupCipher(call.Argument(0).String())
	if _, number := call.Argument(0).Export().(int64); number {
		c, ok = crypto.LookupNID(int(call.Argument(0).ToInteger()))
	}
	if !ok {
		return goja.Undefined()
	}
	return n.rt.NewArray(c.Name, c.NID, c.Mode, c.Key, c.IV, c.Block, c.Authenticated())
}

// cryptoCipher(name, key, iv, decrypt, tag length) → an object
func (n *Node) cryptoCipher(call goja.FunctionCall) goja.Value {
	a := arguments{values: call.Arguments}
	info, _ := crypto.LookupCipher(a.str(0))
	c, err := crypto.NewCipher(info, a.memory(1), a.memory(2), a.truth(3), int(a.num(4)))
	n.throwCrypto(err)
	result := func(b []byte, err error) goja.Value {
		n.throwCrypto(err)
		return n.bytes(b)
	}
	return n.object(map[string]any{
		"update": func(call goja.FunctionCall) goja.Value {
			return result(c.Update(arguments{values: call.Arguments}.memory(0)))
		},
		"final": func(goja.FunctionCall) goja.Value { return result(c.Final()) },
		"padding": func(call goja.FunctionCall) goja.Value {
			c.SetPadding(call.Argument(0).ToBoolean())
			return goja.Undefined()
		},
		"setAAD": func(call goja.FunctionCall) goja.Value {
			return n.rt.ToValue(c.SetAAD(arguments{values: call.Arguments}.memory(0)))
		},
		"setTag": func(call goja.FunctionCall) goja.Value {
			return n.rt.ToValue(c.SetTag(arguments{values: call.Arguments}.memory(0)))
		},
		"tag": func(goja.FunctionCall) goja.Value {
			if t := c.Tag(); t != nil {
				return n.bytes(t)
			}
			return goja.Undefined()
		},
	})
}

// cryptoECDH(curve) → an object
func (n *Node) cryptoECDH(call goja.FunctionCall) goja.Value {
	e, err := crypto.NewECDH(call.Argument(0).String())
	n.throwCrypto(err)
	return n.object(map[string]any{
		"generate": func(goja.FunctionCall) goja.Value { n.throwCrypto(e.Generate()); return goja.Undefined() },
		"setPrivate": func(call goja.FunctionCall) goja.Value {
			n.throwCrypto(e.SetPrivate(arguments{values: call.Arguments}.memory(0)))
			return goja.Undefined()
		},
		"setPublic": func(call goja.FunctionCall) goja.Value {
			n.throwCrypto(e.SetPublic(arguments{values: call.Arguments}.memory(0)))
			return goja.Undefined()
		},
		"private": func(goja.FunctionCall) goja.Value { return n.maybe(e.Private()) },
		"public": func(call goja.FunctionCall) goja.Value {
			b, err := e.Public(call.Argument(0).String())
			n.throwCrypto(err)
			return n.maybe(b)
		},
		"secret": func(call goja.FunctionCall) goja.Value {
			b, err := e.Secret(arguments{values: call.Arguments}.memory(0))
			n.throwCrypto(err)
			return n.bytes(b)
		},
	})
}

// maybe is undefined for nil.
func (n *Node) maybe(b []byte) goja.Value {
	if b == nil {
		return goja.Undefined()
	}
	return n.bytes(append([]byte{}, b...))
}

// cryptoDH(prime, generator) → an object
func (n *Node) cryptoDH(call goja.FunctionCall) goja.Value {
	a := arguments{values: call.Arguments}
	d := crypto.NewDH(new(big.Int).SetBytes(a.memory(0)), new(big.Int).SetBytes(a.memory(1)))
	return n.object(map[string]any{
		"verifyError": d.VerifyError(),
		"generate":    func(goja.FunctionCall) goja.Value { n.throwCrypto(d.Generate()); return goja.Undefined() },
		"setPrivate": func(call goja.FunctionCall) goja.Value {
			d.SetPrivate(arguments{values: call.Arguments}.memory(0))
			return goja.Undefined()
		},
		"setPublic": func(call goja.FunctionCall) goja.Value {
			d.SetPublic(arguments{values: call.Arguments}.memory(0))
			return goja.Undefined()
		},
		"private": func(goja.FunctionCall) goja.Value { return n.maybe(d.Private()) },
		"public":  func(goja.FunctionCall) goja.Value { return n.maybe(d.Public()) },
		"secret": func(call goja.FunctionCall) goja.Value {
			b, err := d.Secret(arguments{values: call.Arguments}.memory(0))
			n.throwCrypto(err)
			return n.bytes(b)
		},
	})
}

// randomBytes(n) is what fill gives.
func randomBytes(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails
	return b
}
