package nodepkg

import (
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// An address is a repository's URL, taken apart and checked.
type address struct {
	scheme string // "https", "http", "git", "ssh" or "file"
	user   string // of ssh
	host   string // a name in lower case, or an IP address without brackets; "" of a file
	port   string
	path   string // with a slash at its beginning
}

// String puts the parts together again: what git is given, and what names the mirror.
func (a address) String() string {
	host := a.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if a.user != "" {
		host = a.user + "@" + host
	}
	if a.port != "" {
		host += ":" + a.port
	}
	return a.scheme + "://" + host + a.path
}

// hosts that package.json has short forms for, https://docs.npmjs.com/cli/configuring-npm/package-json#repository.
var shortHosts = map[string]string{"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}

const maxURL = 2048

// SplitRef takes the ref off a repository's URL: what stands behind its first #.
func SplitRef(url string) (repository, ref string) {
	repository, ref, _ = strings.Cut(url, "#")
	return repository, ref
}

// parseAddress reads a repository's URL, without a ref, in any of the forms that package.json may have it. An error
// says what is wrong with it; whether the worker serves it is for policy to say.
func parseAddress(text string) (address, error) {
	refuse := func(why string) (address, error) {
		return address{}, failf(CodeURL, "", "repository %.200q is refused: %s", text, why)
	}
	switch {
	case text == "":
		return refuse("it is empty")
	case len(text) > maxURL:
		return refuse("it is longer than 2048 bytes")
	case strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c >= 0x7f }):
		return refuse("only printable ASCII may be in it; write a name of another script as xn--…, a space as %20")
	case strings.HasPrefix(text, "-"):
		return refuse("it begins with a dash")
	case strings.Contains(strings.SplitN(text, "://", 2)[0], "::"):
		return refuse("it names a helper program of git")
	case strings.ContainsAny(text, "\\\"'`$<>|;&(){}*!^"):
		return refuse("it holds characters that no URL has as they are")
	case strings.ContainsAny(text, "?#"):
		return refuse("it has a query or a fragment")
	}
	if a, ok := shortForm(text); ok {
		return a.check(refuse)
	}
	scheme, rest, ok := strings.Cut(strings.TrimPrefix(text, "git+"), "://")
	if !ok {
		if a, ok := scpForm(text); ok {
			return a.check(refuse)
		}
		return refuse("it is no URL; write https://…, or file:///… for a folder of the worker's machine")
	}
	a := address{scheme: strings.ToLower(scheme)}
	authority, path, _ := strings.Cut(rest, "/")
	a.path = "/" + path
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		a.user, authority = authority[:at], authority[at+1:]
		if a.user == "" || a.scheme != "ssh" {
			return refuse("it holds a user or a password, which would end up in logs; only ssh has a user")
		}
	}
	if host, found := strings.CutPrefix(authority, "["); found {
		host, a.port, ok = strings.Cut(host, "]")
		if _, err := netip.ParseAddr(host); !ok || err != nil || a.port != "" && a.port[0] != ':' {
			return refuse("its host is no IP address in brackets")
		}
		a.host, a.port = host, strings.TrimPrefix(a.port, ":")
	} else {
		a.host, a.port, ok = strings.Cut(authority, ":")
		if ok && a.port == "" {
			return refuse("its port is empty")
		}
	}
	return a.check(refuse)
}

// shortForm is "user/repo" and "github:user/repo".
func shortForm(text string) (address, bool) {
	site, rest, ok := strings.Cut(text, ":")
	if !ok {
		site, rest = "github", text
	}
	host := shortHosts[site]
	user, repo, ok := strings.Cut(rest, "/")
	if host == "" || !ok || !plainName(user) || !plainName(repo) {
		return address{}, false
	}
	return address{scheme: "https", host: host, path: "/" + user + "/" + strings.TrimSuffix(repo, ".git") + ".git"}, true
}

func plainName(s string) bool {
	return s != "" && s != "." && s != ".." && s[0] != '-' && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-'
	})
}

// scpForm is "git@host:path" as ssh has it.
func scpForm(text string) (address, bool) {
	host, path, ok := strings.Cut(text, ":")
	user, host, at := strings.Cut(host, "@")
	if !ok || !at || strings.HasPrefix(path, "/") || path == "" {
		return address{}, false
	}
	return address{scheme: "ssh", user: user, host: host, path: "/" + path}, true
}

// schemes that git and we know; which of them a worker serves is another matter.
var schemes = []string{"https", "http", "git", "ssh", "file"}

func (a address) check(refuse func(string) (address, error)) (address, error) {
	a.host = strings.ToLower(a.host)
	if !slices.Contains(schemes, a.scheme) {
		return refuse("its scheme must be https, git, ssh or file")
	}
	for part := range strings.SplitSeq(a.path, "/") {
		if lower := strings.ToLower(part); lower == ".." || lower == "." || strings.Contains(lower, "%2e%2e") || strings.Contains(lower, "%2f") ||
			strings.Contains(lower, "%00") || strings.Contains(lower, "%0a") || strings.Contains(lower, "%0d") || strings.HasPrefix(lower, "-") {
			return refuse("its path leads elsewhere")
		}
	}
	if len(a.path) < 2 {
		return refuse("it has no path")
	}
	if a.scheme == "file" {
		if a.host != "" && a.host != "localhost" || a.port != "" {
			return refuse("a file has no host")
		}
		a.host = ""
		return a, nil
	}
	if _, err := netip.ParseAddr(a.host); err != nil && !hostName(a.host) {
		return refuse("its host is no name and no IP address")
	}
	if n, err := strconv.Atoi(a.port); a.port != "" && (err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != a.port) {
		return refuse("its port is no number from 1 to 65535")
	}
	if a.user != "" && !plainName(a.user) {
		return refuse("its user is no plain name")
	}
	if a.scheme == "git" && a.host == "github.com" {
		a.scheme = "https" // GitHub ended git:// in 2022
	}
	return a, nil
}

// hostName reports whether s is a name of the DNS, and not a number in a form that only some resolvers know, such as
// 0x7f000001 or 127.1.
func hostName(s string) bool {
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || !plainName(l) || strings.Contains(l, ".") {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(s) <= 253 && (last[0] < '0' || last[0] > '9')
}

// file is the folder that a file URL names.
func (a address) file() string {
	p := a.path
	if runtime.GOOS == "windows" {
		p = strings.TrimPrefix(p, "/")
	}
	return filepath.Clean(filepath.FromSlash(p))
}
