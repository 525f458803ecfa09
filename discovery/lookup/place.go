package lookup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// maxPlaces is how many places one answer may name.
const maxPlaces = 10_000

// Place is a tracker or a node.
type Place struct {
	Host string // a name or an IP address
	Port int
	Node bool // it is a node, whose Port is UDP; otherwise a tracker, whose Port is TCP
}

// String returns the place as it is written: "10.0.0.5:44201", or "10.0.0.5:5000/udp" for a node.
func (p Place) String() string {
	s := net.JoinHostPort(p.Host, strconv.Itoa(p.Port))
	if p.Node {
		s += "/udp"
	}
	return s
}

// Parse reads what a command, a file or a web server gives: words such as "10.0.0.5:44201", separated by blanks,
// commas or lines, where "#" begins a comment; or JSON. An array holds words, or objects {"addr", "port"}; an object
// holds such arrays as "trackers", "masters" and "workers", of which the latter two are nodes, as a tracker lists them.
func Parse(text []byte) ([]Place, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return parseJSON(text)
	}
	var places []Place
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r <= ' ' }) {
			p, err := parsePlace(word)
			if err != nil {
				return nil, err
			}
			if places = append(places, p); len(places) > maxPlaces {
				return nil, fmt.Errorf("it names more than %d places", maxPlaces)
			}
		}
	}
	return places, nil
}

// parsePlace reads HOST, HOST:PORT or an IPv6 address without brackets, with "/udp" or "/tcp" after it or not.
func parsePlace(word string) (Place, error) {
	p := Place{Host: word, Port: DefaultPort}
	if host, kind, ok := strings.Cut(word, "/"); ok {
		if kind != "udp" && kind != "tcp" {
			return p, fmt.Errorf("%.60q is not an address", word)
		}
		p.Host, p.Node = host, kind == "udp"
	}
	bare := p.Host
	if strings.HasPrefix(bare, "[") && strings.HasSuffix(bare, "]") {
		bare = bare[1 : len(bare)-1]
	}
	if a, err := parseAddr(bare); err == nil {
		p.Host = a.String()
		return p, nil
	}
	if host, port, err := net.SplitHostPort(p.Host); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return p, fmt.Errorf("%.60q has no valid port", word)
		}
		p.Host, p.Port = host, int(n)
		if a, err := parseAddr(host); err == nil {
			p.Host = a.String()
		}
	}
	if !isHost(p.Host) {
		return p, fmt.Errorf("%.60q is not an address", word)
	}
	return p, nil
}

// hostLetters are the bytes of a name, and of the zone in an IPv6 address.
const hostLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

// parseAddr reads an IP address whose zone, which netip takes as it comes, holds only what names hold: it must stay in
// one piece when the address is written with a port after it.
func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err == nil && strings.Trim(a.Zone(), hostLetters) != "" {
		return netip.Addr{}, fmt.Errorf("%.60q has no valid zone", s)
	}
	return a, err
}

// isHost reports whether s can be a name or an IP address.
func isHost(s string) bool {
	if _, err := parseAddr(s); err == nil {
		return true
	}
	if s == "" || len(s) > 253 {
		return false
	}
	return strings.Trim(s, hostLetters) == ""
}

// parseJSON reads the JSON forms.
func parseJSON(text []byte) ([]Place, error) {
	var lists struct {
		Trackers, Masters, Workers []item
	}
	if text[0] == '[' {
		if err := json.Unmarshal(text, &lists.Trackers); err != nil {
			return nil, fmt.Errorf("its JSON is no list of addresses: %w", err)
		}
	} else if err := json.Unmarshal(text, &lists); err != nil {
		return nil, fmt.Errorf("its JSON has no lists of addresses: %w", err)
	}
	if len(lists.Trackers)+len(lists.Masters)+len(lists.Workers) > maxPlaces {
		return nil, fmt.Errorf("it names more than %d places", maxPlaces)
	}
	var places []Place
	for _, i := range lists.Trackers {
		places = append(places, i.Place)
	}
	for _, i := range append(lists.Masters, lists.Workers...) {
		i.Node = true
		places = append(places, i.Place)
	}
	return places, nil
}

// item is a place in JSON: a word, or an object with addr and port.
type item struct{ Place }

// UnmarshalJSON reads either.
func (i *item) UnmarshalJSON(text []byte) error {
	var word string
	if json.Unmarshal(text, &word) == nil {
		var err error
		i.Place, err = parsePlace(word)
		return err
	}
	var o struct {
		Addr string
		Port int
	}
	if json.Unmarshal(text, &o) != nil || o.Port < 0 || o.Port > 65535 {
		return errors.New("a place is a string, or an object with addr and port")
	}
	p, err := parsePlace(o.Addr)
	if o.Port != 0 {
		p.Port = o.Port
	}
	i.Place = p
	return err
}
