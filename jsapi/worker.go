package jsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/net/trust"
)

// OpenWorker joins a worker that has no script, for sc worker, and returns it
// with the address that it listens on. data is JSON, or empty. The worker is
// in the cluster until the session ends.
func (s *Session) OpenWorker(data string, h WorkerHooks) (*cluster.Worker, string, error) {
	c := s.conf()
	if data != "" {
		if !json.Valid([]byte(data)) {
			return nil, "", fmt.Errorf("data is not valid JSON: %s", data)
		}
		c.data = json.RawMessage(data)
	}
	if c.isolation != isolationProcess && c.isolation != isolationVM {
		return nil, "", fmt.Errorf("isolation must be %q or %q, not %q", isolationProcess, isolationVM, c.isolation)
	}
	if _, ok := engineNumbers[c.engine]; !ok {
		return nil, "", fmt.Errorf("engine must be %q, %q or %q, not %q", engineAuto, engineGoja, engineNode, c.engine)
	}
	c.onConfined = h.OnConfined
	id, err := trust.NewIdentity()
	if err != nil {
		return nil, "", err
	}
	w, n, err := s.newWorker(id, c, cluster.WorkerConfig{OnMaster: h.OnMaster, OnTask: h.OnTask})
	if err != nil {
		return nil, "", err
	}
	return w, n.socket.Addr().String(), s.start(func(ctx context.Context) error { return n.mesh.Join(ctx, w) })
}

// WorkerHooks hear of what a worker without a script does; each may be nil.
type WorkerHooks struct {
	OnMaster func(cluster.PeerEvent)
	OnTask   func(master cluster.Peer, t cluster.TaskInfo)
	// OnConfined hears once what keeps tasks from their host, a line each, as
	// executor.Pool.Confinement gives it.
	OnConfined func(lines []string)
}

func (s *Session) newWorker(id *trust.Identity, c nodeConf, cfg cluster.WorkerConfig) (*cluster.Worker, *network, error) {
	n, err := s.network(c, id)
	if err != nil {
		return nil, nil, err
	}
	if !c.private {
		if err := n.held.checkRole(roleWorker); err != nil {
			return nil, nil, err
		}
		s.noticeOpen(n, s.settings.Guests.notice())
	}
	run, err := s.executor(c)
	if err != nil {
		return nil, nil, err
	}
	cfg.Identity = id
	cfg.Data = c.data
	cfg.Resources = workerResources(c.resources)
	cfg.Guests = s.settings.Guests.Quota
	cfg.Host = hostFacts(offer{cfg.Resources, c.allow.Given(), s.settings.Packages.Tools, run.node.engines(), s.settings.Guests.announced()})
	cfg.OnMaster = run.node.onMaster(cfg.OnMaster)
	cfg.Slots = c.slots
	if run.packages, err = s.packageRunner(c); err != nil {
		return nil, nil, err
	}
	cfg.Executor = run
	cfg.Private = c.private
	cfg.Logger = s.settings.Logger
	w := cluster.NewWorker(cfg)
	run.post = taskPost{worker: w, mesh: n.mesh, since: time.Now(), own: cfg.OnMessage}
	return w, n, nil
}

func (s *Script) openWorker(id *trust.Identity, c nodeConf, h hooks) (*goja.Object, error) {
	w, n, err := s.session.newWorker(id, c, cluster.WorkerConfig{
		OnMaster:  h.peerChanged,
		OnMessage: h.messaged,
		OnTask:    h.tasked,
	})
	if err != nil {
		return nil, err
	}
	m := &membership{presence: presence{script: s}, network: n, messenger: w}
	methods := m.methods(c)
	methods["slots"] = c.slots
	methods["setAvailable"] = func(call goja.FunctionCall) goja.Value {
		w.SetAvailable(call.Argument(0).ToBoolean())
		return goja.Undefined()
	}
	methods["setProgress"] = func(call goja.FunctionCall) goja.Value {
		w.Progress(call.Argument(0).ToFloat())
		return goja.Undefined()
	}
	methods["query"] = s.querier(w.Siblings)
	return s.object(methods), nil
}

// tasked posts to the script that a master's task came.
func (h hooks) tasked(master cluster.Peer, t cluster.TaskInfo) {
	h.script.loop.Post(func() {
		task := h.script.object(map[string]any{"id": t.ID, "name": t.Name})
		h.script.loop.Call(h.task, goja.Undefined(), h.script.rt.ToValue(master.ID), task)
	})
}
