package link

import (
	"context"
	"errors"
	"testing"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

func ring(t testing.TB, key byte) *trust.Ring {
	t.Helper()
	c, err := trust.FromKey("", trust.Secret{key})
	if err != nil {
		t.Fatal(err)
	}
	return trust.NewRing(trust.RingConfig{Credential: c})
}

// Each side learns on the connection itself whether the other holds its key.
func TestMember(t *testing.T) {
	own := ring(t, 1)
	for name, tt := range map[string]struct {
		here, there *trust.Ring
		member      bool
	}{
		"one key":          {own, ring(t, 1), true},
		"two keys":         {own, ring(t, 2), false},
		"a key and none":   {own, nil, false},
		"none and a key":   {nil, own, false},
		"no key on either": {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, d := runSocket(t, Config{Trust: tt.there, Guests: GuestsOnLink}), runSocket(t, Config{Trust: tt.here, Guests: GuestsOnLink})
			_, links := serve(t, s, testHello("b"))
			a, err := d.Dial(context.Background(), s.Addr(), newID(t), trust.ID{}, testHello("a"))
			if err != nil {
				t.Fatal(err)
			}
			b := <-links
			defer a.Close(0, "")
			defer b.Close(0, "")
			if a.Member() != tt.member || b.Member() != tt.member {
				t.Errorf("member %t at the dialler, %t at the other; want %t", a.Member(), b.Member(), tt.member)
			}
		})
	}
}

// A member is of the role that its certificate says.
func TestMemberOfAnotherRole(t *testing.T) {
	own := ring(t, 1)
	s, d := runSocket(t, Config{Trust: own}), runSocket(t, Config{Trust: own})
	serve(t, s, testHello("b"))
	id := newID(t)
	tc, err := clientTLS(own, id, trust.RoleWorker, trust.ID{})
	if err != nil {
		t.Fatal(err)
	}
	hello := testHello("a")
	hello.Node.Role = trust.RoleMaster
	l, err := d.dialTo(context.Background(), d.transport, s.Addr(), tc, id, hello)
	if err == nil { // the other's hello came before its answer to ours
		err = l.Run(context.Background(), func(wire.Message) error { return nil })
	}
	if !errors.Is(err, ErrIdentity) {
		t.Errorf("a worker that says it is a master: %v, want %v", err, ErrIdentity)
	}
}
