package loader

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// resolveError is a resolution that went wrong, with Node's code for it. It becomes a JavaScript error in errors.go.
type resolveError struct {
	code string
	msg  string
	typ  bool // a TypeError
}

func (e *resolveError) Error() string { return e.msg }

func notExported(p *pkg, sub, from string) error {
	what := fmt.Sprintf("Package subpath '%s' is not defined by \"exports\" in %s", sub, filepath.Join(p.dir, "package.json"))
	if sub == "." {
		what = fmt.Sprintf("No \"exports\" main defined in %s", filepath.Join(p.dir, "package.json"))
	}
	if from != "" {
		what += " imported from " + from
	}
	return &resolveError{code: "ERR_PACKAGE_PATH_NOT_EXPORTED", msg: what}
}

// exportsTarget finds what the package's exports name for the path sub ("." or "./x"): PACKAGE_EXPORTS_RESOLVE of
// https://nodejs.org/api/esm.html#resolution-algorithm-specification. The result is a path of the file system.
func (l *Loader) exportsTarget(p *pkg, sub string, conds []string, from string) (string, error) {
	exports := p.exports
	o, isObj := exports.(*object)
	if isObj {
		dots := 0
		for _, k := range o.keys {
			if strings.HasPrefix(k, ".") {
				dots++
			}
		}
		if dots != 0 && dots != len(o.keys) {
			return "", &resolveError{code: "ERR_INVALID_PACKAGE_CONFIG", msg: "Invalid package config " + filepath.Join(p.dir, "package.json") +
				`. "exports" cannot contain some keys starting with '.' and some not. The exports object must either be an object of package subpath keys or an object of main entry condition name keys only.`}
		}
		isObj = dots != 0
	}
	if !isObj {
		if sub != "." {
			return "", notExported(p, sub, from)
		}
		o = &object{keys: []string{"."}, vals: map[string]any{".": exports}}
	}
	t, h, err := l.matchTarget(p, o, sub, conds, false, from)
	if err == nil && h != found {
		err = notExported(p, sub, from)
	}
	return t, err
}

// importsTarget finds what `imports` of the package around from has for spec, "#x".
func (l *Loader) importsTarget(p *pkg, spec string, conds []string, from string) (string, error) {
	if spec != "#" && !strings.HasPrefix(spec, "#/") && p != nil && p.imports != nil {
		t, h, err := l.matchTarget(p, p.imports, spec, conds, true, from)
		if err != nil || h == found {
			return t, err
		}
	}
	msg := fmt.Sprintf("Package import specifier %q is not defined", spec)
	if p != nil {
		msg += " in package " + filepath.Join(p.dir, "package.json")
	}
	if from != "" {
		msg += " imported from " + from
	}
	return "", &resolveError{code: "ERR_PACKAGE_IMPORT_NOT_DEFINED", msg: msg, typ: true}
}

// hit says how a search for a target went: nothing for it, null for it (which ends the search), or a path.
type hit int

const (
	miss hit = iota
	blocked
	found
)

// matchTarget finds key among the keys of o, patterns included: PACKAGE_IMPORTS_EXPORTS_RESOLVE.
func (l *Loader) matchTarget(p *pkg, o *object, key string, conds []string, internal bool, from string) (string, hit, error) {
	if v, ok := o.vals[key]; ok && !strings.Contains(key, "*") {
		return l.target(p, key, v, "", conds, internal, from)
	}
	best, match := "", ""
	for _, k := range o.keys {
		head, tail, pattern := strings.Cut(k, "*")
		if !pattern || !strings.HasPrefix(key, head) || key == head || len(key) < len(head)+len(tail) || !strings.HasSuffix(key, tail) {
			continue
		}
		if best == "" || moreSpecific(k, best) {
			best, match = k, key[len(head):len(key)-len(tail)]
		}
	}
	if best == "" {
		return "", miss, nil
	}
	return l.target(p, best, o.vals[best], match, conds, internal, from)
}

// moreSpecific is PATTERN_KEY_COMPARE: the longer part before the star wins, then the longer key.
func moreSpecific(a, b string) bool {
	ia, ib := strings.IndexByte(a, '*'), strings.IndexByte(b, '*')
	if ia != ib {
		return ia > ib
	}
	return len(a) > len(b)
}

// target is PACKAGE_TARGET_RESOLVE. match replaces the stars of a pattern.
func (l *Loader) target(p *pkg, key string, v any, match string, conds []string, internal bool, from string) (string, hit, error) {
	switch v := v.(type) {
	case string:
		t, err := l.targetPath(p, key, v, match, conds, internal, from)
		return t, found, err
	case *object:
		for _, k := range v.keys {
			if k != "default" && !slices.Contains(conds, k) {
				continue
			}
			if t, h, err := l.target(p, key, v.vals[k], match, conds, internal, from); err != nil || h != miss {
				return t, h, err
			}
		}
		return "", miss, nil
	case []any:
		last, lastErr := miss, error(nil)
		for _, it := range v {
			t, h, err := l.target(p, key, it, match, conds, internal, from)
			if err == nil && h == found {
				return t, h, nil
			}
			last, lastErr = h, err
		}
		return "", last, lastErr
	case nil:
		return "", blocked, nil
	}
	return "", miss, invalidTarget(p, key, fmt.Sprint(v), internal, from)
}

func (l *Loader) targetPath(p *pkg, key, v, match string, conds []string, internal bool, from string) (string, error) {
	if !strings.HasPrefix(v, "./") {
		if internal && !strings.HasPrefix(v, "../") && !strings.HasPrefix(v, "/") {
			// A package, or a builtin module, under another name.
			return l.resolveBare(strings.ReplaceAll(v, "*", match), request{dir: p.dir, from: from, conds: conds})
		}
		return "", invalidTarget(p, key, v, internal, from)
	}
	if hasBadSegment(v[2:]) || hasBadSegment(match) {
		return "", invalidTarget(p, key, strings.ReplaceAll(v, "*", match), internal, from)
	}
	return filepath.Join(p.dir, filepath.FromSlash(strings.ReplaceAll(v, "*", match))), nil
}

// hasBadSegment reports whether path leaves the package, or goes into a node_modules of it.
func hasBadSegment(path string) bool {
	for _, s := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		switch strings.ToLower(s) {
		case ".", "..", "node_modules", "%2e", "%2e%2e", ".%2e", "%2e.":
			return true
		}
	}
	return false
}

func invalidTarget(p *pkg, key, target string, internal bool, from string) error {
	kind := "exports"
	if internal {
		kind = "imports"
	}
	msg := fmt.Sprintf("Invalid %q target %q defined for '%s' in the package config %s", kind, target, key, filepath.Join(p.dir, "package.json"))
	if from != "" {
		msg += " imported from " + from
	}
	if !internal && !strings.HasPrefix(target, "./") {
		msg += `; targets must start with "./"`
	}
	return &resolveError{code: "ERR_INVALID_PACKAGE_TARGET", msg: msg}
}
