package nodepkg

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// lockfiles are those that npm writes, the one that counts first.
var lockfiles = []string{"npm-shrinkwrap.json", "package-lock.json"}

// rootScripts are what npm runs of the package itself when it is installed.
var rootScripts = []string{"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish"}

// installs reports whether npm has something to do.
func (m *manifest) installs() bool {
	if m == nil {
		return false
	}
	for _, s := range rootScripts {
		if m.Scripts[s] != "" {
			return true
		}
	}
	return len(m.Dependencies)+len(m.DevDependencies)+len(m.OptionalDependencies)+len(m.PeerDependencies) > 0 || len(m.Workspaces) > 0
}

// checkFiles refuses dependencies that are folders outside the checkout, in which the package is at dir.
func (m *manifest) checkFiles(dir string) error {
	if m == nil {
		return nil
	}
	for _, list := range []map[string]string{m.Dependencies, m.DevDependencies, m.OptionalDependencies, m.PeerDependencies} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			path, ok := filePath(list[name])
			if ok && !filepath.IsLocal(filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(path))) {
				return failf(CodePath, "install", "dependency %q is %q, which leads out of the package", name, list[name])
			}
		}
	}
	return nil
}

// filePath is the path of a dependency that is a file or folder, as npm tells them.
func filePath(spec string) (string, bool) {
	for _, prefix := range []string{"file:", "link:"} {
		if p, ok := strings.CutPrefix(spec, prefix); ok {
			return strings.TrimPrefix(p, "//"), true
		}
	}
	local := strings.HasPrefix(spec, ".") || strings.HasPrefix(spec, "/") || strings.HasPrefix(spec, "~/") || strings.Contains(spec, `\`)
	if strings.HasPrefix(spec, "~/") {
		return "/", true
	}
	return strings.ReplaceAll(spec, `\`, "/"), local
}

// lockFits reports whether a lockfile is one of this package.json: then npm ci installs exactly what it says.
func lockFits(lock []byte, m *manifest) bool {
	var l struct {
		LockfileVersion int
		Packages        map[string]*manifest
	}
	if json.Unmarshal(lock, &l) != nil || l.LockfileVersion < 2 || l.Packages[""] == nil {
		return false
	}
	root := l.Packages[""]
	return maps.Equal(root.Dependencies, m.Dependencies) && maps.Equal(root.DevDependencies, m.DevDependencies) &&
		maps.Equal(root.OptionalDependencies, m.OptionalDependencies) && maps.Equal(root.PeerDependencies, m.PeerDependencies)
}

// install runs npm in the folder dir of a checkout, root, if its package.json asks for anything.
func (r *Runner) install(ctx context.Context, place *folder, root *os.Root, dir string) error {
	text, err := readFile(root, filepath.Join(dir, "package.json"))
	if err != nil {
		return failf(CodePath, "install", "package.json: %w", err)
	}
	if text == nil {
		return nil
	}
	m, err := parseManifest("package.json", text)
	if err != nil {
		return err
	}
	if err := m.checkFiles(dir); err != nil {
		return err
	}
	if !m.installs() {
		return nil
	}
	if err := r.tools.require([]Tool{Npm}); err != nil {
		return err
	}
	if r.cfg.NoScripts {
		for _, s := range rootScripts {
			if m.Scripts[s] != "" {
				return failf(CodeScripts, "install", "the package itself wants to run its script %q when it is installed, which this worker's owner forbids (--no-npm-scripts)", s)
			}
		}
	}
	what := "install"
	for _, name := range lockfiles {
		lock, err := readFile(root, filepath.Join(dir, name))
		if err != nil {
			return failf(CodePath, "install", "%s: %w", name, err)
		}
		if lock != nil {
			if lockFits(lock, m) {
				what = "ci"
			}
			break
		}
	}
	return r.npm(ctx, place, root, dir, what)
}

func (r *Runner) npm(ctx context.Context, place *folder, root *os.Root, dir, what string) error {
	args := []string{what, "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--loglevel=error", "--prefer-offline",
		"--cache=" + filepath.Join(r.cfg.Dir, "npm"), "--userconfig=" + place.join("npmrc"), "--globalconfig=" + place.join("globalrc")}
	if r.cfg.Registry != "" {
		args = append(args, "--registry="+r.cfg.Registry)
	}
	if r.cfg.NoScripts {
		args = append(args, "--ignore-scripts")
	}
	c := r.command(place, "install", r.tools[Npm], args...)
	c.dir = filepath.Join(root.Name(), filepath.FromSlash(dir))
	c.env = r.gitEnvironment("https:git:ssh", place)
	c.tree = true
	err := c.run(ctx)
	if err != nil {
		return failed(CodeInstall, "install", "npm "+what, err)
	}
	if r.cfg.NoScripts {
		return r.checkScripts(root, dir)
	}
	return nil
}

// checkScripts looks through what npm installed for packages whose scripts it was told to leave out.
func (r *Runner) checkScripts(root *os.Root, dir string) error {
	text, err := readFile(root, filepath.Join(dir, "node_modules", ".package-lock.json"))
	if err != nil || text == nil {
		return nil // nothing was installed
	}
	var l struct {
		Packages map[string]struct{ HasInstallScript, Optional bool }
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return failf(CodeInstall, "install", "npm left a list that does not parse: %w", err)
	}
	var wanted []string
	for path, p := range l.Packages {
		if p.HasInstallScript && !p.Optional {
			wanted = append(wanted, path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):])
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	slices.Sort(wanted)
	return failf(CodeScripts, "install", "%s wants to run a script when it is installed, which this worker's owner forbids (--no-npm-scripts)",
		strings.Join(slices.Compact(wanted), ", "))
}
