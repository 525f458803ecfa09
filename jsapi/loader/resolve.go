package loader

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// request says who asks for a module, and how.
type request struct {
	dir   string   // the folder that relative paths start from
	from  string   // the file that asks, or empty
	conds []string // conditions of exports and imports, in no order
	paths []string // node_modules folders to look in; nil means those above dir
	exts  []string // further extensions to try, of require.extensions
	imp   bool     // it is an import
}

var (
	requireConds = []string{"node", "require", "module-sync"}
	importConds  = []string{"node", "import", "module-sync"}
	jsExts       = []string{".js", ".json", ".node", ".ts", ".tsx", ".cjs", ".mjs", ".jsx", ".mts", ".cts"}
	tsExts       = []string{".ts", ".tsx", ".mts", ".cts", ".js", ".json", ".node", ".jsx", ".mjs", ".cjs"}
	// tsOf is what a file that is imported under the name of its JavaScript may really be.
	tsOf = map[string][]string{".js": {".ts", ".tsx"}, ".jsx": {".tsx"}, ".mjs": {".mts"}, ".cjs": {".cts"}}
)

// importer is the file that imports; Node.js does not name the one that requires in errors about exports.
func (q request) importer() string {
	if q.imp {
		return q.from
	}
	return ""
}

// errNotFound is a specifier that nothing was found for; the caller, who knows whether it was require or import,
// makes Node's error of it.
type errNotFound struct {
	spec string
	file string // the path that was expected, if it was one
	main string // the package.json whose main is wrong, if that is why
}

func (e *errNotFound) Error() string { return "Cannot find module '" + e.spec + "'" }

// resolve finds the module spec: the real path of a file, or "node:fs", "sc:supercluster" for a builtin one.
func (l *Loader) resolve(spec string, q request) (string, error) {
	switch {
	case strings.HasPrefix(spec, "node:"):
		if !l.isBuiltin(spec[5:]) {
			return "", &resolveError{code: "ERR_UNKNOWN_BUILTIN_MODULE", msg: "No such built-in module: " + spec}
		}
		return spec, nil
	case strings.HasPrefix(spec, "sc:"):
		return spec, nil
	case strings.HasPrefix(spec, "file:"):
		path, err := pathOfURL(spec)
		if err != nil {
			return "", err
		}
		return l.find(spec, path, q)
	case isRelative(spec):
		return l.find(spec, joinPath(q.dir, spec), q)
	case filepath.IsAbs(spec):
		return l.find(spec, spec, q)
	case strings.HasPrefix(spec, "#"):
		t, err := l.importsTarget(l.scopeOf(filepath.Join(q.dir, "x")), spec, q.conds, q.from)
		if err != nil || !filepath.IsAbs(t) {
			return t, err
		}
		return l.exact(spec, t, q)
	}
	return l.resolveBare(spec, q)
}

func isRelative(spec string) bool {
	if runtime.GOOS == "windows" {
		spec = filepath.ToSlash(spec)
	}
	return spec == "." || spec == ".." || strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../")
}

// joinPath keeps a slash at the end, which asks for a folder.
func joinPath(dir, spec string) string {
	p := filepath.Join(dir, filepath.FromSlash(spec))
	if strings.HasSuffix(spec, "/") || spec == "." || spec == ".." || strings.HasSuffix(spec, "/.") || strings.HasSuffix(spec, "/..") {
		p += string(filepath.Separator)
	}
	return p
}

// resolveBare finds a name: a builtin module, the package around, or one in a node_modules folder.
func (l *Loader) resolveBare(spec string, q request) (string, error) {
	if isOurs(spec) {
		// A package of that name counts only for packages: theirs is the older one.
		if belowModules(q.dir) {
			if t, err := l.resolvePackage(spec, q); err == nil {
				return t, nil
			}
		}
		return "sc:" + spec, nil
	}
	if nodeModules[spec] && l.isBuiltin(spec) {
		return spec, nil
	}
	t, err := l.resolvePackage(spec, q)
	if _, missing := err.(*errNotFound); missing && !schemeOnly[spec] && l.isBuiltin(spec) {
		return spec, nil
	}
	return t, err
}

func belowModules(dir string) bool {
	return strings.Contains(filepath.ToSlash(dir)+"/", "/node_modules/")
}

func (l *Loader) resolvePackage(spec string, q request) (string, error) {
	name, sub, ok := splitName(spec)
	if !ok {
		return "", &errNotFound{spec: spec}
	}
	if p := l.scopeOf(filepath.Join(q.dir, "x")); p != nil && p.name == name && p.exports != nil {
		t, err := l.exportsTarget(p, sub, q.conds, q.importer())
		if err != nil {
			return "", err
		}
		return l.exact(spec, t, q)
	}
	dirs := q.paths
	if dirs == nil {
		dirs = modulePaths(q.dir)
	}
	for _, dir := range dirs {
		if t, ok, err := l.inModules(dir, name, sub, spec, q); ok || err != nil {
			return t, err
		}
	}
	if !q.imp && q.paths == nil {
		for _, dir := range l.cfg.GlobalPaths {
			if t, ok, err := l.inModules(dir, name, sub, spec, q); ok || err != nil {
				return t, err
			}
		}
	}
	return "", &errNotFound{spec: spec}
}

