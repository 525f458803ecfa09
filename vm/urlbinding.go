package vm

import (
	"fmt"
	"strings"

	"github.com/dop251/goja"
)

// urlBinding is the native half of prelude_url.js. A URL is its text: parse(text, base) and set(text, member, value)
// return its members, or undefined.
func (g *globals) urlBinding(set func(name string, fn func(goja.FunctionCall) goja.Value)) {
	set("parse", func(call goja.FunctionCall) goja.Value {
		var base *urlRecord
		if v := call.Argument(1); !goja.IsUndefined(v) {
			var ok bool
			if base, ok = parseURL(v.String(), nil); !ok {
				return nil
			}
		}
		u, ok := parseURL(call.Argument(0).String(), base)
		if !ok {
			return nil
		}
		return g.urlMembers(u)
	})
	set("set", func(call goja.FunctionCall) goja.Value {
		u, ok := parseURL(call.Argument(0).String(), nil)
		if !ok || !u.set(call.Argument(1).String(), call.Argument(2).String()) {
			return nil
		}
		return g.urlMembers(u)
	})
	set("parseForm", func(call goja.FunctionCall) goja.Value {
		var flat []any
		for part := range strings.SplitSeq(call.Argument(0).String(), "&") {
			if part != "" {
				name, value, _ := strings.Cut(part, "=")
				flat = append(flat, formDecode(name), formDecode(value))
			}
		}
		return g.rt.NewArray(flat...)
	})
	set("formatForm", func(call goja.FunctionCall) goja.Value {
		var b strings.Builder
		for i, v := range arrayElements(call.Argument(0)) {
			if i > 0 {
				b.WriteByte("&="[i%2])
			}
			b.WriteString(formEncode(v.String()))
		}
		return g.rt.ToValue(b.String())
	})
}

func (g *globals) urlMembers(u *urlRecord) goja.Value {
	o := g.rt.NewObject()
	member := func(name, value string) { _ = o.Set(name, value) }
	prefixed := func(prefix string, s *string) string {
		if s == nil || *s == "" {
			return ""
		}
		return prefix + *s
	}
	host, port := "", ""
	if u.host != nil {
		host = *u.host
	}
	if u.port >= 0 {
		port = fmt.Sprint(u.port)
	}
	member("href", u.String())
	member("origin", u.origin())
	member("protocol", u.scheme+":")
	member("username", u.username)
	member("password", u.password)
	member("host", u.hostPort())
	member("hostname", host)
	member("port", port)
	member("pathname", u.pathname())
	member("search", prefixed("?", u.query))
	member("hash", prefixed("#", u.fragment))
	return o
}

// set is the setter of a member; false where it changes nothing.
func (u *urlRecord) set(member, v string) bool {
	noCredentials := u.host == nil || *u.host == "" || u.scheme == "file"
	if member != "username" && member != "password" {
		v = stripTabs(v)
	}
	switch member {
	case "protocol":
		return u.setScheme(v)
	case "username", "password":
		if noCredentials {
			return false
		}
		if member == "username" {
			u.username = percentEncode(v, userinfoSet)
		} else {
			u.password = percentEncode(v, userinfoSet)
		}
	case "host", "hostname":
		return u.setHost(v, member == "host")
	case "port":
		if noCredentials {
			return false
		}
		if v == "" {
			u.port = -1
			return true
		}
		return u.setPort(v, true)
	case "pathname":
		if u.opaque != nil {
			return false
		}
		u.path = nil
		if v != "" || u.special() || u.host == nil {
			u.addSegments(v[min(u.slashes(v), 1):])
		}
	case "search":
		u.setQuery(strings.TrimPrefix(v, "?"), v != "")
	case "hash":
		u.fragment = nil
		if v != "" {
			f := percentEncode(strings.TrimPrefix(v, "#"), fragmentSet)
			u.fragment = &f
		}
	default:
		return false
	}
	return true
}

func (u *urlRecord) setScheme(v string) bool {
	scheme, _, ok := cutScheme(v + ":")
	_, special := specialPorts[scheme]
	if !ok || special != u.special() {
		return false
	}
	if scheme == "file" && (u.username != "" || u.password != "" || u.port >= 0) || u.scheme == "file" && *u.host == "" {
		return false
	}
	u.scheme = scheme
	if own, ok := specialPorts[scheme]; ok && own == u.port {
		u.port = -1
	}
	return true
}

func (u *urlRecord) setHost(v string, withPort bool) bool {
	if u.opaque != nil {
		return false
	}
	ends := "/?#"
	if u.special() {
		ends = `/?#\`
	}
	if i := strings.IndexAny(v, ends); i >= 0 {
		v = v[:i]
	}
	if u.scheme == "file" {
		host := ""
		if v != "" {
			var ok bool
			if host, ok = parseHost(v, true); !ok {
				return false
			}
		}
		if host == "localhost" {
			host = ""
		}
		u.host = &host
		return true
	}
	if !withPort && strings.LastIndexByte(v, ':') > strings.LastIndexByte(v, ']') {
		return false
	}
	if v == "" && (u.username != "" || u.password != "" || u.port >= 0) {
		return false
	}
	return u.setHostPort(v, true)
}

// formDecode and formEncode are of https://url.spec.whatwg.org/#urlencoded-parsing.
func formDecode(s string) goja.Value {
	units, _, _ := decodeUTF8([]byte(percentDecode(strings.ReplaceAll(s, "+", " "))), true)
	return goja.StringFromUTF16(units)
}

func formEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('+')
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z', strings.IndexByte("*-._", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
