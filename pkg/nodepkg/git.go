package nodepkg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

var (
	commitName = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
	shortName  = regexp.MustCompile(`^[0-9a-f]{7,63}$`)
)

// digest names things on disk.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// A mirror is a bare repository that holds what was fetched of a URL. It is locked while it is used for writing.
type mirror struct {
	r     *Runner
	place *folder // of the task on whose behalf git runs
	addr  address
	path  string
}

// git makes a command of git in the mirror, with all that could make it do something else turned off.
func (m *mirror) git(conf []string, args ...string) *command {
	all := []string{
		"-c", "protocol.allow=never", "-c", "protocol." + m.addr.scheme + ".allow=always",
		"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "credential.helper=",
		"-c", "http.followRedirects=false", "-c", "submodule.recurse=false", "-c", "fetch.recurseSubmodules=false",
		"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "advice.detachedHead=false", "-c", "core.protectNTFS=true",
		"-c", "core.protectHFS=true", "-c", "safe.bareRepository=explicit",
	}
	for _, c := range conf {
		all = append(all, "-c", c)
	}
	all = append(all, "--git-dir="+m.path)
	c := m.r.command(m.place, "clone", m.r.tools[Git], append(all, args...)...)
	c.env = m.r.gitEnvironment(m.addr.scheme, m.place)
	return c
}

// gitEnvironment keeps git to what it is told on the command line.
func (r *Runner) gitEnvironment(scheme string, place *folder) []string {
	env := append([]string{
		"GIT_ALLOW_PROTOCOL=" + scheme, "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_CEILING_DIRECTORIES=" + place.path, "GIT_ASKPASS=", "SSH_ASKPASS=", "LC_ALL=C",
	}, r.cfg.Env...)
	if scheme == "ssh" {
		env = append(env, "GIT_SSH_COMMAND=ssh -oBatchMode=yes -oClearAllForwardings=yes -oPermitLocalCommand=no -oConnectTimeout=15")
	}
	return env
}

// update brings the commit that ref names into the mirror, and returns its name.
func (m *mirror) update(ctx context.Context, ref string, note func(string)) (string, error) {
	release, err := m.open(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return m.commit(ctx, ref, note)
}

// open makes the mirror, unless it is there. Its lock is held until release is called.
func (m *mirror) open(ctx context.Context) (release func(), err error) {
	release, err = m.lock(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(m.path, "url")); err == nil {
		m.unlock()
		touch(m.path)
		return release, nil
	}
	if err := m.create(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

func (m *mirror) lock(ctx context.Context) (release func(), err error) {
	release, err = lock(ctx, m.path+".lock")
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, &Error{Phase: "clone", Err: context.Cause(ctx)}
	case err != nil:
		return nil, diskError("clone", err)
	}
	return release, nil
}

func (m *mirror) create(ctx context.Context) error {
	err := os.RemoveAll(m.path) // what a crash may have left there has no url
	if err == nil {
		err = os.MkdirAll(filepath.Dir(m.path), 0o700)
	}
	if err != nil {
		return diskError("clone", err)
	}
	if err := m.git(nil, "init", "--quiet", "--bare", "--template=").run(ctx); err != nil {
		return failed(CodeClone, "clone", "git init", err)
	}
	if err := os.WriteFile(filepath.Join(m.path, "url"), []byte(m.addr.String()), 0o600); err != nil {
		return diskError("clone", err)
	}
	return nil
}

// unlock removes the lock files of a git that was killed: whoever holds the mirror's own lock is alone in it.
func (m *mirror) unlock() {
	_ = filepath.WalkDir(m.path, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "objects" {
			return filepath.SkipDir
		}
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".lock") {
			_ = os.Remove(path)
		}
		return nil
	})
}

// commit finds the commit that ref names and sees to it that the mirror holds it. A commit that is there needs no
// network; a branch or tag of which the network says nothing is what it was when it was last seen.
func (m *mirror) commit(ctx context.Context, ref string, note func(string)) (string, error) {
	full := commitName.MatchString(ref)
	if full && m.has(ctx, ref) {
		return ref, nil
	}
	goal, err := m.r.reach(ctx, m.addr)
	var commit, remote string
	if err == nil {
		commit, remote, err = m.ask(ctx, goal, ref)
	}
	if err == nil && !m.has(ctx, commit) {
		err = m.fetch(ctx, goal, commit, remote)
	}
	if err == nil {
		return commit, m.remember(ctx, ref, commit)
	}
	if ctx.Err() == nil && !refusal(err) {
		if known := m.recall(ctx, ref); known != "" {
			note("sc: " + m.addr.String() + " cannot be reached; using commit " + known[:12] + ", seen before\n")
			return known, nil
		}
	}
	return "", m.explain(ref, err)
}

// refusal reports whether err is a decision, not a failure: then what was seen before does not help.
func refusal(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == CodeURL || e.Code == CodeRef)
}

// ask finds the commit that ref names at the server, and the name under which it can be fetched.
func (m *mirror) ask(ctx context.Context, goal target, ref string) (commit, remote string, err error) {
	patterns := []string{"HEAD"}
	if ref != "" && ref != "HEAD" {
		patterns = []string{"refs/heads/" + ref, "refs/tags/" + ref, "refs/tags/" + ref + "^{}"}
	}
	if commitName.MatchString(ref) {
		return ref, ref, nil
	}
	out, err := m.git(goal.conf, append([]string{"ls-remote", "--quiet", "--", goal.url}, patterns...)...).output(ctx)
	if err != nil {
		return "", "", failed(CodeClone, "clone", "git ls-remote", err)
	}
	found := make(map[string]string)
	for line := range strings.Lines(out) {
		if sha, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && commitName.MatchString(sha) {
			found[name] = sha
		}
	}
	for _, p := range patterns {
		if sha := found[p]; sha != "" {
			if peeled := found[p+"^{}"]; peeled != "" {
				return peeled, p, nil
			}
			return sha, p, nil
		}
	}
	if shortName.MatchString(ref) {
		return m.expand(ctx, goal, ref)
	}
	if ref == "" {
		return "", "", failf(CodeRef, "clone", "repository %s is empty: it has no commit yet", m.addr)
	}
	return "", "", failf(CodeRef, "clone", "repository %s has no branch, tag or commit %q", m.addr, ref)
}

