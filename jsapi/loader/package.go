package loader

import (
	"os"
	"path/filepath"
	"strings"
)

// pkg is what the loader reads of a package.json.
type pkg struct {
	dir     string // the folder it stands in
	name    string
	typ     string // "module", "commonjs" or empty
	main    string
	exports any // nil if absent; null in the file is the same
	imports *object
	err     error // of reading a file that is there
}

// packageAt returns the package.json of the folder dir, or nil. Like Node.js it is read once.
func (l *Loader) packageAt(dir string) *pkg {
	if p, ok := l.packages[dir]; ok {
		return p
	}
	p := readPackage(dir)
	l.packages[dir] = p
	return p
}

func readPackage(dir string) *pkg {
	file := filepath.Join(dir, "package.json")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil // not there, or not to be read: Node.js goes on as well
	}
	v, err := parseJSON(data)
	o, ok := v.(*object)
	if err != nil || !ok {
		return &pkg{dir: dir, err: &configError{file: file, err: err}}
	}
	p := &pkg{dir: dir, name: o.str("name"), typ: o.str("type"), main: o.str("main"), exports: o.get("exports")}
	p.imports, _ = o.get("imports").(*object)
	return p
}

// configError is a package.json that cannot be used.
type configError struct {
	file string
	err  error
}

func (e *configError) Error() string {
	if e.err == nil {
		return "Invalid package config " + e.file + ": not an object."
	}
	return "Invalid package config " + e.file + ": " + e.err.Error() + "."
}

// scopeOf returns the package.json that governs file: the nearest one above it, within node_modules' bounds.
func (l *Loader) scopeOf(file string) *pkg {
	for dir := filepath.Dir(file); ; {
		if filepath.Base(dir) == "node_modules" {
			return nil
		}
		if p := l.packageAt(dir); p != nil {
			return p
		}
		up := filepath.Dir(dir)
		if up == dir {
			return nil
		}
		dir = up
	}
}

// splitName takes a bare specifier apart: "@a/b/c/d" is the package "@a/b" and the path "./c/d"; the path is "."
// if there is none. ok is false if it cannot be a package's name.
func splitName(spec string) (name, sub string, ok bool) {
	parts := strings.SplitN(spec, "/", 3)
	name = parts[0]
	if strings.HasPrefix(spec, "@") {
		if len(parts) < 2 || parts[1] == "" {
			return "", "", false
		}
		name += "/" + parts[1]
	}
	if name == "" || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `\%`) {
		return "", "", false
	}
	return name, "." + strings.TrimPrefix(spec[len(name):], ""), true
}

// tsconfigNear returns the text of the nearest tsconfig.json above file, or "". It counts for its compiler options;
// what it extends is not read.
func (l *Loader) tsconfigNear(file string) string {
	for dir := filepath.Dir(file); filepath.Base(dir) != "node_modules"; {
		text, ok := l.tsconfigs[dir]
		if !ok {
			data, err := os.ReadFile(filepath.Join(dir, "tsconfig.json"))
			text = string(data)
			if err != nil {
				text = ""
			}
			l.tsconfigs[dir] = text
		}
		up := filepath.Dir(dir)
		if text != "" || up == dir {
			return text
		}
		dir = up
	}
	return ""
}
