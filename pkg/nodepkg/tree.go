package nodepkg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// An origin says where a tree comes from; it stands beside the tree, for people and for the keeping of the cache.
type origin struct {
	Repository string `json:"repository,omitempty"`
	Ref        string `json:"ref,omitempty"`
	Commit     string `json:"commit,omitempty"`
	Bytes      int64  `json:"bytes"`
}

// originFile is the origin's name in a tree's folder; who uses the tree sets its time.
const originFile = "origin.json"

// A flight is something that is being done, for all tasks that wait for it.
type flight struct {
	done  chan struct{}
	value string
	err   error
}

// errPruned means that a mirror was taken out of the cache between its fetch and its use.
var errPruned = errors.New("the mirror was removed meanwhile")

// setUp makes the task's folder "work" a copy of the package's tree, which is made first if the cache lacks it.
func (r *Runner) setUp(ctx context.Context, p *Package, place *folder, s Sink) error {
	work := place.join("work")
	note := func(text string) { s.Log("stderr", text) }
	if p.Repository == "" && len(p.Manifest) == 0 {
		if err := os.Mkdir(work, 0o700); err != nil {
			return diskError("", err)
		}
		return nil
	}
	for tries := 0; ; tries++ {
		err := r.tryTree(ctx, p, place, work, s, note)
		if !errors.Is(err, errPruned) || tries == 3 {
			return err
		}
	}
}

func (r *Runner) tryTree(ctx context.Context, p *Package, place *folder, work string, s Sink, note func(string)) error {
	var commit, url string
	var m *mirror
	if p.Repository != "" {
		s.Phase("clone")
		a, ref, err := r.source(p)
		if err != nil {
			return phased("clone", err)
		}
		m = &mirror{r: r, place: place, addr: a, path: filepath.Join(r.cfg.Dir, "mirrors", digest(a.String()))}
		url = a.String()
		if commit, err = r.once(ctx, "clone", digest(url, ref), func() (string, error) { return m.update(ctx, ref, note) }); err != nil {
			return err
		}
	}
	e, err := r.engine(ctx, place)
	if err != nil {
		return err
	}
	key := digest(url, commit, p.Dir, string(p.Manifest), strconv.FormatBool(p.Cmd == ""), e.Version, e.ABI, e.Platform, e.Arch, r.tools[Npm],
		strconv.FormatBool(r.cfg.NoScripts), r.cfg.Registry)
	for {
		used, err := r.useTree(ctx, key, work)
		if used || err != nil {
			return err
		}
		o := origin{Repository: url, Ref: p.Ref, Commit: commit}
		_, err = r.once(ctx, "install", key, func() (string, error) { return "", r.makeTree(ctx, key, p, place, m, o, s) })
		if err != nil {
			return err
		}
	}
}

// source finds where the package comes from, and whether this worker goes there.
func (r *Runner) source(p *Package) (a address, ref string, err error) {
	repository, ref := SplitRef(p.Repository)
	if p.Ref != "" {
		ref = p.Ref
	}
	if err := checkRef(ref); err != nil {
		return a, "", err
	}
	if a, err = parseAddress(repository); err == nil {
		a, err = r.mirrored(a)
	}
	if err == nil {
		err = r.checkPolicy(a)
	}
	return a, ref, err
}

// once has f do what key stands for, or waits while another task of this process does it. If that one failed it fails
// alike, but if it was ended from outside another takes over.
func (r *Runner) once(ctx context.Context, phase, key string, f func() (string, error)) (string, error) {
	for {
		r.mu.Lock()
		other := r.flights[key]
		if other == nil {
			mine := &flight{done: make(chan struct{})}
			r.flights[key] = mine
			r.mu.Unlock()
			mine.value, mine.err = f()
			r.mu.Lock()
			delete(r.flights, key)
			r.mu.Unlock()
			close(mine.done)
			return mine.value, mine.err
		}
		r.mu.Unlock()
		select {
		case <-ctx.Done():
			return "", &Error{Phase: phase, Err: context.Cause(ctx)}
		case <-other.done:
		}
		var e *Error
		switch {
		case other.err == nil:
			return other.value, nil
		case errors.As(other.err, &e) && e.Code != "":
			again := *e // each task adds to its own
			return "", &again
		}
	}
}

