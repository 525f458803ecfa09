package jsapi

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"supercluster/net/cluster"
	"supercluster/pkg/nodepkg"
	"supercluster/vm/grant"
	"supercluster/vm/value"
)

// codeKeyRequired is that of a guest's task that only members may send.
const codeKeyRequired = "ERR_KEY_REQUIRED"

// A packageRunner runs package tasks of this process's workers, for those who
// may send some.
type packageRunner struct {
	runner *nodepkg.Runner // nil if this process runs none
	limit  time.Duration   // of every task; zero: none
}

func (p packageRunner) execute(ctx context.Context, t cluster.Task, s cluster.Sink) cluster.Result {
	switch {
	case !t.Member:
		return cluster.Result{Err: value.Error{Code: codeKeyRequired, Message: "packages need the cluster's key, which their master did not prove that it holds; " +
			"'sc token' there, 'sc join' here"}.Encode()}
	case p.runner == nil:
		return cluster.Result{Err: value.Error{Code: nodepkg.CodeTool, Message: "this worker has no folder for packages"}.Encode()}
	}
	if p.limit > 0 && (t.Timeout == 0 || t.Timeout > p.limit) {
		t.Timeout = p.limit
	}
	r, err := p.runner.Execute(ctx, nodepkg.Task{
		ID: t.ID, Name: t.Name, Package: t.Code, Args: t.Args, Timeout: t.Timeout, WorkerID: t.WorkerID, WorkerData: t.WorkerData,
	}, s)
	if err != nil {
		return cluster.Result{Err: err}
	}
	return cluster.Result{Value: r.Encode()}
}

// packageRunner is what the workers of the process share. The first one has
// what earlier processes left behind removed.
func (s *Session) packageRunner(c nodeConf) (packageRunner, error) {
	if s.settings.Packages.Dir == "" {
		return packageRunner{}, nil
	}
	r, err := s.packages()
	return packageRunner{r, c.limits.Time}, err
}

// newPackages makes the Runner, once, and has it closed when the session ends.
func (s *Session) newPackages() func() (*nodepkg.Runner, error) {
	return sync.OnceValues(func() (*nodepkg.Runner, error) {
		cfg := s.settings.Packages
		cfg.Logger = s.settings.Logger
		allow := s.settings.Allow
		cfg.AllowRead = func(path string) bool { return allow.All || covers(allow.Read, path) }
		r, err := nodepkg.New(context.Background(), cfg)
		if err != nil {
			return nil, err
		}
		return r, s.start(func(ctx context.Context) error {
			<-ctx.Done()
			return r.Close()
		})
	})
}

// covers reports whether a list of files and folders holds path, links in both
// of them being followed.
func covers(read grant.List, path string) bool {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	for _, item := range read.Items {
		if item, err = filepath.Abs(item); err != nil {
			continue
		}
		if item, err = filepath.EvalSymlinks(item); err != nil {
			continue
		}
		if rel, err := filepath.Rel(item, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return read.All
}
