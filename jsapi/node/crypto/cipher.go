package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/subtle"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/chacha20poly1305"
)

// CipherInfo describes a cipher; sizes are in bytes.
type CipherInfo struct {
	Name, Mode     string
	NID            int // OpenSSL's number
	Key, IV, Block int
	authenticated  bool
	stream         bool
	newBlock       func(key []byte) (cipher.Block, error)
}

// ciphers are the known ones by name.
var ciphers = cipherTable()

func cipherTable() map[string]CipherInfo {
	table := map[string]CipherInfo{}
	nids := map[string][3]int{ // of 128, 192 and 256 bits
		"ecb": {418, 422, 426}, "cbc": {419, 423, 427}, "ofb": {420, 424, 428}, "cfb": {421, 425, 429},
		"cfb8": {653, 654, 655}, "ctr": {904, 905, 906}, "gcm": {895, 898, 901},
	}
	for mode, ids := range nids {
		for i, bits := range []int{128, 192, 256} {
			c := CipherInfo{
				Name: fmt.Sprintf("aes-%d-%s", bits, mode), Mode: mode, NID: ids[i], Key: bits / 8, IV: 16,
				Block: 16, stream: mode != "ecb" && mode != "cbc", newBlock: aes.NewCipher,
			}
			switch mode {
			case "ecb":
				c.IV = 0
			case "gcm":
				c.IV, c.authenticated = 12, true
			}
			table[c.Name] = c
		}
	}
	table["des-ede3-cbc"] = CipherInfo{Name: "des-ede3-cbc", Mode: "cbc", NID: 44, Key: 24, IV: 8, Block: 8, newBlock: des.NewTripleDESCipher}
	table["chacha20-poly1305"] = CipherInfo{Name: "chacha20-poly1305", Mode: "stream", NID: 1018, Key: 32, IV: 12, Block: 1, authenticated: true, stream: true}
	return table
}

// cipherAliases are other names of theirs.
var cipherAliases = map[string]string{
	"aes128": "aes-128-cbc", "aes192": "aes-192-cbc", "aes256": "aes-256-cbc", "des3": "des-ede3-cbc",
	"id-aes128-gcm": "aes-128-gcm", "id-aes192-gcm": "aes-192-gcm", "id-aes256-gcm": "aes-256-gcm",
}

// LookupCipher finds a cipher by its name, in any case; false if it is unknown.
func LookupCipher(name string) (CipherInfo, bool) {
	name = strings.ToLower(name)
	if a, ok := cipherAliases[name]; ok {
		name = a
	}
	c, ok := ciphers[name]
	return c, ok
}

// LookupNID finds a cipher by OpenSSL's number.
func LookupNID(nid int) (CipherInfo, bool) {
	for _, c := range ciphers {
		if c.NID == nid {
			return c, true
		}
	}
	return CipherInfo{}, false
}

// CipherNames lists the ciphers, sorted.
func CipherNames() []string {
	names := slices.Collect(maps.Keys(ciphers))
	names = append(names, "aes128", "aes192", "aes256", "des3", "id-aes128-gcm", "id-aes192-gcm", "id-aes256-gcm")
	slices.Sort(names)
	return names
}

// Authenticated reports whether the cipher makes a tag.
func (c CipherInfo) Authenticated() bool { return c.authenticated }

// ValidIV reports whether an IV may have n bytes.
func (c CipherInfo) ValidIV(n int) bool {
	if c.authenticated && c.Mode == "gcm" {
		return n >= 1
	}
	return n == c.IV
}

// Cipher encrypts or decrypts a stream of bytes.
type Cipher struct {
	info    CipherInfo
	decrypt bool
	padding bool
	done    bool
	tagLen  int

	block cipher.Block
	mode  cipher.BlockMode // of cbc
	xor   cipher.Stream
	rest  []byte // that do not make a block yet

	aead    cipher.AEAD
	nonce   []byte
	aad     []byte
	plain   []byte // so far: the tag is made of all of it at once
	tag     []byte
	started bool
}

