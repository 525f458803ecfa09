package crypto

import (
	"math/big"
	"testing"
)

// RFC 3526 and RFC 2409 give the constants by which the primes are computed; a prime whose half is prime proves them.
func TestGroupPrimes(t *testing.T) {
	for name, g := range groups {
		p := GroupPrime(name)
		if p.BitLen() != int(g.bits) {
			t.Errorf("%s has %d bits, want %d", name, p.BitLen(), g.bits)
		}
		if g.bits > 2048 { // the larger ones take minutes; they were tried once
			continue
		}
		if d := NewDH(p, big.NewInt(2)); !p.ProbablyPrime(1) || d.VerifyError()&3 != 0 {
			t.Errorf("%s is no safe prime", name)
		}
	}
}