func (r *Runner) treePath(key string) string { return filepath.Join(r.cfg.Dir, "trees", key) }

// useTree copies a tree of the cache to work; it reports whether there is one.
func (r *Runner) useTree(ctx context.Context, key, work string) (bool, error) {
	path := r.treePath(key)
	if !fileExists(filepath.Join(path, originFile)) {
		return false, nil
	}
	release, err := r.share(ctx, path)
	if err != nil {
		return false, diskError("install", err)
	}
	defer release()
	if !fileExists(filepath.Join(path, originFile)) {
		return false, nil // it was pruned meanwhile
	}
	touch(filepath.Join(path, originFile))
	if err := copyTree(ctx, filepath.Join(path, "tree"), work); err != nil {
		if ctx.Err() != nil {
			return false, &Error{Phase: "install", Err: context.Cause(ctx)}
		}
		return false, diskError("install", fmt.Errorf("copy the installed package: %w", err))
	}
	return true, nil
}

// makeTree makes a tree in a folder of its own, and moves it into the cache when it is whole.
func (r *Runner) makeTree(ctx context.Context, key string, p *Package, place *folder, m *mirror, o origin, s Sink) error {
	release, err := lock(ctx, r.treePath(key)+".lock")
	if err != nil {
		if ctx.Err() != nil {
			return &Error{Phase: "install", Err: context.Cause(ctx)}
		}
		return diskError("install", err)
	}
	defer release()
	if fileExists(filepath.Join(r.treePath(key), originFile)) {
		return nil // another process made it
	}
	building := place.join("build")
	tree := filepath.Join(building, "tree")
	if err := os.MkdirAll(tree, 0o700); err != nil {
		return diskError("install", err)
	}
	defer func() { _ = removeAll(building) }()
	if m != nil {
		if err := m.checkout(ctx, o.Commit, tree); err != nil {
			return err
		}
	}
	if err := r.fill(ctx, p, place, tree, s); err != nil {
		return err
	}
	r.installs.Add(1)
	o.Bytes = sizeOf(tree)
	text, err := json.Marshal(o)
	if err != nil {
		return diskError("install", err)
	}
	if err := os.WriteFile(filepath.Join(building, originFile), text, 0o600); err != nil {
		return diskError("install", err)
	}
	_ = removeAll(r.treePath(key)) // what a crash may have left there has no origin
	if err := os.Rename(building, r.treePath(key)); err != nil {
		return diskError("install", err)
	}
	return r.evict(ctx, key)
}

// fill puts package.json over a checkout and has npm install.
func (r *Runner) fill(ctx context.Context, p *Package, place *folder, tree string, s Sink) error {
	root, err := os.OpenRoot(tree)
	if err != nil {
		return diskError("install", err)
	}
	defer root.Close()
	dir, err := localPath("dir", p.Dir)
	if err != nil {
		return err
	}
	if _, err := below(root, "dir", dir, true); err != nil {
		return err
	}
	if len(p.Manifest) > 0 {
		if err := replaceFile(root, filepath.Join(filepath.FromSlash(dir), "package.json"), p.Manifest); err != nil {
			return failf(CodePath, "install", "package.json: %w", err)
		}
	}
	if p.Cmd != "" {
		return nil // the commands say what is to be installed
	}
	s.Phase("install")
	return r.install(ctx, place, root, dir)
}

// share locks the tree at path while it is copied, together with other readers of this process: the lock between
// processes is one that only one of them has.
func (r *Runner) share(ctx context.Context, path string) (release func(), err error) {
	for {
		r.mu.Lock()
		if u := r.users[path]; u != nil {
			u.n++
			r.mu.Unlock()
			return func() { r.unshare(path) }, nil
		}
		unlock, ok, err := tryLock(path + ".use")
		if ok {
			r.users[path] = &users{n: 1, unlock: unlock}
		}
		r.mu.Unlock()
		if ok {
			return func() { r.unshare(path) }, nil
		}
		if err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(lockEvery):
		}
	}
}

// users counts who copies a tree.
type users struct {
	n      int
	unlock func()
}

func (r *Runner) unshare(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := r.users[path]
	if u.n--; u.n == 0 {
		u.unlock()
		delete(r.users, path)
	}
}
