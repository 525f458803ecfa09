package vm

import (
	"strconv"
	"strings"
)

// urlRecord is a URL of https://url.spec.whatwg.org/#concept-url.
type urlRecord struct {
	scheme, username, password string
	host                       *string // nil: none
	port                       int     // -1: none, or the scheme's own
	path                       []string
	opaque                     *string // the path, if it is no list
	query, fragment            *string
}

// specialPorts are the schemes that the standard treats specially, with their default ports.
var specialPorts = map[string]int{"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "file": -1}

func (u *urlRecord) special() bool { _, ok := specialPorts[u.scheme]; return ok }

// parseURL is the basic URL parser; ok is false where it fails. base may be nil.
func parseURL(input string, base *urlRecord) (u *urlRecord, ok bool) {
	input = strings.TrimFunc(input, func(r rune) bool { return r <= ' ' })
	input = stripTabs(input)
	u = &urlRecord{port: -1}
	rest, fragment, hasFragment := strings.Cut(input, "#")
	if hasFragment {
		f := percentEncode(fragment, fragmentSet)
		u.fragment = &f
	}
	if scheme, after, ok := cutScheme(rest); ok {
		u.scheme = scheme
		p, query, hasQuery := strings.Cut(after, "?")
		return u, u.parseAfterScheme(p, query, hasQuery, base)
	}
	if base == nil {
		return nil, false
	}
	u.scheme = base.scheme
	if base.opaque != nil {
		if rest != "" || !hasFragment {
			return nil, false
		}
		u.opaque, u.query = base.opaque, base.query
		return u, true
	}
	p, query, hasQuery := strings.Cut(rest, "?")
	if u.scheme == "file" {
		return u, u.parseFile(p, query, hasQuery, base)
	}
	return u, u.parseRelative(p, query, hasQuery, base)
}

func stripTabs(s string) string {
	if !strings.ContainsAny(s, "\t\n\r") {
		return s
	}
	return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
}

// cutScheme splits at the colon after a scheme, which it lowers.
func cutScheme(s string) (scheme, rest string, ok bool) {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'):
		case i > 0 && s[i] == ':':
			return strings.ToLower(s[:i]), s[i+1:], true
		default:
			return "", "", false
		}
	}
	return "", "", false
}