// NewCipher returns a Cipher; tagLen is the tag's length in bytes, zero for 16.
func NewCipher(info CipherInfo, key, iv []byte, decrypt bool, tagLen int) (*Cipher, error) {
	if len(key) != info.Key {
		return nil, &Error{"ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length", "RangeError"}
	}
	if !info.ValidIV(len(iv)) {
		return nil, &Error{"ERR_CRYPTO_INVALID_IV", "Invalid initialization vector", "TypeError"}
	}
	c := &Cipher{info: info, decrypt: decrypt, padding: true, tagLen: tagLen, nonce: slices.Clone(iv)}
	if tagLen == 0 {
		c.tagLen = 16
	}
	if info.newBlock == nil {
		return c, c.useChaCha(key)
	}
	b, err := info.newBlock(key)
	if err != nil {
		return nil, err
	}
	c.block = b
	return c, c.useBlock(b)
}

func (c *Cipher) useChaCha(key []byte) (err error) {
	if c.aead, err = chacha20poly1305.New(key); err != nil {
		return err
	}
	s, err := chacha20.NewUnauthenticatedCipher(key, c.nonce)
	if err != nil {
		return err
	}
	s.SetCounter(1) // RFC 8439 §2.8: block 0 is the key of the tag
	c.xor = s
	return nil
}

func (c *Cipher) useBlock(b cipher.Block) (err error) {
	switch c.info.Mode {
	case "cbc":
		if c.decrypt {
			c.mode = cipher.NewCBCDecrypter(b, c.nonce)
		} else {
			c.mode = cipher.NewCBCEncrypter(b, c.nonce)
		}
	case "ctr":
		c.xor = cipher.NewCTR(b, c.nonce)
	case "ofb":
		c.xor = &feedback{block: b, register: slices.Clone(c.nonce), own: true, out: make([]byte, 16)}
	case "cfb", "cfb8":
		c.xor = &feedback{block: b, register: slices.Clone(c.nonce), bytewise: c.info.Mode == "cfb8", decrypt: c.decrypt, out: make([]byte, 16)}
	case "gcm":
		if c.aead, err = cipher.NewGCMWithNonceSize(b, len(c.nonce)); err != nil {
			return err
		}
		// The text is encrypted by CTR from the block after J0 (NIST SP 800-38D §7.1). Its first block of key stream
		// is what zeros become, and the counter what that is decrypted to.
		counter := make([]byte, 16)
		b.Decrypt(counter, c.aead.Seal(nil, c.nonce, make([]byte, 16), nil)[:16])
		c.xor = cipher.NewCTR(b, counter)
	}
	return nil
}

// SetPadding turns the padding of blocks on or off.
func (c *Cipher) SetPadding(on bool) { c.padding = on }

// SetAAD adds to what is authenticated and not encrypted; false after the first Update.
func (c *Cipher) SetAAD(b []byte) bool {
	if !c.info.authenticated || c.started || c.done {
		return false
	}
	c.aad = append(c.aad, b...)
	return true
}

// SetTag says what tag decrypted text has to have; false if it cannot be, or not any more.
func (c *Cipher) SetTag(tag []byte) bool {
	if !c.info.authenticated || !c.decrypt || c.done || c.tag != nil {
		return false
	}
	c.tag = slices.Clone(tag)
	return true
}

// Tag returns the tag, after Final of an encryption; nil before.
func (c *Cipher) Tag() []byte {
	if c.decrypt || !c.done || !c.info.authenticated {
		return nil
	}
	return c.tag
}

// Update takes more text and returns what is ready of the other.
func (c *Cipher) Update(b []byte) ([]byte, error) {
	if c.done {
		return nil, fail("ERR_CRYPTO_INVALID_STATE", "Invalid state for operation update")
	}
	c.started = true
	if c.xor != nil {
		out := make([]byte, len(b))
		c.xor.XORKeyStream(out, b)
		switch {
		case c.aead != nil && c.decrypt:
			c.plain = append(c.plain, out...)
		case c.aead != nil:
			c.plain = append(c.plain, b...)
		}
		return out, nil
	}
	c.rest = append(c.rest, b...)
	n := len(c.rest) / c.info.Block * c.info.Block
	if c.decrypt && c.padding && n == len(c.rest) && n > 0 {
		n -= c.info.Block // which may be the padding
	}
	return c.blocks(n), nil
}

