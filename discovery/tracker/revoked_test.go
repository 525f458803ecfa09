package tracker

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"supercluster/net/trust"
)

// A list of revocations that one node has reaches another by their tracker alone, at once though that waits; and the tracker, which
// then lets the revoked node in no more.
func TestRevokedByTracker(t *testing.T) {
	whole := credential(t, 1)
	at := serveKeyed(t, whole)
	token, id, err := whole.Part(trust.RoleWorker, "gpu1", time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	gpu, err := trust.Parse("", token)
	if err != nil {
		t.Fatal(err)
	}
	knows, hears, revoked := keyedRing(whole), keyedRing(whole), keyedRing(gpu)
	with := func(r *trust.Ring) Config {
		return Config{Trackers: []string{at}, Trust: r, Interval: 100 * time.Millisecond}
	}
	a, b, c := join(t, "master", with(knows)), join(t, "master", with(hears)), join(t, "worker", with(revoked))
	for _, n := range []*node{a, b} {
		n.await("find the worker", func() bool { return n.found["found"] == 1 })
	}
	list, err := whole.Revoke(nil, id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := knows.Learn(list.Encode()); err != nil {
		t.Fatal(err)
	}
	a.Announce()
	for deadline := time.Now().Add(20 * time.Second); hears.RevokedCount() != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the other master was not told")
		}
	}
	asker := newClient(t, with(hears))
	defer asker.http.CloseIdleConnections()
	if a, err := asker.fixed[0].ask(t.Context(), 0); err != nil || len(a.Workers) != 0 {
		t.Errorf("the tracker lists %v, %v, want no worker", a.Workers, err)
	}
	c.Announce()
	for deadline := time.Now().Add(20 * time.Second); c.Err() == nil || !strings.Contains(c.Err().Error(), trust.CodeKeyRevoked); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the revoked worker is told %v, want %s", c.Err(), trust.CodeKeyRevoked)
		}
	}
}

// The list is for members, and only the cluster's key makes another.
func TestRevokedRefuses(t *testing.T) {
	whole, other := credential(t, 1), credential(t, 2)
	at := serveKeyed(t, whole)
	forged, err := other.Revoke(nil, newIdentity(t).ID(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	list, err := whole.Revoke(nil, newIdentity(t).ID(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, method string
		by           *trust.Credential
		body         []byte
		want         string
	}{
		{"a stranger", http.MethodGet, nil, nil, "401"},
		{"a stranger's list", http.MethodPost, nil, list.Encode(), "401"},
		{"a list of another key", http.MethodPost, whole, forged.Encode(), "403 ERR_SIGNATURE"},
		{"rubbish", http.MethodPost, whole, []byte("rubbish"), "403 ERR_SIGNATURE"},
		{"too much", http.MethodPost, whole, make([]byte, maxBody+1), "413 ERR_TOO_LARGE"},
		{"another method", http.MethodPut, whole, nil, "405 ERR_METHOD"},
		{"a list", http.MethodPost, whole, list.Encode(), "200"},
		{"the list again", http.MethodPost, whole, list.Encode(), "200"},
	} {
		cfg := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13} // the tests of dialTrusted check who it is
		if tt.by != nil {
			cert, err := keyedRing(tt.by).Certificate(newIdentity(t), trust.RoleWorker)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Certificates = []tls.Certificate{cert}
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}}
		req, err := http.NewRequest(tt.method, "https://"+at+revokedPath, strings.NewReader(string(tt.body)))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var text [200]byte
		n, _ := res.Body.Read(text[:])
		res.Body.Close()
		code, name, _ := strings.Cut(tt.want, " ")
		if fmt.Sprint(res.StatusCode) != code || !strings.Contains(string(text[:n]), name) {
			t.Errorf("%s: %d %s, want %s", tt.name, res.StatusCode, text[:n], tt.want)
		}
	}
}
