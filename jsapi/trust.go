package jsapi

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/net/link"
	"supercluster/net/trust"
)

// What a process with a master says when it starts, where strangers are let in;
// one with a worker says GuestQuota.notice.
const (
	openToWorkers = "open: workers of others on this network may get your functions: they see your code and may lie; " +
		"'sc token' closes it"
)

// trustKey is how the nodes of a network are trusted, and whom they trust.
type trustKey struct {
	token  string // what a setting or createMaster's like gave; empty means what the account has
	closed bool   // no guests
}

// held is what the nodes of a cluster prove themselves with.
type held struct {
	ring     *trust.Ring
	previous *trust.Credential // counts, too, while a key is replaced; nil otherwise
	current  *trust.Credential
}

// hold returns what the nodes of a cluster prove themselves with: the token
// that was given, else the one that 'sc join' or 'sc token' stored, else what
// all processes of this account derive from its secret.
func (s *Session) hold(name string, key trustKey) (*held, error) {
	if key.token != "" {
		c, err := trust.Parse(name, key.token)
		if err != nil {
			return nil, err
		}
		return &held{ring: s.keyedRing(name, c, trust.Stored{}, nil), current: c}, nil
	}
	if dirs := s.settings.KeyDirs; len(dirs) > 0 && dirs[0] != "" { // the others may be no place for what was entrusted
		store := trust.NewStore(dirs[0])
		kept, err := store.Load(name)
		if err != nil {
			return nil, err
		}
		if kept.Token != "" {
			return s.holdStored(name, store, kept)
		}
	}
	secret, err := s.account()
	if err != nil {
		return nil, err
	}
	c, err := trust.FromKey(name, secret)
	if err != nil {
		return nil, err
	}
	return &held{ring: trust.NewRing(trust.RingConfig{Credential: c}), current: c}, nil
}

// holdStored returns what a store holds of a cluster.
func (s *Session) holdStored(name string, store trust.Store, kept trust.Stored) (*held, error) {
	c, err := trust.Parse(name, kept.Token)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", store.Path(name), err)
	}
	h := &held{current: c}
	if kept.Previous != "" && time.Now().Before(kept.Until) {
		if h.previous, err = trust.Parse(name, kept.Previous); err != nil {
			return nil, fmt.Errorf("%s: the previous key: %w", store.Path(name), err)
		}
	}
	h.ring = s.keyedRing(name, c, kept, &store)
	return h, nil
}

// keyedRing lets members of c's cluster in alone. What other nodes tell of
// revoked tokens is stored.
func (s *Session) keyedRing(name string, c *trust.Credential, kept trust.Stored, store *trust.Store) *trust.Ring {
	cfg := trust.RingConfig{Credential: c, Keyed: true, Until: kept.Until}
	if kept.Previous != "" {
		cfg.Previous, _ = trust.Parse(name, kept.Previous) // holdStored tells of its error
	}
	if len(kept.Revoked) > 0 {
		cfg.Revoked, _ = c.ReadRevocations(kept.Revoked) // a list of the previous key counts no more
	}
	if store != nil {
		cfg.OnRevoked = func(list *trust.Revocations) { s.keepRevoked(name, *store, list) }
	}
	return trust.NewRing(cfg)
}

func (s *Session) keepRevoked(name string, store trust.Store, list *trust.Revocations) {
	kept, err := store.Load(name)
	if err == nil && kept.Token != "" {
		kept.Revoked = list.Encode()
		err = store.Save(name, kept)
	}
	if err != nil {
		s.settings.Logger.Warn("revocations are not stored", "err", err)
	}
}

// sealers seal announcements: with what all members share in a keyed cluster,
// a second one with the previous key while that counts.
func (h *held) sealers(name string) ([]*trust.Sealer, error) {
	var list []*trust.Sealer
	add := func(key []byte) error {
		s, err := trust.NewSealer(name, key)
		list = append(list, s)
		return err
	}
	if !h.ring.Keyed() {
		return list, add(nil)
	}
	if err := add(h.current.NetworkKey()); err != nil || h.previous == nil {
		return list, err
	}
	return list, add(h.previous.NetworkKey())
}

// guests says who is let in besides members: who is on a network of this
// host; with a tracker, which other networks reach, who has a private address.
func guests(key trustKey, far bool) link.Guests {
	switch {
	case key.closed:
		return link.NoGuests
	case far:
		return link.GuestsPrivate
	}
	return link.GuestsOnLink
}

// noticeOpen says once that strangers are let in.
func (s *Session) noticeOpen(n *network, line string) {
	if n.open && s.settings.Greet {
		s.tellOnce(line)
	}
}

// tellOnce gives Settings.Notice a line, unless it had it before.
func (s *Session) tellOnce(line string) {
	s.mu.Lock()
	told := s.told[line]
	s.told[line] = true
	s.mu.Unlock()
	if !told {
		s.settings.Notice(line)
	}
}

// noticeRefused tells the person at the terminal that a node was found and
// did not take this one in, or the other way round.
func (s *Session) noticeRefused(r cluster.Refused) {
	side := "refuses this node"
	if !r.ByPeer {
		side = "is refused"
	}
	s.mu.Lock()
	said := s.refusals[r.Code]
	s.refusals[r.Code] = true
	s.lastRefusal = r.Refusal
	s.mu.Unlock()
	if !said {
		s.settings.Notice(fmt.Sprintf("%s %s: %s: %s; %s", r.Addr, side, r.Code, r.Message, r.Hint()))
	}
}

// Refusal returns the last refusal by or of a node that was found, or nil.
func (s *Session) Refusal() *trust.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastRefusal
}

// trustFields are the options of a conf that say whom to trust.
func trustFields(c *nodeConf) map[string]field {
	return map[string]field{
		"key": func(path string, v goja.Value) error {
			var text string
			if err := stringField(&text)(path, v); err != nil {
				return badOption("%s must be a string that 'sc token' printed", path) // without the value
			}
			c.trust.token = text
			return nil
		},
		"keyFile": func(path string, v goja.Value) error {
			var file string
			if err := stringField(&file)(path, v); err != nil {
				return err
			}
			token, err := trust.ReadKeyFile(file)
			if err != nil {
				return &optionError{trust.CodeKeyBad, fmt.Sprintf("%s: %v", path, err)}
			}
			c.trust.token = token
			return nil
		},
		"guests": func(path string, v goja.Value) error {
			var in bool
			if err := boolField(&in)(path, v); err != nil {
				return err
			}
			c.trust.closed = !in
			return nil
		},
	}
}

// checkRole refuses to make a node of a role that its token is not good for.
func (h *held) checkRole(role string) error {
	if r := h.ring.Allows(role); r != nil {
		return r
	}
	return nil
}

var _ slog.LogValuer = trustKey{}

// LogValue keeps a token out of logs.
func (trustKey) LogValue() slog.Value { return slog.StringValue("(secret)") }
