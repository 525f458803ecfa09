package grant

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dialTime bounds an attempt to connect to one address.
const dialTime = 30 * time.Second

// A hostRule is an item of the list of hosts: a name or an address, and a port, zero meaning any.
type hostRule struct {
	name string // lower case, without a dot at its end; with "*." before it, all below it
	addr netip.Addr
	port int
}

func parseHosts(l List) ([]hostRule, error) {
	var rules []hostRule
	for _, item := range l.Items {
		r, err := parseHost(item)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseHost(item string) (hostRule, error) {
	bad := func() error {
		return fmt.Errorf("--allow-net: %q is no host: want a name or an address, with a port or without, as \"example.com:443\"", item)
	}
	host, port := item, 0
	if h, p, err := net.SplitHostPort(item); err == nil {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return hostRule{}, bad()
		}
		host = h
	}
	r := ruleOf(host)
	r.port = port
	if r.name == "" || !r.addr.IsValid() && strings.ContainsAny(r.name, ":/@ []?#\x00") {
		return hostRule{}, bad()
	}
	return r, nil
}

// ruleOf is the rule for a host, any port.
func ruleOf(host string) hostRule {
	name := strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	r := hostRule{name: name}
	if addr, err := netip.ParseAddr(name); err == nil {
		r.addr = addr.Unmap()
	}
	return r
}

// matches reports whether the rule is for that host and port; port 0 asks for any.
func (r hostRule) matches(want hostRule, port int) bool {
	if r.port != 0 && port != 0 && r.port != port {
		return false
	}
	if r.addr.IsValid() || want.addr.IsValid() {
		return r.addr == want.addr
	}
	below, any := strings.CutPrefix(r.name, "*")
	return r.name == want.name || any && strings.HasSuffix(want.name, below) && strings.HasPrefix(below, ".")
}

// reaches reports whether a list allows the host at that port, as it is named.
func (b *Broker) reaches(host string, port int) bool {
	want := ruleOf(host)
	return b.given.Net.All || slices.ContainsFunc(b.hosts, func(r hostRule) bool { return r.matches(want, port) })
}

// addresses looks up the addresses of a host that may be dialled at port. One that means this machine, or all
// machines of the link, is for nobody who was allowed a name, since anybody can give his own name such an address.
func (b *Broker) addresses(ctx context.Context, host string, port int) ([]netip.Addr, error) {
	target := net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
	if port == 0 {
		target = host
	}
	if !b.reaches(host, port) {
		return nil, denied(Net, target)
	}
	name := ruleOf(host)
	if name.addr.IsValid() {
		return []netip.Addr{name.addr}, nil
	}
	found, err := b.resolver(ctx, name.name)
	if err != nil {
		return nil, err
	}
	var may []netip.Addr
	var refused error
	for _, addr := range found {
		addr = addr.Unmap()
		if b.given.Net.All || name.name == "localhost" || !near(addr) || b.reaches(addr.String(), port) {
			may = append(may, addr)
			continue
		}
		at := net.JoinHostPort(addr.String(), strconv.Itoa(port))
		d := denied(Net, at)
		d.Why = fmt.Sprintf("which %q stands for", host)
		refused = d
	}
	if len(may) == 0 {
		return nil, cmpError(refused, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true})
	}
	return may, nil
}

// translated is how addresses of version 4 are written for translators (RFC 6052, section 2.1).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// near reports whether an address means this machine or its link, or is none of one machine.
func near(a netip.Addr) bool {
	if translated.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.Is4() && a.As4()[0] == 0
}

// lookup is the system's own resolver.
func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// dial connects to a host that is allowed: to the address that was judged, not to its name.
func (b *Broker) dial(ctx context.Context, host string, port int) (net.Conn, error) {
	addrs, err := b.addresses(ctx, host, port)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, addr := range addrs {
		d := net.Dialer{Timeout: dialTime}
		c, err := d.DialContext(ctx, "tcp", netip.AddrPortFrom(addr, uint16(port)).String())
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs[:1]...)
}

// dialText is dial for "host:port".
func (b *Broker) dialText(ctx context.Context, _, at string) (net.Conn, error) {
	host, text, err := net.SplitHostPort(at)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	return b.dial(ctx, host, port)
}
