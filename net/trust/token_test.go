package trust

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func parse(t testing.TB, cluster, token string) *Credential {
	t.Helper()
	c, err := Parse(cluster, token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func part(t testing.TB, c *Credential, role, node string, until time.Time, list *Revocations) (string, ID) {
	t.Helper()
	token, id, err := c.Part(role, node, until, list)
	if err != nil {
		t.Fatal(err)
	}
	return token, id
}

func TestTokens(t *testing.T) {
	whole := parse(t, "lab", Secret{1}.Token())
	if len(Secret{1}.Token()) != 63 || !whole.Whole() || whole.Cluster() != "lab" {
		t.Errorf("a key of %d characters, whole %t, cluster %q", len(Secret{1}.Token()), whole.Whole(), whole.Cluster())
	}
	there := NewRing(RingConfig{Credential: whole, Keyed: true})
	for _, tt := range []struct{ role, node string }{{RoleWorker, ""}, {RoleTracker, ""}, {RoleMaster, ""}, {RoleWorker, "gpu-1"}} {
		token, id := part(t, whole, tt.role, tt.node, time.Time{}, nil)
		if len(token) > 2000 {
			t.Errorf("%v: a token of %d characters", tt, len(token))
		}
		c := parse(t, "", token)
		node := newIdentity(t)
		s, err := there.Judge(show(t, NewRing(RingConfig{Credential: c}), node, tt.role, nil))
		if err != nil || !s.Member || s.Role != tt.role || s.Node != tt.node || there.Admit(s) != nil {
			t.Errorf("%v: Judge = %+v, %v, %v", tt, s, err, there.Admit(s))
		}
		if names := s.Names(); tt.node != "" && (len(names) != 2 || names[0] != id || names[1] != node.ID()) {
			t.Errorf("%v: names %v, want %v and %v", tt, names, id, node.ID())
		}
		if !bytes.Equal(c.NetworkKey(), whole.NetworkKey()) || c.Cluster() != "lab" || c.Whole() {
			t.Errorf("%v: cluster %q, or another network key, or whole", tt, c.Cluster())
		}
		if _, err := Parse("other", token); !errors.Is(err, ErrBadKey) {
			t.Errorf("%v: taken for a token of another cluster: %v", tt, err)
		}
	}
}

// No error holds what may be most of a secret.
func TestParseRefuses(t *testing.T) {
	key := Secret{1}.Token()
	worker, _ := part(t, fromKey(t, "", Secret{1}), RoleWorker, "", time.Time{}, nil)
	other, _ := part(t, fromKey(t, "", Secret{2}), RoleWorker, "", time.Time{}, nil)
	inside := func(token string) []byte {
		b, err := idText.DecodeString(token[len("scw1_"):])
		if err != nil {
			t.Fatal(err)
		}
		return b[:len(b)-checkLen]
	}
	a, b := inside(worker), inside(other)
	for name, token := range map[string]string{
		"nothing":                   "",
		"no prefix":                 key[len(keyPrefix):],
		"cut short":                 key[:len(key)-1],
		"a character changed":       key[:20] + "z" + key[21:],
		"another prefix":            "scw1_" + key[len(keyPrefix):],
		"a prefix of the future":    wrap("scz9_", make([]byte, 32)),
		"upper case":                strings.ToUpper(key),
		"too long":                  key + strings.Repeat("a", maxToken),
		"a key of 31 bytes":         wrap(keyPrefix, make([]byte, 31)),
		"a part of nothing":         wrap("scw1_", nil),
		"a part that ends early":    wrap("scw1_", a[:len(a)-1]),
		"a part without a chain":    wrap("scw1_", append(a[:96:96], 0, 1, 'c')),
		"another cluster's seed":    wrap("scw1_", append(b[:32:32], a[32:]...)),
		"another cluster's root":    wrap("scw1_", append(append(a[:64:64], b[64:96]...), a[96:]...)),
		"a worker's as a tracker's": wrap("sct1_", a),
	} {
		c, err := Parse("", token)
		if c != nil || !errors.Is(err, ErrBadKey) {
			t.Errorf("%s: Parse = %v, %v", name, c, err)
			continue
		}
		for i := 0; i+12 <= len(token); i++ {
			if token[i] != 'a' && strings.Contains(err.Error(), token[i:i+12]) {
				t.Errorf("%s: the error tells of the token: %v", name, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	c, err := FromKey("", Secret{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(Secret{1}.Token())
	token, _, err := c.Part(RoleWorker, "a", time.Time{}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := Parse("", s); err == nil && c.Cluster() == "" {
			t.Errorf("Parse(%q) is of no cluster", s)
		}
	})
}

func TestExpiry(t *testing.T) {
	whole := fromKey(t, "", Secret{1})
	until := time.Now().Add(time.Hour)
	token, _ := part(t, whole, RoleWorker, "gpu1", until, nil)
	ring := NewRing(RingConfig{Credential: whole, Keyed: true})
	s, err := ring.Judge(show(t, NewRing(RingConfig{Credential: parse(t, "", token)}), newIdentity(t), RoleWorker, nil))
	if err != nil {
		t.Fatal(err)
	}
	if r := ring.Valid(s, until.Add(-time.Minute)); r != nil {
		t.Errorf("before its end: %v", r)
	}
	if r := ring.Valid(s, until.Add(time.Minute)); r == nil || r.Code != CodeKeyRevoked {
		t.Errorf("after its end: %v, want %s", r, CodeKeyRevoked)
	}
}

func TestRevoke(t *testing.T) {
	whole := fromKey(t, "", Secret{1})
	now := time.Now()
	token, gpu := part(t, whole, RoleWorker, "gpu1", time.Time{}, nil)
	role, _ := part(t, whole, RoleWorker, "", time.Time{}, nil)
	var learned int
	ring := NewRing(RingConfig{Credential: whole, Keyed: true, OnRevoked: func(*Revocations) { learned++ }})
	standing := func(token string) Standing {
		s, err := ring.Judge(show(t, NewRing(RingConfig{Credential: parse(t, "", token)}), newIdentity(t), RoleWorker, nil))
		if err != nil || !s.Member {
			t.Fatal(s, err)
		}
		return s
	}
	one, any := standing(token), standing(role)
	first, err := whole.Revoke(nil, gpu, now)
	if err != nil {
		t.Fatal(err)
	}
	if newer, err := ring.Learn(first.Encode()); !newer || err != nil {
		t.Fatal(newer, err)
	}
	if r := ring.Admit(one); r == nil || r.Code != CodeKeyRevoked {
		t.Errorf("the revoked node: %v, want %s", r, CodeKeyRevoked)
	}
	if r := ring.Admit(any); r != nil {
		t.Errorf("another node: %v", r)
	}
	// A lost worker's token: all that were made before end with the overlap, new ones and holders of the key are not touched.
	second, err := whole.ReplaceRole(first, RoleWorker, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if newer, err := ring.Learn(second.Encode()); !newer || err != nil {
		t.Fatal(newer, err)
	}
	fresh, _ := part(t, whole, RoleWorker, "", time.Time{}, second)
	for name, tt := range map[string]struct {
		s     Standing
		after bool // whether it counts after the overlap
	}{"the old token": {any, false}, "the new token": {standing(fresh), true}, "the whole key": {mustJudge(t, ring, RoleWorker), true}} {
		if r := ring.Valid(tt.s, now.Add(time.Minute)); r != nil {
			t.Errorf("%s within the overlap: %v", name, r)
		}
		if r := ring.Valid(tt.s, now.Add(2*time.Hour)); (r == nil) != tt.after {
			t.Errorf("%s after the overlap: %v", name, r)
		}
	}
	if newer, err := ring.Learn(first.Encode()); newer || err != nil || ring.Admit(one) == nil {
		t.Errorf("an older list is taken: %t, %v", newer, err)
	}
	forged, err := fromKey(t, "", Secret{2}).Revoke(second, IDOf(whole.root), now)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(second.Encode())
	changed[7]++
	for name, b := range map[string][]byte{"another key's": forged.Encode(), "a changed one": changed, "nothing": nil, "a short one": changed[:50]} {
		if newer, err := ring.Learn(b); newer || !errors.Is(err, ErrRevocations) {
			t.Errorf("%s list: Learn = %t, %v", name, newer, err)
		}
	}
	if learned != 2 {
		t.Errorf("told of %d lists, want 2", learned)
	}
}

func mustJudge(t *testing.T, ring *Ring, role string) Standing {
	t.Helper()
	s, err := ring.Judge(show(t, ring, newIdentity(t), role, nil))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAdmit(t *testing.T) {
	open := NewRing(RingConfig{Credential: fromKey(t, "", Secret{1})})
	keyed := NewRing(RingConfig{Credential: fromKey(t, "", Secret{2}), Keyed: true})
	for _, tt := range []struct {
		name      string
		here      *Ring
		peer      *Ring
		code      string
		wantGuest bool
	}{
		{"open, the same account", open, open, "", false},
		{"open, another account", open, NewRing(RingConfig{Credential: fromKey(t, "", Secret{3})}), "", true},
		{"open, a member of a keyed cluster", open, keyed, "", true},
		{"keyed, a member", keyed, keyed, "", false},
		{"keyed, another key", keyed, open, CodeWrongKey, true},
		{"keyed, no key", keyed, nil, CodeKeyRequired, true},
		{"no ring at all", nil, open, "", true},
	} {
		s, err := tt.here.Judge(show(t, tt.peer, newIdentity(t), RoleWorker, nil))
		if err != nil {
			t.Fatal(err)
		}
		r := tt.here.Admit(s)
		if s.Member == tt.wantGuest || (r == nil) != (tt.code == "") || r != nil && r.Code != tt.code {
			t.Errorf("%s: member %t, %v; want code %q", tt.name, s.Member, r, tt.code)
		}
		if r != nil {
			if back, ok := ParseReason(r.Reason()); !ok || *back != *r || back.Hint() == "" {
				t.Errorf("%s: the other side reads %+v, %t", tt.name, back, ok)
			}
		}
	}
	if r, ok := ParseReason("it left: for good"); ok {
		t.Errorf("a reason that is no refusal was read as %v", r)
	}
}

func TestReplacedKeyCountsForAWhile(t *testing.T) {
	old, fresh := fromKey(t, "", Secret{1}), fromKey(t, "", Secret{2})
	rotated := NewRing(RingConfig{Credential: fresh, Previous: old, Until: time.Now().Add(time.Hour), Keyed: true})
	over := NewRing(RingConfig{Credential: fresh, Previous: old, Until: time.Now().Add(-time.Hour), Keyed: true})
	behind, ahead := NewRing(RingConfig{Credential: old, Keyed: true}), NewRing(RingConfig{Credential: fresh, Keyed: true})
	for _, tt := range []struct {
		name       string
		here, peer *Ring
		in         bool
	}{
		{"who has not taken it sees who has", behind, rotated, true},
		{"who has taken it sees who has not", rotated, behind, true},
		{"who has taken it sees who knows the new one alone", rotated, ahead, true},
		{"who knows the new one alone sees who has taken it", ahead, rotated, true},
		{"the old one alone and the new one alone", ahead, behind, false},
		{"after the overlap, the old one", over, behind, false},
		{"the old one, of one after the overlap", behind, over, false},
	} {
		s, err := tt.here.Judge(show(t, tt.peer, newIdentity(t), RoleWorker, nil))
		if err != nil {
			t.Fatal(err)
		}
		if in := tt.here.Admit(s) == nil; in != tt.in {
			t.Errorf("%s: let in %t, want %t", tt.name, in, tt.in)
		}
	}
	s := mustJudge(t, behind, RoleWorker)
	if r := rotated.Valid(s, time.Now().Add(2*time.Hour)); r == nil || r.Code != CodeKeyRevoked {
		t.Errorf("a link that was made before: %v after the overlap, want %s", r, CodeKeyRevoked)
	}
}

func TestStore(t *testing.T) {
	store := NewStore(filepath.Join(t.TempDir(), "a", "b"))
	if kept, err := store.Load("lab"); err != nil || kept.Token != "" {
		t.Errorf("an empty store: %+v, %v", kept, err)
	}
	want := Stored{Token: Secret{1}.Token(), Revoked: []byte{1}}
	for _, name := range []string{"lab", "Lab", "../lab", "a/b", ""} {
		if err := store.Save(name, want); err != nil {
			t.Fatal(err)
		}
		if kept, err := store.Load(name); err != nil || kept.Token != want.Token {
			t.Errorf("cluster %q: %+v, %v", name, kept, err)
		}
		if filepath.Dir(store.Path(name)) != filepath.Dir(store.Path("lab")) {
			t.Errorf("cluster %q is kept in %s", name, store.Path(name))
		}
	}
	if store.Path("") != store.Path(DefaultCluster) || store.Path("lab") == store.Path("Lab") {
		t.Error("files of two clusters, or none")
	}
	if err := os.Chmod(store.Path("lab"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load("lab"); !errors.Is(err, ErrBadKey) && os.PathSeparator == '/' {
		t.Errorf("a file that others may read: %v", err)
	}
	if err := store.Save("Lab", Stored{}); err != nil {
		t.Fatal(err)
	}
	if kept, err := store.Load("Lab"); err != nil || kept.Token != "" {
		t.Errorf("after it was opened: %+v, %v", kept, err)
	}
	for _, path := range []string{store.Path("none"), store.Path("lab"), filepath.Dir(store.Path("lab"))} {
		if _, err := ReadKeyFile(path); !errors.Is(err, ErrBadKey) {
			t.Errorf("ReadKeyFile(%s) = %v, want %v", path, err, ErrBadKey)
		}
	}
}
