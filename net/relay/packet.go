package relay

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

const (
	// magic begins requests and answers. QUIC's packets have the bit 0x40 set in the first byte.
	magic = "\x00SCR"
	// requestLen is how long requests and answers are, in bytes.
	requestLen = len(magic) + 4 + 16 + 16
	// maxPacket is the longest packet that is carried, in bytes. QUIC's are at most 1452 where the path is an Ethernet.
	maxPacket = 2048
)

// A Token lets one node into one session. It is a secret of the node and the server.
type Token [16]byte

// newToken returns a token that nobody can guess.
func newToken() (t Token) {
	rand.Read(t[:]) // never fails, says crypto/rand
	return t
}

// String returns the token as ParseToken reads it.
func (t Token) String() string { return hex.EncodeToString(t[:]) }

// ParseToken is the inverse of String.
func ParseToken(text string) (Token, error) {
	var t Token
	if n, err := hex.Decode(t[:], []byte(text[:min(len(text), 2*len(t))])); err != nil || n != len(t) || len(text) != 2*len(t) {
		return Token{}, fmt.Errorf("relay token of %d characters is not 32 hexadecimal digits", len(text))
	}
	return t, nil
}

// kind is what a request asks or an answer says.
type kind uint8

const (
	bind      kind = iota + 1
	challenge      // bind again with this cookie
	bound
	unknown // there is no such session
)

// cookie proves that somebody receives at an address.
type cookie [16]byte

// request is a request or an answer.
type request struct {
	kind   kind
	token  Token
	cookie cookie
}

// encode returns r as it travels.
func (r request) encode() []byte {
	b := make([]byte, 0, requestLen)
	b = append(b, magic...)
	b = append(b, byte(r.kind), 0, 0, 0)
	b = append(b, r.token[:]...)
	return append(b, r.cookie[:]...)
}

// isRequest reports whether a packet is for us, and not to be carried.
func isRequest(packet []byte) bool { return bytes.HasPrefix(packet, []byte(magic)) }

// decode reads what encode wrote; false if it is anything else.
func decode(packet []byte) (request, bool) {
	if len(packet) != requestLen || !isRequest(packet) || packet[5]|packet[6]|packet[7] != 0 {
		return request{}, false
	}
	r := request{kind: kind(packet[4]), token: Token(packet[8:24]), cookie: cookie(packet[24:40])}
	return r, r.kind >= bind && r.kind <= unknown
}
