package jsapi

import (
	"context"
	"sync"
	"time"

	"supercluster/net/cluster"
	"supercluster/net/wire"
	"supercluster/vm"
	"supercluster/vm/executor"
	"supercluster/vm/grant"
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
	runner   taskRunner
	post     taskPost
	broker   *grant.Broker // of what members' tasks may use; nil if it is nothing
	limit    time.Duration // of every task; zero: none
	guests   GuestQuota    // of which Memory and CPU count here
	packages packageRunner
	node     *nodeEngine
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
	if t.CodeKind == wire.CodePackage {
		return a.packages.execute(ctx, t, s)
	}
	task := vm.Task{
		ID:         t.ID,
		Name:       t.Name,
		Code:       t.Code,
		Args:       t.Args,
		Hash:       t.Hash,
		Each:       t.Each,
		WorkerID:   t.WorkerID,
		WorkerData: t.WorkerData,
		Timeout:    t.Timeout,
	}
	if a.limit > 0 && (task.Timeout == 0 || task.Timeout > a.limit) {
		task.Timeout = a.limit
	}
	node, why, stays, failure := a.node.choose(&t, t.Member && a.broker != nil)
	if failure != nil {
		return cluster.Result{Err: failure.Encode()}
	}
	said := taskHost{s, func(m vm.Message) error { return a.post.post(ctx, m) }}
	if why != "" {
		s.Engine(why)
	}
	if node {
		r, ran, err := a.node.execute(ctx, &task, t.Master.ID, said)
		switch {
		case ran:
			return r
		case t.Engine == wire.EngineNode:
			return cluster.Result{Err: value.Error{Code: cluster.CodeNoWorker, Message: err.Error()}.Encode()}
		}
		a.node.scales.stay(t.Hash, err.Error())
		s.Engine("goja: " + err.Error())
		a.node.logger.Warn("node could not be started", "err", err)
	}
	var host vm.Host = said
	switch {
	case !t.Member:
		task.Grants = vm.KeyRequired
		task.Memory, task.CPU = a.guests.Memory, a.guests.CPU
	case a.broker != nil:
		asks := a.broker.Open()
		defer asks.Close()
		task.Grants, host = grantsOf(a.broker.Given()), askingHost{said, asks}
	}
	r := a.runner.Execute(ctx, task, host)
	if t.Engine == wire.EngineAuto && t.Member && a.node.pool != nil {
		if moves := a.node.scales.weigh(t.Hash, r.Busy, stays); moves != "" {
			a.node.logger.Info("function moves to node", "task", t.ID, "name", t.Name, "why", moves)
		}
	}
	return cluster.Result{Value: r.Value, Err: r.Err, Run: r.Run}
}

// executor starts what runs the tasks of a worker.
func (s *Session) executor(c nodeConf) (*executorAdapter, error) {
	a := &executorAdapter{limit: c.limits.Time, guests: s.settings.Guests.withDefaults()}
	var err error
	if a.node, err = s.newNodeEngine(c); err != nil {
		return a, err
	}
	if len(c.allow.Given()) > 0 {
		if a.broker, err = grant.New(c.allow); err != nil {
			return a, err
		}
	}
	if c.isolation == isolationVM {
		a.runner = executor.NewInProcess(vm.NewEngine(vm.EngineConfig{}))
		if c.onConfined != nil {
			c.onConfined([]string{"without a process of their own: isolation is vm"})
		}
		return a, nil
	}
	pool := executor.New(executor.Config{
		Command: s.settings.Executor,
		Size:    c.slots,
		Limits:  c.limits,
		Logger:  s.settings.Logger,
	})
	a.runner = pool
	s.mu.Lock()
	s.pools = append(s.pools, pool)
	s.mu.Unlock()
	return a, s.start(func(ctx context.Context) error {
		if a.broker != nil {
			defer a.broker.Close()
		}
		if c.onConfined != nil {
			var told sync.WaitGroup
			told.Go(func() {
				if lines := pool.Confinement(ctx); lines != nil {
					c.onConfined(lines)
				}
			})
			defer told.Wait()
		}
		return pool.Run(ctx)
	})
}
