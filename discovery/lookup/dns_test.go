package lookup

import (
	"context"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// zone is what the tests' name server knows: addresses, and SRV records as "host port".
var zone = map[string][]string{
	"tracker.example.":                {"10.0.0.5", "10.0.0.6"},
	"_supercluster._tcp.example.com.": {"t1.example. 4000"},
	"_supercluster._udp.example.com.": {"w1.example. 5000"},
	"_any._tcp.example.com.":          {"t2.example. 4001"},
	"tracker.jobs.svc.":               {"10.1.0.1"},
	"_quic._udp.workers.other.svc.":   {"w-0.workers.other.svc. 5000", "w-1.workers.other.svc. 5000"},
	"_nothing._tcp.example.com.":      {". 1"},
}

// nameServer runs a DNS server on loopback until the test ends and returns a resolver that asks it alone.
func nameServer(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return // closed
			}
			if reply, err := answerTo(buf[:n]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answerTo answers one question from zone.
func answerTo(query []byte) ([]byte, error) {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true}, Questions: []dnsmessage.Question{q}}
	known, ok := zone[strings.ToLower(q.Name.String())]
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, text := range known {
		rh := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 1}
		host, port, isSRV := strings.Cut(text, " ")
		switch {
		case isSRV && q.Type == dnsmessage.TypeSRV:
			n := uint16(0)
			for _, digit := range port {
				n = n*10 + uint16(digit-'0')
			}
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: rh, Body: &dnsmessage.SRVResource{Port: n, Target: dnsmessage.MustNewName(host)}})
		case !isSRV && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: rh, Body: &dnsmessage.AResource{A: [4]byte(net.ParseIP(host).To4())}})
		}
	}
	return m.Pack()
}
