package nodepkg

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Tool names a program that package tasks need.
type Tool string

// The tools.
const (
	Git  Tool = "git"
	Npm  Tool = "npm"
	Node Tool = "node"
)

// howToGet says how to install a tool.
func (t Tool) howToGet() string {
	switch {
	case t == Git && runtime.GOOS == "linux":
		return "install it with the system's package manager, such as apt install git"
	case t == Git:
		return "install it from https://git-scm.com"
	case runtime.GOOS == "linux":
		return "install it with the system's package manager, such as apt install nodejs npm, or from https://nodejs.org"
	default:
		return "install it from https://nodejs.org"
	}
}

// Missing is the text that says so of tools that a worker lacks.
func Missing(tools []Tool) string {
	var parts []string
	for _, t := range tools {
		parts = append(parts, fmt.Sprintf("%s is not installed (%s)", t, t.howToGet()))
	}
	return strings.Join(parts, "; ")
}

// Needs lists the tools that the package takes.
func (p *Package) Needs() []Tool {
	needs := []Tool{Node}
	if p.Repository != "" {
		needs = append(needs, Git)
	}
	if m, err := p.manifest(); err == nil && m.installs() || p.Repository != "" && p.Cmd == "" {
		needs = append(needs, Npm) // the checkout may have a package.json of its own
	}
	return needs
}

// Tools are the programs of a host, by absolute paths without links.
type Tools map[Tool]string

// FindTools looks for the tools in the folders of path, which is written as PATH is. Folders that are not absolute, or
// that everybody may write to, are left out: who can put a program there would have it run.
func FindTools(path string) Tools {
	found := make(Tools)
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) || openToAll(dir) {
			continue
		}
		for _, t := range []Tool{Git, Npm, Node} {
			if found[t] == "" {
				if file := program(dir, string(t)); file != "" {
					found[t] = file
				}
			}
		}
	}
	return found
}

// Names lists the tools that were found, sorted.
func (t Tools) Names() []string {
	var names []string
	for name := range t {
		names = append(names, string(name))
	}
	slices.Sort(names)
	return names
}

// openToAll reports whether everybody may write to dir or to what it is a link to.
func openToAll(dir string) bool {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return true
	}
	info, err := os.Stat(real)
	return err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0
}

// program returns the real path of the program name in dir, or "".
func program(dir, name string) string {
	endings := []string{""}
	if runtime.GOOS == "windows" {
		endings = []string{".exe", ".cmd"}
	}
	for _, ending := range endings {
		real, err := filepath.EvalSymlinks(filepath.Join(dir, name+ending))
		if err != nil || openToAll(filepath.Dir(real)) {
			continue
		}
		info, err := os.Stat(real)
		if err != nil || !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
			continue
		}
		if ending == ".cmd" { // npm.cmd stands beside what it runs
			if js := filepath.Join(filepath.Dir(real), "node_modules", "npm", "bin", "npm-cli.js"); fileExists(js) {
				return js
			}
		}
		return real
	}
	return ""
}

func fileExists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// searchPath is the PATH of children: where the tools are, and the system's own folders.
func (t Tools) searchPath() string {
	var dirs []string
	add := func(dir string) {
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, name := range []Tool{Node, Git} {
		if t[name] != "" {
			add(filepath.Dir(t[name]))
		}
	}
	if runtime.GOOS == "windows" {
		root := os.Getenv("SystemRoot")
		add(filepath.Join(root, "System32"))
		add(root)
		return strings.Join(dirs, string(filepath.ListSeparator))
	}
	for _, dir := range []string{"/usr/local/bin", "/usr/bin", "/bin"} {
		if !openToAll(dir) {
			add(dir)
		}
	}
	return strings.Join(dirs, string(filepath.ListSeparator))
}

// require returns an error that names the tools that are missing here.
func (t Tools) require(needs []Tool) error {
	var missing []Tool
	for _, n := range needs {
		if t[n] == "" {
			missing = append(missing, n)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return failf(CodeTool, "", "%s on this worker", Missing(missing))
}

// engine is what of node decides what an installed tree holds.
type engine struct{ Exec, Version, ABI, Platform, Arch string }

// engine asks node what it is: the program behind it, if a version manager put another in its place.
func (r *Runner) engine(ctx context.Context, place *folder) (engine, error) {
	r.mu.Lock()
	e := r.node
	r.mu.Unlock()
	if e.Exec != "" {
		return e, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c := r.command(place, "", r.tools[Node], "-p",
		"JSON.stringify({Exec:process.execPath,Version:process.version,ABI:process.versions.modules,Platform:process.platform,Arch:process.arch})")
	out, err := c.output(ctx)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal([]byte(out), &e); err != nil || e.Exec == "" {
		return e, failf(CodeTool, "", "node -p printed %.100q, not what it is", out)
	}
	r.mu.Lock()
	r.node = e
	r.mu.Unlock()
	return e, nil
}
