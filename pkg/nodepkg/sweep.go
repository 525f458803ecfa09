package nodepkg

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sweep removes the folders of Runners that are gone, with the processes that work in them. Runners that start at once do
// it one after the other.
func (r *Runner) sweep(ctx context.Context) error {
	tasks := filepath.Join(r.cfg.Dir, "tasks")
	release, err := lock(ctx, filepath.Join(r.cfg.Dir, "sweep.lock"))
	if err != nil {
		return err
	}
	defer release()
	entries, err := os.ReadDir(tasks)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".lock")
		if err := r.sweepOne(filepath.Join(tasks, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.cfg.Logger.Warn("leftovers of package tasks were not removed", "path", name, "err", err)
		}
	}
	return nil
}

// sweepOne removes one Runner's folder, unless that Runner lives.
func (r *Runner) sweepOne(own string) error {
	release, ok, err := tryLock(own + ".lock")
	if err != nil || !ok {
		return err
	}
	defer release()
	if err := (&folder{own}).remove(); err != nil {
		return err
	}
	return os.Remove(own + ".lock")
}
