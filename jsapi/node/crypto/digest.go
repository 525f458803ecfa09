package crypto

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding"
	"hash"
	"maps"
	"slices"
	"strings"

	std "crypto"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 Node has it
)

// digests are the hash functions by Node's names in lower case.
var digests = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384,
	"sha512": sha512.New, "sha512-224": sha512.New512_224, "sha512-256": sha512.New512_256,
	"sha3-224": func() hash.Hash { return sha3.New224() }, "sha3-256": func() hash.Hash { return sha3.New256() },
	"sha3-384": func() hash.Hash { return sha3.New384() }, "sha3-512": func() hash.Hash { return sha3.New512() },
	"blake2b512": func() hash.Hash { h, _ := blake2b.New512(nil); return h },
	"blake2s256": func() hash.Hash { h, _ := blake2s.New256(nil); return h },
	"ripemd160":  ripemd160.New,
}

// aliases are other names of theirs.
var aliases = map[string]string{
	"sha-1": "sha1", "sha-224": "sha224", "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512",
	"rmd160": "ripemd160", "ripemd": "ripemd160", "ssl3-md5": "md5", "ssl3-sha1": "sha1",
	"sha512/224": "sha512-224", "sha512/256": "sha512-256", "sha2-256": "sha256", "sha2-512": "sha512",
}

// stdHash are the digests that signatures may be made of.
var stdHash = map[string]std.Hash{
	"md5": std.MD5, "sha1": std.SHA1, "sha224": std.SHA224, "sha256": std.SHA256, "sha384": std.SHA384,
	"sha512": std.SHA512, "sha512-224": std.SHA512_224, "sha512-256": std.SHA512_256, "sha3-224": std.SHA3_224,
	"sha3-256": std.SHA3_256, "sha3-384": std.SHA3_384, "sha3-512": std.SHA3_512, "ripemd160": std.RIPEMD160,
}

// digestName returns the name that the tables above have for name: in lower case, without "RSA-".
func digestName(name string) string {
	name = strings.ToLower(name)
	name = strings.TrimSuffix(strings.TrimPrefix(name, "rsa-"), "withrsaencryption")
	if a, ok := aliases[name]; ok {
		return a
	}
	return name
}

// NewHash returns the hash function of that name, "SHA256" or "RSA-SHA256"; nil if there is none.
func NewHash(name string) func() hash.Hash { return digests[digestName(name)] }

// DigestNames lists the hash functions, sorted.
func DigestNames() []string {
	names := slices.Collect(maps.Keys(digests))
	for name := range stdHash {
		if strings.HasPrefix(name, "sha") || name == "md5" || name == "ripemd160" {
			names = append(names, "RSA-"+strings.ToUpper(name))
		}
	}
	names = append(names, "shake128", "shake256")
	slices.Sort(names)
	return names
}

// XOF is a hash function whose output may have any length.
type XOF struct {
	*sha3.SHAKE
	Default int // bytes that Node gives if it is asked for no length
}

// NewXOF returns shake128 or shake256; nil for other names.
func NewXOF(name string) *XOF {
	switch strings.ToLower(name) {
	case "shake128":
		return &XOF{sha3.NewSHAKE128(), 16}
	case "shake256":
		return &XOF{sha3.NewSHAKE256(), 32}
	}
	return nil
}

// CopyHash returns a hash in the state of h, which fresh made; false if its kind cannot be copied.
func CopyHash(h hash.Hash, fresh func() hash.Hash) (hash.Hash, bool) {
	from, ok := h.(encoding.BinaryMarshaler)
	if !ok {
		return nil, false
	}
	state, err := from.MarshalBinary()
	if err != nil {
		return nil, false
	}
	other := fresh()
	to, ok := other.(encoding.BinaryUnmarshaler)
	return other, ok && to.UnmarshalBinary(state) == nil
}
