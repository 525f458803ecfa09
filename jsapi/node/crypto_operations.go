package node

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"sync/atomic"

	"github.com/dop251/goja"

	"supercluster/jsapi/node/crypto"
)

// cryptoOperations are those that may take a while. js/crypto_*.js has checked the arguments.
func (n *Node) cryptoOperations() map[string]operation {
	return map[string]operation{
		// fill(view): off the loop, the view's own memory is written
		"fill": func(a arguments) work {
			b := a.memory(0)
			return func() (outcome, error) { _, err := rand.Read(b); return nil, err }
		},
		"pbkdf2": func(a arguments) work { // digest, password, salt, iterations, size
			digest, password, salt, rounds, size := a.str(0), a.kept(1), a.kept(2), int(a.num(3)), int(a.num(4))
			return func() (outcome, error) { return n.giveBytes(crypto.PBKDF2(digest, password, salt, rounds, size)) }
		},
		"hkdf": func(a arguments) work { // digest, key, salt, info, size
			digest, key, salt, info, size := a.str(0), a.kept(1), a.kept(2), a.kept(3), int(a.num(4))
			return func() (outcome, error) { return n.giveBytes(crypto.HKDF(digest, key, salt, info, size)) }
		},
		"scrypt": func(a arguments) work { // password, salt, N, r, p, maxmem, size
			password, salt, cost, r, p, mem, size := a.kept(0), a.kept(1), int(a.num(2)), int(a.num(3)), int(a.num(4)), a.num(5), int(a.num(6))
			return func() (outcome, error) {
				return n.giveBytes(crypto.Scrypt(password, salt, cost, r, p, size, mem))
			}
		},
		"sign": func(a arguments) work { // key, data, digest, padding, salt, p1363
			k, data, o := a.key(0), a.kept(1), a.signOptions(2)
			return func() (outcome, error) { return n.giveBytes(k.Sign(data, o)) }
		},
		"verify": func(a arguments) work { // key, data, digest, padding, salt, p1363, signature
			k, data, o, signature := a.key(0), a.kept(1), a.signOptions(2), a.kept(6)
			return func() (outcome, error) { return n.giveTruth(k.Verify(data, signature, o)) }
		},
		"encrypt": func(a arguments) work { // key, data, padding, digest, label
			k, data, padding, digest, label := a.key(0), a.kept(1), int(a.num(2)), a.text(3), a.kept(4)
			return func() (outcome, error) { return n.giveBytes(k.Encrypt(data, padding, digest, label)) }
		},
		"decrypt": func(a arguments) work { // the same
			k, data, padding, digest, label := a.key(0), a.kept(1), int(a.num(2)), a.text(3), a.kept(4)
			return func() (outcome, error) { return n.giveBytes(k.Decrypt(data, padding, digest, label)) }
		},
		"privateEncrypt": func(a arguments) work { // key, data, padding
			k, data, padding := a.key(0), a.kept(1), int(a.num(2))
			return func() (outcome, error) { return n.giveBytes(k.PrivateEncrypt(data, padding)) }
		},
		"publicDecrypt": func(a arguments) work { // key, data, padding
			k, data, padding := a.key(0), a.kept(1), int(a.num(2))
			return func() (outcome, error) { return n.giveBytes(k.PublicDecrypt(data, padding)) }
		},
		"agree": func(a arguments) work { // private key, public key
			k, other := a.key(0), a.key(1)
			return func() (outcome, error) { return n.giveBytes(k.Agree(other)) }
		},
		"generateRSA": func(a arguments) work { // type, bits, exponent
			kind, bits, exponent := a.str(0), int(a.num(1)), int(a.num(2))
			return func() (outcome, error) { return n.giveKey(crypto.GenerateRSA(kind, bits, exponent)) }
		},
		"generateEC": func(a arguments) work { // curve
			curve := a.str(0)
			return func() (outcome, error) { return n.giveKey(crypto.GenerateEC(curve)) }
		},
		"generate25519": func(a arguments) work { // type
			kind := a.str(0)
			return func() (outcome, error) { return n.giveKey(crypto.GenerateCurve25519(kind)) }
		},
		"random": func(a arguments) work { // size
			size := int(a.num(0))
			return func() (outcome, error) { return n.giveBytes(randomBytes(size), nil) }
		},
		"secretKey": func(a arguments) work { // bytes
			b := a.kept(0)
			return func() (outcome, error) { return n.giveKey(&crypto.Key{Secret: b}, nil) }
		},
		"secretBytes": func(a arguments) work { // key
			b := append([]byte{}, a.key(0).Secret...)
			return func() (outcome, error) { return n.giveBytes(b, nil) }
		},
		"parse": func(a arguments) work { // bytes, private, format, type, passphrase
			data, private, e := a.kept(0), a.truth(1), crypto.Encoding{Format: a.text(2), Type: a.text(3), Passphrase: a.kept(4)}
			return func() (outcome, error) {
				if private {
					return n.giveKey(crypto.ParsePrivate(data, e))
				}
				return n.giveKey(crypto.ParsePublic(data, e))
			}
		},
		"export": func(a arguments) work { // key, private, format, type, cipher, passphrase
			k, private := a.key(0), a.truth(1)
			e := crypto.Encoding{Format: a.text(2), Type: a.text(3), Cipher: a.text(4), Passphrase: a.kept(5)}
			return func() (outcome, error) {
				if private {
					return n.giveBytes(k.ExportPrivate(e))
				}
				return n.giveBytes(k.ExportPublic(e))
			}
		},
		"publicHalf": func(a arguments) work { // key
			k := a.key(0)
			return func() (outcome, error) { return n.giveKey(k.PublicKey(), nil) }
		},
		"convertPoint": func(a arguments) work { // point, curve, format
			b, curve, format := a.kept(0), a.str(1), a.str(2)
			return func() (outcome, error) { return n.giveBytes(crypto.ConvertPoint(crypto.Curve(curve), b, format)) }
		},
		"parseJWK":      n.parseJWK,
		"exportJWK":     n.exportJWK,
		"generatePrime": n.generatePrime,
		"checkPrime": func(a arguments) work { // bytes, rounds
			p, rounds := new(big.Int).SetBytes(a.kept(0)), int(a.num(1))
			return func() (outcome, error) { return n.giveTruth(p.ProbablyPrime(max(rounds, 20)), nil) }
		},
	}
}

