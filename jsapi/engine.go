package jsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/net/wire"
	"supercluster/pkg/nodepkg"
	"supercluster/pkg/nodepool"
	"supercluster/vm"
	"supercluster/vm/executor"
	"supercluster/vm/value"
)

// What runs functions: our own engine, node processes, or node for those that turn out heavy.
const (
	engineAuto = "auto"
	engineGoja = "goja"
	engineNode = "node"
)

var engineNumbers = map[string]wire.Engine{engineAuto: wire.EngineAuto, engineGoja: wire.EngineGoja, engineNode: wire.EngineNode}

// nodeEngine is a worker's choice of what runs a function, and its node processes.
type nodeEngine struct {
	pool       *nodepool.Pool // nil if it has none
	policy     string         // of the worker
	lacks      string         // why it has none
	logger     *slog.Logger
	scales     scales
	quarantine executor.Quarantine
}

// choose says whether node runs a task, and why, in the words of sc explain. stays says why goja does although the
// function may be heavy. A failure is that of a task that asked for node.
func (e *nodeEngine) choose(t *cluster.Task, granted bool) (node bool, why, stays string, failure *value.Error) {
	switch {
	case t.Engine == wire.EngineNode && !t.Member:
		return false, "", "", &value.Error{Code: codeKeyRequired, Message: "engine 'node' needs the cluster's key, which its master did not prove that it holds; " +
			"'sc token' there, 'sc join' here"}
	case t.Engine == wire.EngineNode && e.pool == nil:
		return false, "", "", &value.Error{Code: cluster.CodeNoWorker, Message: "engine 'node': worker " + t.WorkerID[:min(7, len(t.WorkerID))] + " lacks it: " + e.lacks}
	case t.Engine == wire.EngineNode:
		return true, "node: as its master asked", "", nil
	case t.Engine == wire.EngineGoja || !t.Member || e.pool == nil:
		return false, "", "", nil
	}
	if word := reaches(t, granted); word != "" {
		stays = fmt.Sprintf("it mentions %s, and has permissions here that node would not give it", word)
	}
	if e.policy == engineNode && stays == "" {
		return true, "node: as the worker's owner asked", "", nil
	}
	moved, kept := e.scales.moved(t.Hash)
	if moved != "" && stays == "" {
		return true, moved, "", nil
	}
	return false, kept, stays, nil
}

// outsideWords are in the source, or among the captures, of every function that makes use of permissions.
var outsideWords = []string{"require", "__import", "fetch", "process", "globalThis", "eval", "Function"}

// reaches returns the first of these words that a task contains, if it has permissions: it might do something else
// without.
func reaches(t *cluster.Task, granted bool) string {
	if !granted {
		return ""
	}
	for _, word := range outsideWords {
		if bytes.Contains(t.Code, []byte(word)) || bytes.Contains(t.Args, []byte(word)) {
			return word
		}
	}
	return ""
}

// execute runs a task on node. It returns false if node could not be started, and nothing ran.
func (e *nodeEngine) execute(ctx context.Context, t *vm.Task, master string, h taskHost) (r cluster.Result, ran bool, err error) {
	if why := e.quarantine.Refuses(t.Code, time.Now()); why != "" {
		return cluster.Result{Err: value.Error{Code: "ERR_TASK_QUARANTINED", Message: "task " + t.ID + ": not started: " + why}.Encode()}, true, nil
	}
	res, err := e.pool.Execute(ctx, nodepool.Task{
		Master: master, ID: t.ID, Name: t.Name, Code: t.Code, Args: t.Args, Each: t.Each, WorkerID: t.WorkerID, WorkerData: t.WorkerData, Timeout: t.Timeout,
	}, nodeHost{h})
	if err != nil {
		return cluster.Result{}, false, err
	}
	if res.Blame != "" {
		e.quarantine.Blame(t.Code, res.Blame, time.Now())
	}
	return cluster.Result{Value: res.Value, Err: res.Err, Run: res.Run}, true, nil
}

// nodeHost is the nodepool.Host of one task.
type nodeHost struct{ taskHost }