// inModules looks in one node_modules folder.
func (l *Loader) inModules(dir, name, sub, spec string, q request) (string, bool, error) {
	root := filepath.Join(dir, filepath.FromSlash(name))
	if p := l.packageAt(root); p != nil {
		if p.err != nil {
			return "", false, &resolveError{code: "ERR_INVALID_PACKAGE_CONFIG", msg: p.err.Error()}
		}
		if p.exports != nil {
			t, err := l.exportsTarget(p, sub, q.conds, q.importer())
			if err != nil {
				return "", false, err
			}
			t, err = l.exact(spec, t, q)
			return t, err == nil, err
		}
	}
	path := root
	if sub != "." {
		path = joinPath(root, sub)
	}
	t, err := l.find(spec, path, q)
	if _, missing := err.(*errNotFound); missing && err.(*errNotFound).main == "" {
		return "", false, nil
	}
	return t, err == nil, err
}

// exact is for targets of exports and imports: no extension is added, but TypeScript stands in for JavaScript.
func (l *Loader) exact(spec, path string, q request) (string, error) {
	if isFile(path) {
		return l.realpath(path), nil
	}
	if t, ok := l.typescriptOf(path); ok {
		return t, nil
	}
	return "", &errNotFound{spec: spec, file: path}
}

// find is LOAD_AS_FILE and LOAD_AS_DIRECTORY of https://nodejs.org/api/modules.html#all-together.
func (l *Loader) find(spec, path string, q request) (string, error) {
	if t, ok := l.asFile(path, q); ok {
		return t, nil
	}
	dir := filepath.Clean(path)
	if !isDir(dir) {
		return "", &errNotFound{spec: spec, file: dir}
	}
	p := l.packageAt(dir)
	if p != nil && p.err != nil {
		return "", &resolveError{code: "ERR_INVALID_PACKAGE_CONFIG", msg: p.err.Error()}
	}
	if p != nil && p.main != "" {
		main := joinPath(dir, p.main)
		if t, ok := l.asFile(main, q); ok {
			return t, nil
		}
		if t, ok := l.asFile(filepath.Join(main, "index"), q); ok {
			return t, nil
		}
	}
	if t, ok := l.asFile(filepath.Join(dir, "index"), q); ok {
		if p != nil && p.main != "" && !q.imp {
			l.warnOfMain(p)
		}
		return t, nil
	}
	e := &errNotFound{spec: spec, file: dir}
	if p != nil && p.main != "" {
		e.file, e.main = filepath.Join(dir, filepath.FromSlash(p.main)), filepath.Join(dir, "package.json")
	}
	return "", e
}

// asFile tries path as it is, then with the extensions. A path with a slash at its end is no file's.
func (l *Loader) asFile(path string, q request) (string, bool) {
	if strings.HasSuffix(path, string(filepath.Separator)) {
		return "", false
	}
	fromTS := isTypeScript(q.from)
	if fromTS {
		if t, ok := l.typescriptOf(path); ok {
			return t, true
		}
	}
	if isFile(path) {
		return l.realpath(path), true
	}
	if t, ok := l.typescriptOf(path); ok {
		return t, true
	}
	exts := jsExts
	if fromTS {
		exts = tsExts
	}
	for _, list := range [][]string{exts, q.exts} {
		for _, ext := range list {
			if isFile(path + ext) {
				return l.realpath(path + ext), true
			}
		}
	}
	return "", false
}

// typescriptOf finds the TypeScript file that path, the name of its JavaScript, stands for.
func (l *Loader) typescriptOf(path string) (string, bool) {
	ext := filepath.Ext(path)
	for _, ts := range tsOf[ext] {
		if f := strings.TrimSuffix(path, ext) + ts; isFile(f) {
			return l.realpath(f), true
		}
	}
	return "", false
}

func isTypeScript(file string) bool {
	switch filepath.Ext(file) {
	case ".ts", ".tsx", ".mts", ".cts":
		return true
	}
	return false
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir()
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// realpath follows symbolic links. Like Node.js it does so once for each path.
func (l *Loader) realpath(path string) string {
	if r, ok := l.real[path]; ok {
		return r
	}
	r, err := filepath.EvalSymlinks(path)
	if err != nil {
		r = path
	}
	l.real[path] = r
	return r
}

// modulePaths lists the node_modules folders that a file in dir sees, the nearest first.
func modulePaths(dir string) (paths []string) {
	for {
		if filepath.Base(dir) != "node_modules" {
			paths = append(paths, filepath.Join(dir, "node_modules"))
		}
		up := filepath.Dir(dir)
		if up == dir {
			return paths
		}
		dir = up
	}
}

// urlOfPath returns the file: URL of a path.
func urlOfPath(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// pathOfURL is the inverse of urlOfPath; a query or fragment does not count.
func pathOfURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "file" {
		return "", &resolveError{code: "ERR_INVALID_URL", msg: "Invalid URL: " + s, typ: true}
	}
	if u.Host != "" && u.Host != "localhost" && runtime.GOOS != "windows" {
		return "", &resolveError{code: "ERR_INVALID_FILE_URL_HOST", msg: `File URL host must be "localhost" or empty on ` + runtime.GOOS, typ: true}
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	return filepath.FromSlash(path), nil
}
