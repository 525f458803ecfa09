package crypto

import (
	"crypto/rand"
	"math/big"
)

// groups are the primes of RFC 2409 §6 and RFC 3526, all of generator 2. Each is 2^n - 2^(n-64) - 1 + 2^64·(⌊2^(n-130)·π⌋ + k):
// given is n and k.
var groups = map[string]struct{ bits, k int64 }{
	"modp1": {768, 149686}, "modp2": {1024, 129093}, "modp5": {1536, 741804}, "modp14": {2048, 124476},
	"modp15": {3072, 1690314}, "modp16": {4096, 240904}, "modp17": {6144, 929484}, "modp18": {8192, 4743158},
}

// GroupPrime returns the prime of a named group; nil if there is none of that name.
func GroupPrime(name string) *big.Int {
	g, ok := groups[name]
	if !ok {
		return nil
	}
	one := big.NewInt(1)
	p := new(big.Int).Lsh(one, uint(g.bits))
	p.Sub(p, new(big.Int).Lsh(one, uint(g.bits-64)))
	p.Sub(p, one)
	middle := piBits(uint(g.bits - 130))
	middle.Add(middle, big.NewInt(g.k))
	return p.Add(p, middle.Lsh(middle, 64))
}

// piBits returns ⌊2^n·π⌋, by Machin's formula with 64 bits to spare.
func piBits(n uint) *big.Int {
	spare := n + 64
	pi := new(big.Int).Mul(arctanInverse(5, spare), big.NewInt(16))
	pi.Sub(pi, new(big.Int).Mul(arctanInverse(239, spare), big.NewInt(4)))
	return pi.Rsh(pi, 64)
}

// arctanInverse returns 2^n·arctan(1/x).
func arctanInverse(x int64, n uint) *big.Int {
	power := new(big.Int).Lsh(big.NewInt(1), n)
	power.Quo(power, big.NewInt(x))
	sum := new(big.Int).Set(power)
	square := big.NewInt(x * x)
	term := new(big.Int)
	for k := int64(1); power.Sign() != 0; k++ {
		power.Quo(power, square)
		term.Quo(power, big.NewInt(2*k+1))
		if k%2 == 1 {
			sum.Sub(sum, term)
		} else {
			sum.Add(sum, term)
		}
	}
	return sum
}

// DH agrees on secrets over the numbers modulo a prime, as Node's createDiffieHellman does.
type DH struct {
	Prime, Generator *big.Int
	private, public  *big.Int
}

// NewDH returns a DH without keys.
func NewDH(prime, generator *big.Int) *DH { return &DH{Prime: prime, Generator: generator} }

// Generate makes a private key, unless one was set, and the public key that belongs to it.
func (d *DH) Generate() error {
	if d.private == nil {
		top := new(big.Int).Sub(d.Prime, big.NewInt(2))
		if top.Sign() <= 0 {
			return openssl("DH_MODULUS_TOO_SMALL", "error:0280007E:Diffie-Hellman routines::modulus too small")
		}
		k, err := rand.Int(rand.Reader, top)
		if err != nil {
			return err
		}
		d.private = k.Add(k, big.NewInt(1))
	}
	d.public = new(big.Int).Exp(d.Generator, d.private, d.Prime)
	return nil
}

// SetPrivate and SetPublic set a key.
func (d *DH) SetPrivate(b []byte) { d.private = new(big.Int).SetBytes(b) }

// SetPublic sets the public key.
func (d *DH) SetPublic(b []byte) { d.public = new(big.Int).SetBytes(b) }

// Private returns the private key, big-endian; nil if there is none.
func (d *DH) Private() []byte { return bytesOf(d.private) }

// Public returns the public key, big-endian and as long as the prime; nil if there is none.
func (d *DH) Public() []byte { return bytesOf(d.public) }

func bytesOf(n *big.Int) []byte {
	if n == nil {
		return nil
	}
	return n.Bytes()
}

// Secret returns what is shared with the owner of the other public key, as long as the prime.
func (d *DH) Secret(other []byte) ([]byte, error) {
	y := new(big.Int).SetBytes(other)
	switch {
	case d.private == nil:
		return nil, fail("ERR_CRYPTO_INVALID_KEYPAIR", "Invalid key pair")
	case y.Cmp(big.NewInt(1)) <= 0:
		return nil, &Error{"ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too small", "RangeError"}
	case y.Cmp(new(big.Int).Sub(d.Prime, big.NewInt(1))) >= 0:
		return nil, &Error{"ERR_CRYPTO_INVALID_KEYLEN", "Supplied key is too large", "RangeError"}
	}
	size := (d.Prime.BitLen() + 7) / 8
	return y.Exp(y, d.private, d.Prime).FillBytes(make([]byte, size)), nil
}

// VerifyError returns what crypto.constants numbers: DH_CHECK_P_NOT_SAFE_PRIME 2, DH_CHECK_P_NOT_PRIME 1,
// DH_NOT_SUITABLE_GENERATOR 8, DH_UNABLE_TO_CHECK_GENERATOR 4.
func (d *DH) VerifyError() int {
	result := 0
	if !d.Prime.ProbablyPrime(20) {
		result |= 1
	} else if half := new(big.Int).Rsh(d.Prime, 1); !half.ProbablyPrime(20) {
		result |= 2
	}
	if d.Generator.Cmp(big.NewInt(1)) <= 0 || d.Generator.Cmp(new(big.Int).Sub(d.Prime, big.NewInt(1))) >= 0 {
		result |= 8
	}
	return result
}

// GeneratePrime makes a prime of that many bits; with safe, one whose half is prime as well; with add, one that is rem
// modulo add (or 1, or for a safe one 3, if rem is nil). It gives up when stop says so.
func GeneratePrime(bits int, safe bool, add, rem *big.Int, stop func() bool) (*big.Int, error) {
	two := big.NewInt(2)
	for !stop() {
		if safe || add != nil {
			p, err := candidate(bits, safe, add, rem)
			if err != nil {
				return nil, err
			}
			if p.BitLen() != bits || !p.ProbablyPrime(10) {
				continue
			}
			if half := new(big.Int).Quo(p, two); safe && !half.ProbablyPrime(10) {
				continue
			}
			return p, nil
		}
		if bits < 2 {
			return big.NewInt(2), nil
		}
		return rand.Prime(rand.Reader, bits)
	}
	return nil, fail("ABORT_ERR", "The operation was aborted")
}

// candidate draws a number that may be the prime.
func candidate(bits int, safe bool, add, rem *big.Int) (*big.Int, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	if err != nil {
		return nil, err
	}
	n.SetBit(n, bits-1, 1)
	if add == nil {
		n.SetBit(n, 0, 1)
		if safe {
			n.SetBit(n, 1, 1) // its half is odd
		}
		return n, nil
	}
	r := rem
	if r == nil {
		r = big.NewInt(1)
		if safe {
			r = big.NewInt(3)
		}
	}
	n.Sub(n, new(big.Int).Mod(n, add))
	return n.Add(n, r), nil
}