// blocks takes n bytes of rest.
func (c *Cipher) blocks(n int) []byte {
	out := make([]byte, n)
	switch {
	case c.mode != nil:
		c.mode.CryptBlocks(out, c.rest[:n])
	default: // ecb
		for i := 0; i < n; i += c.info.Block {
			if c.decrypt {
				c.block.Decrypt(out[i:], c.rest[i:])
			} else {
				c.block.Encrypt(out[i:], c.rest[i:])
			}
		}
	}
	c.rest = append(c.rest[:0], c.rest[n:]...)
	return out
}

// Final ends the stream and returns what is left.
func (c *Cipher) Final() ([]byte, error) {
	if c.done {
		return nil, fail("ERR_CRYPTO_INVALID_STATE", "Invalid state for operation final")
	}
	if c.aead != nil {
		return nil, c.finishTag()
	}
	c.done = true
	if c.xor != nil {
		return nil, nil
	}
	size := c.info.Block
	switch {
	case !c.padding && len(c.rest) > 0 && c.decrypt, c.decrypt && c.padding && len(c.rest) != size:
		return nil, openssl("WRONG_FINAL_BLOCK_LENGTH", "error:1C80006B:Provider routines::wrong final block length")
	case !c.padding && len(c.rest) > 0:
		return nil, openssl("WRONG_FINAL_BLOCK_LENGTH", "error:1C80006A:Provider routines::wrong final block length")
	case !c.padding:
		return nil, nil
	case !c.decrypt:
		pad := size - len(c.rest)%size
		for range pad {
			c.rest = append(c.rest, byte(pad))
		}
		return c.blocks(size), nil
	}
	out := c.blocks(size)
	pad := int(out[size-1])
	if pad == 0 || pad > size || strings.Trim(string(out[size-pad:]), string(out[size-1:])) != "" {
		return nil, openssl("BAD_DECRYPT", "error:1C800064:Provider routines::bad decrypt")
	}
	return out[:size-pad], nil
}

// finishTag makes or checks the tag.
func (c *Cipher) finishTag() error {
	if c.decrypt && c.tag == nil {
		return fail("", "Unsupported state or unable to authenticate data")
	}
	c.done = true
	sealed := c.aead.Seal(nil, c.nonce, c.plain, c.aad)
	tag := sealed[len(sealed)-16:]
	c.plain = nil
	if !c.decrypt {
		c.tag = tag[:c.tagLen]
		return nil
	}
	if subtle.ConstantTimeCompare(tag[:min(len(c.tag), len(tag))], c.tag) != 1 {
		return fail("", "Unsupported state or unable to authenticate data")
	}
	return nil
}

// feedback is the stream of the modes CFB and OFB (NIST SP 800-38A §6.3 and §6.4).
type feedback struct {
	block    cipher.Block
	register []byte
	out      []byte
	used     int  // of out; zero: it has to be made
	own      bool // OFB: the key stream itself is fed back
	bytewise bool // CFB8
	decrypt  bool
}

// XORKeyStream encrypts or decrypts src.
func (f *feedback) XORKeyStream(dst, src []byte) {
	for i, in := range src {
		if f.used == 0 {
			f.block.Encrypt(f.out, f.register)
			if f.own {
				copy(f.register, f.out)
			}
		}
		out := in ^ f.out[f.used]
		text := out // what was encrypted
		if f.decrypt {
			text = in
		}
		switch {
		case f.bytewise:
			copy(f.register, f.register[1:])
			f.register[len(f.register)-1] = text
		default:
			if !f.own {
				f.register[f.used] = text
			}
			f.used = (f.used + 1) % len(f.out)
		}
		dst[i] = out
	}
}
