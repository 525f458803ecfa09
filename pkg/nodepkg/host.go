package nodepkg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// checkPolicy reports why the worker does not serve the repository at a: its scheme, or a file that it may not read.
func (r *Runner) checkPolicy(a address) error {
	switch {
	case a.scheme == "file" && (r.cfg.AllowRead == nil || !r.cfg.AllowRead(a.file())):
		return failf(CodeURL, "clone", "repository %s is refused: this worker's tasks may not read there; its owner can allow that with --allow-read", a)
	case a.scheme != "file" && !slices.Contains(r.cfg.Protocols, a.scheme):
		return failf(CodeURL, "clone", "repository %s is refused: this worker fetches by %s only", a, strings.Join(r.cfg.Protocols, ", "))
	}
	return nil
}

// mirrored puts the worker's own address in the place of one that it has a mirror of.
func (r *Runner) mirrored(a address) (address, error) {
	from := a.String()
	for prefix, to := range r.cfg.Mirrors {
		if rest, ok := strings.CutPrefix(from, prefix); ok {
			return parseAddress(to + rest)
		}
	}
	return a, nil
}

// metadata are addresses by which clouds tell a machine its secrets, beyond those that are link-local.
var metadata = []netip.Addr{netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("fd00:ec2::254")}

// carrier is the address space between carriers and their customers (RFC 6598), translated the space of IPv4 in IPv6.
var (
	carrier    = netip.MustParsePrefix("100.64.0.0/10")
	translated = netip.MustParsePrefix("64:ff9b::/96")
)

// private reports whether an address is not one of the public Internet.
func private(a netip.Addr) bool {
	a = a.Unmap()
	if translated.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return !a.IsGlobalUnicast() || a.IsPrivate() || carrier.Contains(a) || slices.Contains(metadata, a)
}

// allowed reports whether the owner lets tasks reach a host that is not public: by its name, or by a prefix.
func (r *Runner) allowed(host string, a netip.Addr) bool {
	for _, h := range r.cfg.AllowHosts {
		if strings.EqualFold(h, host) {
			return true
		}
		if p, err := netip.ParsePrefix(h); err == nil && p.Contains(a.Unmap()) {
			return true
		}
		if ip, err := netip.ParseAddr(h); err == nil && ip == a.Unmap() {
			return true
		}
	}
	return false
}

// resolve finds the addresses of a host, all of which must be public or allowed.
func (r *Runner) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs := []netip.Addr{}
	if ip, err := netip.ParseAddr(host); err == nil {
		addrs = append(addrs, ip)
	} else if addrs, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, &offline{fmt.Errorf("look up %s: %w", host, err)}
	}
	for _, a := range addrs {
		if private(a) && !r.allowed(host, a) {
			return nil, failf(CodeURL, "clone",
				"host %s is refused: %v is not an address of the public Internet; the worker's owner can allow it with --git-hosts", host, a.Unmap())
		}
	}
	return addrs, nil
}

// offline means that the network could not be reached, or the host not found.
type offline struct{ error }

func (o *offline) Unwrap() error { return o.error }

// A target is where git is sent: the URL after redirects, and settings that keep it to the addresses that were checked.
type target struct {
	url  string
	conf []string
}

// reach checks where a leads to, so that git need not look up names or follow redirects.
func (r *Runner) reach(ctx context.Context, a address) (target, error) {
	switch a.scheme {
	case "file":
		real, err := filepath.EvalSymlinks(a.file())
		if err != nil {
			return target{}, failf(CodeClone, "clone", "repository %s: %w", a, err)
		}
		if !r.cfg.AllowRead(real) { // the links may have changed
			return target{}, failf(CodeURL, "clone", "repository %s is refused: this worker's tasks may not read there", a)
		}
		return target{url: "file://" + filepath.ToSlash(real)}, nil
	case "https", "http":
		if r.cfg.Proxied {
			return target{url: a.String()}, nil // names are looked up and checked by the proxy
		}
		final, err := r.redirected(ctx, a)
		if err != nil {
			return target{}, err
		}
		a = final
	}
	addrs, err := r.resolve(ctx, a.host)
	if err != nil {
		return target{}, err
	}
	ip := addrs[0].Unmap().WithZone("").String()
	if strings.Contains(ip, ":") {
		ip = "[" + ip + "]"
	}
	switch a.scheme {
	case "https", "http":
		port := a.port
		if port == "" {
			port = map[string]string{"https": "443", "http": "80"}[a.scheme]
		}
		if _, err := netip.ParseAddr(a.host); err == nil {
			return target{url: a.String()}, nil
		}
		return target{a.String(), []string{"http.curloptResolve=" + a.host + ":" + port + ":" + ip}}, nil
	case "git":
		a.host = strings.Trim(ip, "[]")
	}
	return target{url: a.String()}, nil
}

// probe is what git asks a server first.
const probe = "/info/refs"

// redirected follows the redirects of a repository by HTTP, checking each, and returns where it is. What the server
// says besides is for git to hear.
func (r *Runner) redirected(ctx context.Context, a address) (address, error) {
	var refused error
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			addrs, err := r.resolve(ctx, host)
			if err != nil {
				refused = err
				return nil, err
			}
			return dialer.DialContext(ctx, network, net.JoinHostPort(addrs[0].String(), port))
		},
	}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) > 5 || req.URL.Scheme != via[0].URL.Scheme {
			refused = failf(CodeURL, "clone", "repository %s is refused: it redirects to %s", a, req.URL.Redacted())
			return refused
		}
		return nil
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.String()+probe+"?service=git-upload-pack", nil)
	if err != nil {
		return a, failf(CodeURL, "clone", "repository %s is refused: %w", a, err)
	}
	req.Header.Set("User-Agent", "git/2.0 (supercluster)")
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return a, context.Cause(ctx)
		}
		if e := (*Error)(nil); errors.As(refused, &e) {
			return a, refused
		}
		return a, &offline{err}
	}
	resp.Body.Close()
	u := resp.Request.URL
	u.RawQuery, u.Path = "", strings.TrimSuffix(u.Path, probe)
	final, err := parseAddress(u.String())
	if err != nil || resp.Request.URL.Host == "" {
		return a, failf(CodeURL, "clone", "repository %s is refused: it redirects to %s", a, u.Redacted())
	}
	return final, nil
}
