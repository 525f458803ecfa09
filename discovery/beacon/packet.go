package beacon

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
	"supercluster/vm/value"
)

const (
	// maxPacket is the largest packet, in bytes: it fits every link's MTU unfragmented.
	maxPacket = 1200
	// maxData is the largest Data that travels in a packet, in bytes; the hello brings the rest.
	maxData = 512
	// purpose stands before the signed bytes, so that a node's signature on something else is none on an announcement.
	purpose = "sc announcement 1\x00"
	// fields is how many fields the body has at least; more are of a later version and are skipped.
	fields = 11
)

const flagBye = 1

var (
	errMalformed = errors.New("malformed announcement")
	errForged    = errors.New("announcement not signed by its node")
)

// parsed is a packet's content before its signature was checked.
type parsed struct {
	discovery.Announcement // Addr holds the port only
	pub                    ed25519.PublicKey
	sig, body              []byte
}

// encode returns the packet by which the node that id belongs to announces a at now. A sealed packet holds the
// signature (64 bytes) of the body, and the body: a msgpack array of the public key, role, cluster, boot, sequence
// number, time (ms since 1970, for people who debug clocks), port, protocol, ttl (ms), flags and data.
func encode(sealer *trust.Sealer, id *trust.Identity, a discovery.Announcement, now time.Time) ([]byte, error) {
	if got := id.ID().String(); got != a.ID {
		return nil, fmt.Errorf("announce %s: identity is %s", a.ID, got)
	}
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("announce %s: %w", a.ID, err)
	}
	w := value.NewWriter(nil)
	w.ArrayLen(fields)
	w.Bin(id.PublicKey())
	w.Str(a.Role)
	w.Str(a.Cluster)
	w.Uint(a.Boot)
	w.Uint(a.Seq)
	w.Int(now.UnixMilli())
	w.Uint(uint64(a.Addr.Port()))
	w.Uint(uint64(a.Proto))
	w.Uint(uint64(a.TTL.Milliseconds()))
	flags := uint64(0)
	if a.Bye {
		flags |= flagBye
	}
	w.Uint(flags)
	if a.Data == nil || len(a.Data) > maxData {
		w.Nil()
	} else {
		w.Bin(a.Data)
	}
	body := w.Bytes()
	sig := id.Sign(append([]byte(purpose), body...))
	packet := sealer.Seal(append(sig, body...))
	if len(packet) > maxPacket {
		return nil, fmt.Errorf("announce %s: packet of %d bytes, limit %d", a.ID, len(packet), maxPacket)
	}
	return packet, nil
}

// parse reads what a sealed packet held. Nothing in it is authentic before verify has said so; it aliases plain.
func parse(plain []byte) (parsed, error) {
	if len(plain) < ed25519.SignatureSize {
		return parsed{}, fmt.Errorf("%w: %d bytes", errMalformed, len(plain))
	}
	p := parsed{sig: plain[:ed25519.SignatureSize], body: plain[ed25519.SignatureSize:]}
	r := value.NewReader(p.body, value.Limits{MaxDepth: 8, MaxNodes: 1000})
	n := r.ArrayLen()
	if n < fields {
		return parsed{}, fmt.Errorf("%w: %d fields, want %d", errMalformed, n, fields)
	}
	p.pub = r.Bin()
	p.Role, p.Cluster = r.Str(), r.Str()
	p.Boot, p.Seq = r.Uint(), r.Uint()
	_ = r.Int() // the sender's clock decides nothing
	port, proto, ttl, flags := r.Uint(), r.Uint(), r.Uint(), r.Uint()
	if r.Type() == value.Nil {
		r.Nil()
	} else {
		p.Data = json.RawMessage(r.Bin())
	}
	for range n - fields {
		r.Skip()
	}
	if err := r.Err(); err != nil {
		return parsed{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if len(p.pub) != ed25519.PublicKeySize || port > math.MaxUint16 || proto > math.MaxUint16 || r.Remaining() != 0 {
		return parsed{}, errMalformed
	}
	p.ID = trust.IDOf(p.pub).String()
	p.Addr = netip.AddrPortFrom(netip.Addr{}, uint16(port))
	p.Proto = uint16(proto)
	p.TTL = time.Duration(min(ttl, uint64(discovery.MaxTTL.Milliseconds()))) * time.Millisecond
	p.Bye = flags&flagBye != 0
	if err := p.Check(); err != nil {
		return parsed{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return p, nil
}

// verify checks that the node which the packet names has signed it.
func (p parsed) verify() error {
	if _, ok := trust.Verify(p.pub, append([]byte(purpose), p.body...), p.sig); !ok {
		return errForged
	}
	return nil
}
