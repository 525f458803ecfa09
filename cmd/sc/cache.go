package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"supercluster/pkg/nodepkg"
)

func cacheCommand() *command {
	return &command{
		name:  "cache",
		usage: "ls|prune",
		short: "what is kept of packages on this machine",
		long: `Examples:

  sc cache ls                 what is there, what was used last first
  sc cache prune              remove it, but for what is in use
  sc cache prune --older=24h  remove what was not used for a day
  sc cache prune --kept       and the folders of tasks that were to be kept

Workers keep repositories that tasks named, and what npm installed of them, for
the next task of the same commit and package.json. It takes --cache-size at
most; what was used least recently goes first. SC_CACHE_DIR is where it is.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			fs.BoolVar(&s.json, "json", s.json, "print JSON, one part a line")
			fs.DurationVar(&s.older, "older", s.older, "prune only what was not used for this `duration`")
			fs.BoolVar(&s.kept, "kept", s.kept, "prune folders of tasks that were to be kept, too")
		},
		run: runCache,
	}
}

func runCache(ctx context.Context, env *environment, c *command, args []string) error {
	verb := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") { // flags may follow the verb
		verb, args = args[0], args[1:]
	}
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if verb == "" && len(rest) > 0 {
		verb, rest = rest[0], rest[1:]
	}
	const hint = "'sc cache ls' lists it, 'sc cache prune' removes it"
	switch {
	case verb == "":
		return usageError(hint, "cache: say what to do")
	case len(rest) > 0:
		return usageError(hint, "cache: unexpected argument %q", rest[0])
	}
	var entries []nodepkg.Entry
	dir := packageDir(env.getenv)
	switch verb {
	case "ls":
		entries, err = nodepkg.List(dir)
	case "prune":
		entries, err = nodepkg.Prune(ctx, dir, func(e nodepkg.Entry) bool {
			return (e.Kind != "kept" || s.kept) && (s.older <= 0 || time.Since(e.Used) > s.older)
		})
	default:
		return usageError(hint, "cache: unknown word %q", verb)
	}
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	if s.json {
		return printEntriesJSON(env.stdout, entries)
	}
	return printEntries(env, verb, entries)
}

func printEntriesJSON(w io.Writer, entries []nodepkg.Entry) error {
	enc := json.NewEncoder(w)
	for _, e := range entries {
		err := enc.Encode(struct {
			V int `json:"v"`
			nodepkg.Entry
		}{1, e})
		if err != nil {
			return err
		}
	}
	return nil
}

func printEntries(env *environment, verb string, entries []nodepkg.Entry) error {
	var total int64
	t := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	for i, e := range entries {
		if i == 0 {
			fmt.Fprintln(t, "KIND\tSIZE\tUSED\tWHAT")
		}
		total += e.Bytes
		what := e.Repository
		if e.Commit != "" {
			what += "#" + e.Commit[:12]
		}
		if what == "" {
			what = e.Path
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", e.Kind, megabytes(e.Bytes), e.Used.Format("2006-01-02 15:04"), printable(what))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	did := "are in the cache"
	if verb == "prune" {
		did = "removed"
	}
	fmt.Fprintf(env.stderr, "sc: %d parts, %s %s\n", len(entries), megabytes(total), did)
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1fMB", float64(n)/1e6) }

// packageDir is where workers of this account keep packages, or "" if it has
// no such place.
func packageDir(getenv func(string) string) string {
	if dir := getenv("SC_CACHE_DIR"); dir != "" {
		return filepath.Join(dir, "packages")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "supercluster", "packages")
}

// passed are the variables of the environment that git and npm get of ours:
// how to reach the network, and whom to trust there.
var passed = []string{
	"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
}

// packageFlags say how a worker runs packages.
func packageFlags(fs *flag.FlagSet, s *settings) {
	fs.BoolVar(&s.noScripts, "no-npm-scripts", s.noScripts, "forbid scripts of packages at their installation")
	fs.StringVar(&s.registry, "npm-registry", s.registry, "install packages from the registry at `url` (default: npm's own)")
	fs.Var(&s.gitProtocols, "git-protocols", "clone by `protocol`, one of https, http, git and ssh; may be repeated (default: https and git)")
	fs.Var(&s.gitHosts, "git-hosts", "clone from this `host` or prefix (10.0.0.0/8) although it is not public; may be repeated")
	fs.Var(mirrorFlag{&s.gitMirrors}, "git-mirror", "clone from one URL in the place of another, `from=to`; both are beginnings; may be repeated")
	fs.Var(sizeFlag{&s.cacheSize, 1 << 20, 1 << 50}, "cache-size", "keep at most this `size` of packages (default 10GB)")
}

// packages is how this process's workers run packages.
func (s *settings) packages(env *environment) nodepkg.Config {
	cfg := nodepkg.Config{
		Dir: packageDir(env.getenv), Tools: nodepkg.FindTools(env.getenv("PATH")), NoScripts: s.noScripts, Registry: s.registry,
		Protocols: s.gitProtocols, AllowHosts: s.gitHosts, Mirrors: s.gitMirrors, MaxBytes: int64(s.cacheSize),
	}
	for _, name := range passed {
		if v := env.getenv(name); v != "" {
			cfg.Env = append(cfg.Env, name+"="+v)
			cfg.Proxied = cfg.Proxied || strings.EqualFold(name, "https_proxy") || strings.EqualFold(name, "all_proxy")
		}
	}
	return cfg
}

// A mirrorFlag takes "from=to" of URLs.
type mirrorFlag struct{ to *map[string]string }

func (m mirrorFlag) String() string { return "" }

func (m mirrorFlag) Set(text string) error {
	from, to, ok := strings.Cut(text, "=")
	if !ok || !strings.Contains(from, "://") || !strings.Contains(to, "://") {
		return fmt.Errorf("not two URLs with = between them")
	}
	if *m.to == nil {
		*m.to = make(map[string]string)
	}
	(*m.to)[from] = to
	return nil
}
