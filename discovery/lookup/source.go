package lookup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// DefaultPort is the port of a place that names none.
const DefaultPort = 44201

const (
	answerTime = 30 * time.Second // that a source may take
	maxAnswer  = 1 << 20          // bytes that are taken in
)

// ErrSource is wrapped by the errors of a source that is wrong by its form, so that asking again is no use.
var ErrSource = errors.New("bad source")

// Config says what a source is asked with. The zero Config is usable.
type Config struct {
	// Resolver answers dns:, srv: and k8s:; nil means the system's.
	Resolver *net.Resolver
	// Client asks for https:; nil means one of its own.
	Client *http.Client
	// Namespace is the file that names the namespace of a Kubernetes pod; empty means where Kubernetes puts it.
	Namespace string
}

// Source is one place to ask. It is safe for concurrent use.
type Source struct {
	text string
	ask  func(context.Context) ([]Place, error)
}

// String returns the source as it was written.
func (s *Source) String() string { return s.text }

// schemes are the words before the colon, and what makes a question of the rest.
var schemes = map[string]func(c Config, rest string) (func(context.Context) ([]Place, error), error){
	"dns":   Config.dns,
	"srv":   Config.srv,
	"k8s":   Config.k8s,
	"exec":  Config.exec,
	"file":  Config.file,
	"https": Config.https,
}

// Is reports whether text is written as a source, right or wrong, and not as the address of a tracker.
func Is(text string) bool {
	scheme, rest, ok := strings.Cut(text, ":")
	if _, known := schemes[scheme]; !ok || !known {
		return false
	}
	_, err := strconv.ParseUint(rest, 10, 16)
	return err != nil // "dns:53" is a port of a host named dns
}

// New reads a source. Its error wraps ErrSource.
func New(text string, cfg Config) (*Source, error) {
	if cfg.Resolver == nil {
		cfg.Resolver = net.DefaultResolver
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{CheckRedirect: stayEncrypted}
	}
	if cfg.Namespace == "" {
		cfg.Namespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
	}
	scheme, rest, _ := strings.Cut(text, ":")
	read := schemes[scheme]
	if read == nil {
		return nil, fmt.Errorf("%w %q: it begins with none of dns, srv, k8s, exec, file and https", ErrSource, text)
	}
	ask, err := read(cfg, rest)
	if err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrSource, text, err)
	}
	return &Source{text, ask}, nil
}

// Lookup asks once. No place at all is an error, too: something should be there.
func (s *Source) Lookup(ctx context.Context) ([]Place, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	places, err := s.ask(ctx)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		return nil, errors.New("it names nobody")
	}
	return places, nil
}

// dns makes a question of NAME, NAME:PORT or either with /udp.
func (c Config) dns(rest string) (func(context.Context) ([]Place, error), error) {
	p, err := parsePlace(rest)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]Place, error) { return c.addresses(ctx, p) }, nil
}

// addresses are the places that a place with a name stands for.
func (c Config) addresses(ctx context.Context, p Place) ([]Place, error) {
	addrs, err := c.Resolver.LookupNetIP(ctx, "ip", p.Host)
	if err != nil {
		return nil, err
	}
	places := make([]Place, len(addrs))
	for i, a := range addrs {
		places[i] = Place{Host: a.Unmap().String(), Port: p.Port, Node: p.Node}
	}
	return places, nil
}

// srv makes a question of a domain, or of the whole name of SRV records.
func (c Config) srv(rest string) (func(context.Context) ([]Place, error), error) {
	if rest == "" || strings.ContainsAny(rest, " /:") {
		return nil, errors.New("it needs a domain, as srv:example.com, or the name of records, as srv:_sc._tcp.example.com")
	}
	names := []string{rest}
	if !strings.HasPrefix(rest, "_") {
		names = []string{"_supercluster._tcp." + rest, "_supercluster._udp." + rest}
	}
	return func(ctx context.Context) ([]Place, error) { return c.records(ctx, names...) }, nil
}

// records are the places that SRV records of the names give. One name without is no error if another has some.
func (c Config) records(ctx context.Context, names ...string) ([]Place, error) {
	var places []Place
	var first error
	for _, name := range names {
		_, records, err := c.Resolver.LookupSRV(ctx, "", "", name)
		if err != nil && first == nil {
			first = err
		}
		for _, r := range records {
			host := strings.TrimSuffix(r.Target, ".")
			if host != "" && r.Port != 0 { // "." says that there is no such service (RFC 2782)
				places = append(places, Place{Host: host, Port: int(r.Port), Node: strings.Contains(name, "._udp.")})
			}
		}
	}
	if len(places) > 0 {
		return places, nil
	}
	return nil, first
}

// k8s makes a question of SERVICE or NAMESPACE/SERVICE. A service with a port named "tracker" (TCP) or "quic" (UDP)
// has SRV records for it, which tell the pods of a headless service apart; one without is looked up as dns: does.
func (c Config) k8s(rest string) (func(context.Context) ([]Place, error), error) {
	namespace, service, ok := strings.Cut(rest, "/")
	if !ok {
		namespace, service = "", rest
	}
	p, err := parsePlace(service)
	if err != nil {
		return nil, err
	}
	if ok && namespace == "" || strings.Contains(p.Host, ".") {
		return nil, errors.New("it needs the name of a service, as k8s:tracker or k8s:jobs/tracker")
	}
	return func(ctx context.Context) ([]Place, error) {
		within := namespace
		if within == "" {
			within = "default"
			if text, err := os.ReadFile(c.Namespace); err == nil {
				within = strings.TrimSpace(string(text))
			}
		}
		p := p
		p.Host += "." + within + ".svc"
		places, err := c.records(ctx, "_tracker._tcp."+p.Host, "_quic._udp."+p.Host)
		if len(places) > 0 || ctx.Err() != nil {
			return places, err
		}
		return c.addresses(ctx, p)
	}, nil
}

// Resolve returns the addresses of a node, whose host may be a name.
func (c Config) Resolve(ctx context.Context, p Place) ([]netip.AddrPort, error) {
	if a, err := netip.ParseAddr(p.Host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(a.Unmap(), uint16(p.Port))}, nil
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	places, err := c.addresses(ctx, p)
	addrs := make([]netip.AddrPort, len(places))
	for i, p := range places {
		addrs[i] = netip.AddrPortFrom(netip.MustParseAddr(p.Host), uint16(p.Port))
	}
	return addrs, err
}

// https makes a question of what follows "https:".
func (c Config) https(rest string) (func(context.Context) ([]Place, error), error) {
	u, err := url.Parse("https:" + rest)
	if err != nil || u.Host == "" {
		return nil, errors.New("it is no URL, as https://example.com/cluster")
	}
	return func(ctx context.Context) ([]Place, error) { return c.get(ctx, u.String()) }, nil
}

// stayEncrypted refuses a redirect to a page that anybody on the way could have written.
func stayEncrypted(r *http.Request, via []*http.Request) error {
	if r.URL.Scheme != "https" || len(via) > 5 {
		return http.ErrUseLastResponse
	}
	return nil
}
