package jsapi

import (
	"context"

	"supercluster/net/cluster"
	"supercluster/vm"
	"supercluster/vm/executor"
	"supercluster/vm/value"
)

// taskRunner is what runs tasks of this process's workers: a pool of child
// processes, or an engine in this one.
type taskRunner interface {
	Execute(ctx context.Context, t vm.Task, h vm.Host) vm.Result
}

// An executorAdapter gives a cluster.Worker's tasks to a taskRunner. The
// bytes pass through unread, but for the large values that are put into them.
type executorAdapter struct {
	runner taskRunner
	post   taskPost
}

func (a *executorAdapter) Execute(ctx context.Context, t cluster.Task, s cluster.Sink) cluster.Result {
	if len(t.Blobs) > 0 {
		blobs := make(map[[32]byte][]byte, len(t.Blobs))
		for _, b := range t.Blobs {
			blobs[b.Hash] = b.Data
		}
		var err error
		if t.Args, err = vm.EmbedBlobs(t.Args, blobs); err != nil {
			return cluster.Result{Err: value.Error{Code: cluster.CodeBlobLost, Message: err.Error()}.Encode()}
		}
	}
	r := a.runner.Execute(ctx, vm.Task{
		ID:         t.ID,
		Name:       t.Name,
		Code:       t.Code,
		Args:       t.Args,
		Hash:       t.Hash,
		Each:       t.Each,
		WorkerID:   t.WorkerID,
		WorkerData: t.WorkerData,
		Timeout:    t.Timeout,
	}, taskHost{s, func(m vm.Message) error { return a.post.post(ctx, m) }})
	return cluster.Result{Value: r.Value, Err: r.Err, Run: r.Run}
}

// runner starts what runs the tasks of a worker with so many slots.
func (s *Session) runner(slots int, isolation string) (taskRunner, error) {
	if isolation == isolationVM {
		return executor.NewInProcess(vm.NewEngine(vm.EngineConfig{})), nil
	}
	pool := executor.New(executor.Config{
		Command: s.settings.Executor,
		Size:    slots,
		Logger:  s.settings.Logger,
	})
	return pool, s.start(pool.Run)
}