// postError is a vm.PostError as package nodepool wants it.
type postError struct{ *vm.PostError }

// ErrorCode returns the error's code.
func (e postError) ErrorCode() string { return e.Code }

// Post implements nodepool.Host.
func (h nodeHost) Post(m nodepool.Message) error {
	err := h.taskHost.Post(vm.Message{To: vm.Receiver(m.To), Target: m.Target, Event: m.Event, Data: m.Data})
	if coded := (*vm.PostError)(nil); errors.As(err, &coded) {
		return postError{coded}
	}
	return err
}

// onMaster has the processes of a master end when it is gone.
func (e *nodeEngine) onMaster(next func(cluster.PeerEvent)) func(cluster.PeerEvent) {
	if e.pool == nil {
		return next
	}
	return func(event cluster.PeerEvent) {
		if event.Up {
			e.pool.Arrive(event.Peer.ID)
		} else {
			e.pool.Leave(event.Peer.ID)
		}
		if next != nil {
			next(event)
		}
	}
}

// newNodeEngine makes what runs functions on node for a worker, and has it run as long as the session.
func (s *Session) newNodeEngine(c nodeConf) (*nodeEngine, error) {
	e := &nodeEngine{policy: c.engine, logger: s.settings.Logger}
	program := s.settings.Packages.Tools[nodepkg.Node]
	switch {
	case c.engine == engineGoja:
		e.lacks = "its owner keeps functions in goja's sandbox (--engine=goja)"
	case program == "" || len(s.settings.NodeLauncher) == 0:
		e.lacks = nodepkg.Missing([]nodepkg.Tool{nodepkg.Node})
	default:
		e.pool = nodepool.New(nodepool.Config{
			Node: program, Launcher: s.settings.NodeLauncher, Size: c.slots, Logger: s.settings.Logger,
			Limits: nodepool.Limits{CPU: c.limits.CPU, Memory: c.limits.Memory, Output: c.limits.Output, Result: c.limits.Result},
		})
		return e, s.start(e.pool.Run)
	}
	if c.engine == engineNode {
		return nil, &cluster.Error{Code: cluster.CodeNoWorker, Message: "engine \"node\": " + e.lacks}
	}
	return e, nil
}

// engines lists what runs functions here, as masters are told.
func (e *nodeEngine) engines() []string {
	if e.pool == nil {
		return []string{engineGoja}
	}
	return []string{engineGoja, engineNode}
}

// lacksNode says why a worker cannot be given a function for engine 'node': an error code and the reason; "" if it can.
func lacksNode(p cluster.Peer) (code, why string) {
	var host struct{ Engines, Tools []string }
	_ = json.Unmarshal(p.Host, &host) // what is no JSON has none
	switch {
	case !p.Member:
		return codeKeyRequired, "it does not hold this cluster's key: engine 'node' is for members"
	case slices.Contains(host.Engines, engineNode):
		return "", ""
	case !slices.Contains(host.Tools, string(nodepkg.Node)):
		return cluster.CodeNoWorker, nodepkg.Missing([]nodepkg.Tool{nodepkg.Node})
	}
	return cluster.CodeNoWorker, "its owner keeps functions in goja's sandbox (--engine=goja)"
}

// hasNode makes a Spec.Eligible of engine 'node', and of also if that is not nil. That a worker cannot serve it is told
// once a worker: the task may wait for another one.
func (s *Session) hasNode(also func(cluster.Peer) bool) func(cluster.Peer) bool {
	return func(p cluster.Peer) bool {
		code, why := lacksNode(p)
		if code != "" {
			s.tellOnce(fmt.Sprintf("worker %s cannot run functions on node: %s", p.ID[:7], why))
		}
		return code == "" && (also == nil || also(p))
	}
}

// engineField takes the name of an engine.
func engineField(spec *cluster.Spec) field {
	return func(path string, v goja.Value) error {
		var name string
		if err := choiceField(&name, engineAuto, engineGoja, engineNode)(path, v); err != nil {
			return err
		}
		spec.Engine = engineNumbers[name]
		return nil
	}
}