// signOptions are four arguments from i on.
func (a arguments) signOptions(i int) crypto.SignOptions {
	return crypto.SignOptions{Digest: a.text(i), Padding: int(a.num(i + 1)), Salt: int(a.num(i + 2)), P1363: a.truth(i + 3)}
}

// parseJWK(private, kty, crv, name, bytes, …)
func (n *Node) parseJWK(a arguments) work {
	j := crypto.JWK{Type: a.text(1), Curve: a.text(2), Fields: map[string][]byte{}}
	for i := 3; i+1 < len(a.values); i += 2 {
		j.Fields[a.str(i)] = a.kept(i + 1)
	}
	private := a.truth(0)
	return func() (outcome, error) { return n.giveKey(crypto.ParseJWK(j, private)) }
}

// exportJWK(key) → [kty, crv, name, bytes, …]
func (n *Node) exportJWK(a arguments) work {
	k := a.key(0)
	return func() (outcome, error) {
		j, err := k.ExportJWK()
		if err != nil {
			return nil, err
		}
		return func(rt *goja.Runtime) goja.Value {
			list := []any{j.Type, j.Curve}
			for _, name := range []string{"n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y"} {
				if b := j.Fields[name]; b != nil && (name != "d" || k.Private != nil) {
					list = append(list, name, n.bytes(b))
				}
			}
			return rt.NewArray(list...)
		}, nil
	}
}

// generatePrime(bits, safe, add or undefined, rem or undefined) → big-endian bytes
func (n *Node) generatePrime(a arguments) work {
	bits, safe := int(a.num(0)), a.truth(1)
	number := func(b []byte) *big.Int {
		if b == nil {
			return nil
		}
		return new(big.Int).SetBytes(b)
	}
	add, rem := number(a.kept(2)), number(a.kept(3))
	var tries atomic.Int64
	return func() (outcome, error) {
		p, err := crypto.GeneratePrime(bits, safe, add, rem, func() bool { return tries.Add(1) > 10_000_000 })
		if err != nil {
			return nil, err
		}
		return n.giveBytes(p.FillBytes(make([]byte, (bits+7)/8)), nil)
	}
}

// keyInfo(key) → [type, modulus length in bits or undefined, public exponent or undefined, curve or undefined, secret
// size in bytes or undefined, it is private]
func (n *Node) keyInfo(call goja.FunctionCall) goja.Value {
	k := arguments{values: call.Arguments}.key(0)
	bits, exponent, curve, size := goja.Undefined(), goja.Undefined(), goja.Undefined(), goja.Undefined()
	switch pub := k.Public.(type) {
	case *rsa.PublicKey:
		bits, exponent = n.rt.ToValue(pub.N.BitLen()), n.rt.ToValue(pub.E)
	case *ecdsa.PublicKey:
		curve = n.rt.ToValue(crypto.CurveName(pub.Curve, false))
	case nil:
		size = n.rt.ToValue(len(k.Secret))
	}
	return n.rt.NewArray(k.Type, bits, exponent, curve, size, k.Private != nil)
}