// expand fetches everything to find a commit by the beginning of its name.
func (m *mirror) expand(ctx context.Context, goal target, short string) (commit, remote string, err error) {
	if err := m.everything(ctx, goal); err != nil {
		return "", "", err
	}
	out, err := m.git(nil, "rev-parse", "--verify", "--quiet", "--end-of-options", short+"^{commit}").output(ctx)
	if out = strings.TrimSpace(out); err != nil || !commitName.MatchString(out) {
		return "", "", failf(CodeRef, "clone", "repository %s has no branch, tag or commit %q", m.addr, short)
	}
	return out, out, nil
}

func (m *mirror) everything(ctx context.Context, goal target) error {
	args := []string{"fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head"}
	if fileExists(filepath.Join(m.path, "shallow")) {
		args = append(args, "--unshallow")
	}
	err := m.git(goal.conf, append(args, "--", goal.url, "+refs/heads/*:refs/sc/heads/*", "+refs/tags/*:refs/sc/tags/*")...).run(ctx)
	if err != nil {
		return failed(CodeClone, "clone", "git fetch", err)
	}
	return nil
}

// fetch brings a commit, without its history where the server gives that.
func (m *mirror) fetch(ctx context.Context, goal target, commit, remote string) error {
	m.r.fetches.Add(1)
	args := []string{"fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--depth=1", "--", goal.url}
	err := m.git(goal.conf, append(args, "+"+remote+":refs/sc/commits/"+commit)...).run(ctx)
	if err == nil && m.has(ctx, commit) {
		return nil
	}
	var ex *exited
	switch {
	case err != nil && !errors.As(err, &ex), ex != nil && !commitName.MatchString(remote) && !strings.Contains(ex.output, "shallow"):
		return failed(CodeClone, "clone", "git fetch", err)
	}
	if err := m.everything(ctx, goal); err != nil {
		return err
	}
	if !m.has(ctx, commit) {
		return failf(CodeRef, "clone", "repository %s has no commit %s", m.addr, commit)
	}
	return nil
}

// has reports whether the mirror holds a commit with all of its tree.
func (m *mirror) has(ctx context.Context, commit string) bool {
	return m.git(nil, "cat-file", "-e", commit+"^{tree}").run(ctx) == nil
}

// memory is the name under which the mirror keeps the commit that a ref named last.
func memory(ref string) string { return "refs/sc/seen/" + digest(ref) }

func (m *mirror) remember(ctx context.Context, ref, commit string) error {
	if commitName.MatchString(ref) {
		return nil
	}
	if err := m.git(nil, "update-ref", memory(ref), commit).run(ctx); err != nil {
		return failed(CodeClone, "clone", "git update-ref", err)
	}
	return nil
}

func (m *mirror) recall(ctx context.Context, ref string) string {
	out, err := m.git(nil, "rev-parse", "--verify", "--quiet", memory(ref)).output(ctx)
	if out = strings.TrimSpace(out); err == nil && commitName.MatchString(out) && m.has(ctx, out) {
		return out
	}
	return ""
}

// checkout writes the files of a commit into dir.
func (m *mirror) checkout(ctx context.Context, commit, dir string) error {
	release, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	if !fileExists(filepath.Join(m.path, "url")) {
		return errPruned
	}
	c := m.git(nil, "--work-tree="+dir, "read-tree", "--reset", "-u", commit)
	c.env = append(c.env, "GIT_INDEX_FILE="+m.place.join("index"))
	if err := c.run(ctx); err != nil {
		return failed(CodeClone, "clone", "git read-tree", err)
	}
	return nil
}

// explain adds to what git says what it means.
func (m *mirror) explain(ref string, err error) error {
	var e *Error
	if off := (*offline)(nil); errors.As(err, &off) && !errors.As(err, &e) {
		return failf(CodeClone, "clone", "repository %s cannot be reached, and is not in the cache: %v", m.addr, off.error)
	}
	if !errors.As(err, &e) || e.Code != CodeClone {
		return err
	}
	said := strings.ToLower(e.Output)
	for _, hint := range []struct{ sign, meaning string }{
		{"could not read username", "there is no such repository, or it is not public; the worker has no name and password to give"},
		{"authentication failed", "there is no such repository, or it is not public"},
		{"permission denied", "the worker's account has no access to it"},
		{"host key verification failed", "the worker's account does not know the host's key"},
		{"not found", "there is no such repository"},
		{"does not appear to be a git repository", "there is no repository"},
		{"not exported", "there is no such repository, or it is not served"},
		{"does not exist", "there is no such repository"},
	} {
		if strings.Contains(said, hint.sign) {
			e.Message = "repository " + m.addr.String() + ": " + hint.meaning + " (" + e.Message + ")"
			return e
		}
	}
	e.Message = "repository " + m.addr.String() + ": " + e.Message
	return e
}

// touch notes that a part of the cache was used.
func touch(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now) // only the order of eviction depends on it
}
