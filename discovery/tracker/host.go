package tracker

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"supercluster/discovery"
	"supercluster/net/trust"
)

// DefaultPort is the TCP port of a tracker.
const DefaultPort = 44201

// purpose stands before the signed bytes, so that a node's signature on something else is none on this.
const purpose = "sc tracker 1\x00"

// errSignature means that an announcement bears a node's id, but not its signature.
var errSignature = errors.New("announcement not signed by the node it names")

// host is a node as it travels, both ways.
type host struct {
	Addr    string          `json:"addr,omitempty"`
	Seen    string          `json:"seen,omitempty"` // where it was announced from, if that is another address
	Port    uint16          `json:"port"`
	Data    json.RawMessage `json:"data"`
	ID      string          `json:"id,omitempty"`
	Role    string          `json:"role,omitempty"` // only where the list it is in does not say it
	Cluster string          `json:"cluster,omitempty"`
	Boot    string          `json:"boot,omitempty"` // hexadecimal: JavaScript's numbers end at 2^53
	Seq     uint64          `json:"seq,omitempty"`
	Proto   uint16          `json:"proto,omitempty"`
	TTL     int64           `json:"ttl,omitempty"` // milliseconds
	Bye     bool            `json:"bye,omitempty"`
	Pub     []byte          `json:"pub,omitempty"`
	Sig     []byte          `json:"sig,omitempty"`
}

// lists is the answer that the seed document gives, and what several nodes are announced as.
type lists struct {
	Masters []host `json:"masters"`
	Workers []host `json:"workers"`
}

// answer is the answer to /announce.
type answer struct {
	Epoch   string `json:"epoch"`   // differs after a restart
	Version uint64 `json:"version"` // of the list
	Full    bool   `json:"full"`    // lists holds everybody; otherwise those added or changed
	lists
	Removed []removal `json:"removed,omitempty"`
	Next    int64     `json:"next"` // milliseconds: the tracker's interval
	Calls   []call    `json:"calls,omitempty"`
}

// removal is a node that is no longer listed.
type removal struct {
	ID   string `json:"id,omitempty"`
	Addr string `json:"addr,omitempty"` // of a node without an id
	Port uint16 `json:"port,omitempty"`
	Role string `json:"role"`
	Boot string `json:"boot,omitempty"`
	Seq  uint64 `json:"seq,omitempty"`
	Bye  bool   `json:"bye,omitempty"`
}

// announcement is what h says, at the address addr, which may be invalid if h says none of use.
func (h host) announcement(addr netip.Addr) (discovery.Announcement, error) {
	a := discovery.Announcement{
		ID: h.ID, Role: h.Role, Cluster: h.Cluster, Seq: h.Seq, Proto: h.Proto, Bye: h.Bye, Data: h.Data,
		Addr: netip.AddrPortFrom(addr, h.Port),
		TTL:  time.Duration(min(max(h.TTL, -1), discovery.MaxTTL.Milliseconds())) * time.Millisecond,
	}
	if h.Boot != "" {
		boot, err := strconv.ParseUint(h.Boot, 16, 64)
		if err != nil {
			return a, fmt.Errorf("%w: boot %.20q is not hexadecimal", discovery.ErrAnnouncement, h.Boot)
		}
		a.Boot = boot
	}
	if a.ID == "" {
		a.ID = anonymous(a.Role, a.Addr)
	}
	return a, a.Check()
}

// anonymous is the id of a node that said none.
func anonymous(role string, addr netip.AddrPort) string {
	return role + "@" + addr.String()
}

// named reports whether a node said its id itself; trust's ids have no @.
func named(a discovery.Announcement) bool {
	_, err := trust.ParseID(a.ID)
	return err == nil
}

// hostOf is the inverse of announcement, for addr; role is left out.
func hostOf(a discovery.Announcement, addr netip.Addr) host {
	h := host{Port: a.Addr.Port(), Data: a.Data, Cluster: a.Cluster, Seq: a.Seq, Proto: a.Proto, TTL: a.TTL.Milliseconds(), Bye: a.Bye}
	if addr.IsValid() && !addr.IsUnspecified() {
		h.Addr = addr.String()
	}
	if named(a) {
		h.ID = a.ID
	}
	if a.Boot != 0 {
		h.Boot = strconv.FormatUint(a.Boot, 16)
	}
	if h.Data == nil {
		h.Data = json.RawMessage("{}")
	}
	return h
}

// signed returns the bytes that a node signs. Only what is compared with what others say has to be in them.
func (h host) signed() []byte {
	var data bytes.Buffer
	if err := json.Compact(&data, h.Data); err != nil {
		data.Reset() // not JSON: refused elsewhere
	}
	return fmt.Appendf(nil, "%s%s\n%s\n%s\n%s\n%d\n%s\n%d\n%d\n%d\n%t\n%x",
		purpose, h.ID, h.Role, h.Cluster, h.Boot, h.Seq, h.Addr, h.Port, h.Proto, h.TTL, h.Bye, sha256.Sum256(data.Bytes()))
}

// sign adds the signature of the node.
func (h *host) sign(id *trust.Identity) {
	h.Pub = id.PublicKey()
	h.Sig = id.Sign(h.signed())
}

// verify checks that a host which says an id has signed what it says.
func (h host) verify() error {
	if h.ID == "" {
		return nil
	}
	if id, ok := trust.Verify(h.Pub, h.signed(), h.Sig); !ok || id.String() != h.ID {
		return errSignature
	}
	return nil
}

// maxPerBody is how many nodes one request may announce.
const maxPerBody = 64

// decodeBody reads the body of a POST: nothing, one node, or lists of them. Roles are filled in.
func decodeBody(body []byte) ([]host, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	var in struct {
		host
		lists
	}
	if err := json.Unmarshal(body, &in); err != nil {
		if t := (*json.UnmarshalTypeError)(nil); errors.As(err, &t) { // without the words of Go's types
			err = fmt.Errorf("%s cannot be %.40s", cmp.Or(t.Field[strings.LastIndexByte(t.Field, '.')+1:], "a node"), t.Value)
		}
		return nil, fmt.Errorf("%w: not the JSON of a node: %w", discovery.ErrAnnouncement, err)
	}
	all := make([]host, 0, 1+len(in.Masters)+len(in.Workers))
	if in.Role != "" || in.Port != 0 || in.ID != "" {
		all = append(all, in.host)
	}
	for i, list := range [...][]host{in.Masters, in.Workers} {
		role := roles[i]
		for _, h := range list {
			if h.Role != "" && h.Role != role {
				return nil, fmt.Errorf("%w: role %.20q in the list of %ss", discovery.ErrAnnouncement, h.Role, role)
			}
			h.Role = role
			all = append(all, h)
		}
	}
	if len(all) > maxPerBody {
		return nil, fmt.Errorf("%w: %d nodes in one request, limit %d", discovery.ErrAnnouncement, len(all), maxPerBody)
	}
	return all, nil
}