func (u *urlRecord) parseAfterScheme(p, query string, hasQuery bool, base *urlRecord) bool {
	switch {
	case u.scheme == "file":
		if base != nil && base.scheme != "file" {
			base = nil
		}
		return u.parseFile(p, query, hasQuery, base)
	case u.special() && base != nil && base.scheme == u.scheme && !strings.HasPrefix(p, "//"):
		return u.parseRelative(p, query, hasQuery, base)
	case u.special():
		u.setQuery(query, hasQuery)
		return u.parseAuthority(strings.TrimLeft(p, `/\`))
	}
	u.setQuery(query, hasQuery)
	if after, ok := strings.CutPrefix(p, "//"); ok {
		return u.parseAuthority(after)
	}
	if strings.HasPrefix(p, "/") {
		u.parsePath(p)
		return true
	}
	opaque := percentEncode(p, c0Set)
	u.opaque = &opaque
	return true
}

// parseRelative resolves against a base of the same scheme that is no file.
func (u *urlRecord) parseRelative(p, query string, hasQuery bool, base *urlRecord) bool {
	if n := u.slashes(p); n > 0 {
		if u.special() && n > 1 {
			u.setQuery(query, hasQuery)
			return u.parseAuthority(strings.TrimLeft(p, `/\`))
		}
		if strings.HasPrefix(p, "//") {
			u.setQuery(query, hasQuery)
			return u.parseAuthority(p[2:])
		}
		u.takeAuthority(base)
		u.setQuery(query, hasQuery)
		u.parsePath(p)
		return true
	}
	u.takeAuthority(base)
	u.inherit(p, query, hasQuery, base)
	return true
}

// inherit takes path and query of base as far as p and query do not replace them.
func (u *urlRecord) inherit(p, query string, hasQuery bool, base *urlRecord) {
	u.path = append([]string(nil), base.path...)
	switch {
	case hasQuery:
		u.setQuery(query, true)
	case p == "":
		u.query = base.query
	}
	if p != "" {
		u.shorten()
		u.addSegments(p)
	}
}

func (u *urlRecord) takeAuthority(base *urlRecord) {
	u.username, u.password, u.host, u.port = base.username, base.password, base.host, base.port
}

// slashes counts the slashes at the beginning, up to two; backslashes are some in special URLs.
func (u *urlRecord) slashes(p string) (n int) {
	for n < len(p) && n < 2 && (p[n] == '/' || p[n] == '\\' && u.special()) {
		n++
	}
	return n
}

func (u *urlRecord) parseFile(p, query string, hasQuery bool, base *urlRecord) bool {
	empty := ""
	u.host = &empty
	switch n := u.slashes(p); {
	case n == 2:
		u.setQuery(query, hasQuery)
		end := strings.IndexAny(p[2:], `/\`)
		if end < 0 {
			end = len(p) - 2
		}
		name := p[2 : 2+end]
		if isDrive(name) {
			u.addSegments(p[2:])
			return true
		}
		if name != "" {
			host, ok := parseHost(name, true)
			if !ok {
				return false
			}
			if host != "localhost" {
				u.host = &host
			}
		}
		u.parsePath(p[2+end:])
	case n == 1:
		u.setQuery(query, hasQuery)
		if base != nil {
			u.host = base.host
			if !startsWithDrive(p[1:]) && len(base.path) > 0 && isDrive(base.path[0]) {
				u.path = append(u.path, base.path[0])
			}
		}
		u.addSegments(p[1:])
	case base != nil && !startsWithDrive(p):
		u.host = base.host
		u.inherit(p, query, hasQuery, base)
	default:
		if base != nil {
			u.host = base.host
		}
		u.setQuery(query, hasQuery)
		u.addSegments(p)
	}
	return true
}

// isDrive reports whether s is a letter and ':' or '|'.
func isDrive(s string) bool {
	return len(s) == 2 && (s[0]|0x20) >= 'a' && (s[0]|0x20) <= 'z' && (s[1] == ':' || s[1] == '|')
}

func startsWithDrive(s string) bool {
	return len(s) >= 2 && isDrive(s[:2]) && (len(s) == 2 || strings.ContainsRune(`/\?#`, rune(s[2])))
}

func (u *urlRecord) setQuery(query string, has bool) {
	if !has {
		u.query = nil
		return
	}
	set := querySet
	if u.special() {
		set = specialQuerySet
	}
	q := percentEncode(query, set)
	u.query = &q
}

// parseAuthority takes user, host and port from the beginning of p, and the path from what follows.
func (u *urlRecord) parseAuthority(p string) bool {
	end := strings.IndexByte(p, '/')
	if u.special() {
		end = strings.IndexAny(p, `/\`)
	}
	if end < 0 {
		end = len(p)
	}
	authority := p[:end]
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		name, password, _ := strings.Cut(authority[:at], ":")
		u.username, u.password = percentEncode(name, userinfoSet), percentEncode(password, userinfoSet)
		if authority = authority[at+1:]; authority == "" {
			return false
		}
	}
	if !u.setHostPort(authority, false) {
		return false
	}
	u.parsePath(p[end:])
	return true
}

// setHostPort takes "host" or "host:port"; lenient, as a setter is, it ignores what follows the digits of the port.
func (u *urlRecord) setHostPort(s string, lenient bool) bool {
	host, port := s, ""
	colon := -1
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		colon = strings.IndexByte(s[max(strings.LastIndexByte(s, ']'), 0):], ':') + max(strings.LastIndexByte(s, ']'), 0)
		host, port = s[:colon], s[colon+1:]
	}
	if host == "" && (u.special() || colon >= 0) {
		return false
	}
	parsed := ""
	if host != "" {
		var ok bool
		if parsed, ok = parseHost(host, u.special()); !ok {
			return false
		}
	}
	old := u.port
	if !lenient {
		u.port = -1
	}
	if port != "" && !u.setPort(port, lenient) && !lenient {
		u.port = old
		return false
	}
	u.host = &parsed
	return true
}

func (u *urlRecord) setPort(s string, lenient bool) bool {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 || n < len(s) && !lenient {
		return false
	}
	port, err := strconv.ParseUint(s[:n], 10, 16)
	if err != nil {
		return false
	}
	u.port = int(port)
	if own, ok := specialPorts[u.scheme]; ok && own == u.port {
		u.port = -1
	}
	return true
}

// parsePath is the path start state: p begins with a slash, or is empty.
func (u *urlRecord) parsePath(p string) {
	if p == "" && !u.special() {
		return
	}
	u.addSegments(p[min(u.slashes(p), 1):])
}

// addSegments is the path state.
func (u *urlRecord) addSegments(p string) {
	if u.special() {
		p = strings.ReplaceAll(p, `\`, "/")
	}
	parts := strings.Split(p, "/")
	for i, part := range parts {
		last := i == len(parts)-1
		switch strings.ReplaceAll(strings.ToLower(part), "%2e", ".") {
		case "..":
			u.shorten()
			if last {
				u.path = append(u.path, "")
			}
		case ".":
			if last {
				u.path = append(u.path, "")
			}
		default:
			if u.scheme == "file" && len(u.path) == 0 && isDrive(part) {
				part = part[:1] + ":"
			}
			u.path = append(u.path, percentEncode(part, pathSet))
		}
	}
}

func (u *urlRecord) shorten() {
	if len(u.path) == 0 || u.scheme == "file" && len(u.path) == 1 && isDrive(u.path[0]) && u.path[0][1] == ':' {
		return
	}
	u.path = u.path[:len(u.path)-1]
}

func (u *urlRecord) pathname() string {
	if u.opaque != nil {
		return *u.opaque
	}
	if len(u.path) == 0 {
		return ""
	}
	return "/" + strings.Join(u.path, "/")
}

func (u *urlRecord) hostPort() string {
	switch {
	case u.host == nil:
		return ""
	case u.port < 0:
		return *u.host
	}
	return *u.host + ":" + strconv.Itoa(u.port)
}

// String is the URL serializer.
func (u *urlRecord) String() string {
	var b strings.Builder
	b.WriteString(u.scheme + ":")
	if u.host != nil {
		b.WriteString("//")
		if u.username != "" || u.password != "" {
			b.WriteString(u.username)
			if u.password != "" {
				b.WriteString(":" + u.password)
			}
			b.WriteByte('@')
		}
		b.WriteString(u.hostPort())
	} else if u.opaque == nil && len(u.path) > 1 && u.path[0] == "" {
		b.WriteString("/.") // or the path would be read as a host
	}
	b.WriteString(u.pathname())
	if u.query != nil {
		b.WriteString("?" + *u.query)
	}
	if u.fragment != nil {
		b.WriteString("#" + *u.fragment)
	}
	return b.String()
}

// origin is "null" for URLs that have none.
func (u *urlRecord) origin() string {
	if u.scheme == "blob" {
		if inner, ok := parseURL(u.pathname(), nil); ok && (inner.scheme == "http" || inner.scheme == "https") {
			return inner.origin()
		}
		return "null"
	}
	if !u.special() || u.scheme == "file" {
		return "null"
	}
	return u.scheme + "://" + u.hostPort()
}
