package nodepkg

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An Entry is a part of the cache.
type Entry struct {
	Kind       string    `json:"kind"` // "tree", "mirror", "npm" or "kept"
	Name       string    `json:"name"` // of its folder
	Path       string    `json:"path"`
	Repository string    `json:"repository,omitempty"`
	Ref        string    `json:"ref,omitempty"`
	Commit     string    `json:"commit,omitempty"`
	Bytes      int64     `json:"bytes"`
	Used       time.Time `json:"used"` // for the last time
}

// List returns what the cache in dir holds, what was used last first. A folder that is not there holds nothing.
func List(dir string) ([]Entry, error) {
	var all []Entry
	for _, kind := range []string{"tree", "mirror", "kept"} {
		sub := filepath.Join(dir, map[string]string{"tree": "trees", "mirror": "mirrors", "kept": "kept"}[kind])
		entries, err := os.ReadDir(sub)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if !e.IsDir() {
				continue
			}
			if entry, ok := describe(kind, filepath.Join(sub, e.Name())); ok {
				all = append(all, entry)
			}
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "npm")); err == nil {
		path := filepath.Join(dir, "npm")
		all = append(all, Entry{Kind: "npm", Name: "npm", Path: path, Bytes: sizeOf(path), Used: info.ModTime()})
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return b.Used.Compare(a.Used) })
	return all, nil
}

// describe reads what is known of a part of the cache; false means that it has just gone, or is being made.
func describe(kind, path string) (Entry, bool) {
	e := Entry{Kind: kind, Name: filepath.Base(path), Path: path}
	stamp := path
	switch kind {
	case "tree":
		stamp = filepath.Join(path, originFile)
		text, err := os.ReadFile(stamp)
		var o origin
		if err != nil || json.Unmarshal(text, &o) != nil {
			return e, false
		}
		e.Repository, e.Ref, e.Commit, e.Bytes = o.Repository, o.Ref, o.Commit, o.Bytes
	case "mirror":
		url, err := os.ReadFile(filepath.Join(path, "url"))
		if err != nil {
			return e, false
		}
		e.Repository, e.Bytes = string(url), sizeOf(path)
	default:
		e.Bytes = sizeOf(path)
	}
	info, err := os.Stat(stamp)
	if err != nil {
		return e, false
	}
	e.Used = info.ModTime()
	return e, true
}

// Prune removes the parts of the cache in dir for which drop holds and that nobody uses now, and returns them. Folders
// of tasks that were kept are the user's: drop is asked about them too.
func Prune(ctx context.Context, dir string, drop func(Entry) bool) ([]Entry, error) {
	all, err := List(dir)
	if err != nil {
		return nil, err
	}
	var gone []Entry
	for _, e := range all {
		if ctx.Err() != nil {
			return gone, context.Cause(ctx)
		}
		if !drop(e) {
			continue
		}
		ok, err := e.remove()
		if err != nil {
			return gone, err
		}
		if ok {
			gone = append(gone, e)
		}
	}
	return gone, nil
}

// remove removes a part of the cache; it reports false if it is in use.
func (e *Entry) remove() (bool, error) {
	var locks []string
	switch e.Kind {
	case "tree":
		locks = []string{e.Path + ".lock", e.Path + ".use"}
	case "mirror":
		locks = []string{e.Path + ".lock"}
	}
	for _, name := range locks {
		release, ok, err := tryLock(name)
		if err != nil || !ok {
			return false, err
		}
		defer release()
	}
	if e.Kind == "tree" { // from now on it is none
		if err := os.Remove(filepath.Join(e.Path, originFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	if err := removeAll(e.Path); err != nil {
		return false, err
	}
	for _, name := range locks {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return true, nil
}

// evict removes what was used least recently until the cache is within its bound. The tree that was just made stays.
func (r *Runner) evict(ctx context.Context, made string) error {
	all, err := List(r.cfg.Dir)
	if err != nil {
		return diskError("install", err)
	}
	var total int64
	for _, e := range all {
		if e.Kind != "kept" {
			total += e.Bytes
		}
	}
	slices.Reverse(all)
	for _, e := range all {
		if total <= r.cfg.MaxBytes || ctx.Err() != nil {
			break
		}
		if e.Kind == "kept" || strings.HasPrefix(e.Name, made) {
			continue
		}
		ok, err := e.remove()
		switch {
		case err != nil:
			r.cfg.Logger.Warn("a part of the package cache was not removed", "path", e.Path, "err", err)
		case ok:
			total -= e.Bytes
		}
	}
	return nil
}
