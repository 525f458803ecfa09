package jsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/net/trust"
	"supercluster/net/wire"
	"supercluster/pkg/nodepkg"
	"supercluster/vm"
)

// A nativeMaster is the Go half of a script's master.
type nativeMaster struct {
	membership
	master *cluster.Master
}

// aloneNotice is how long a master waits for a worker before it says so.
const aloneNotice = time.Second

func (s *Script) openMaster(id *trust.Identity, c nodeConf, h hooks) (*goja.Object, error) {
	n, err := s.session.network(c, id)
	if err != nil {
		return nil, err
	}
	if err := n.held.checkRole(roleMaster); err != nil {
		return nil, err
	}
	if s.session.settings.Local == 0 { // who works here is not in want of others
		s.session.noticeOpen(n, openToWorkers)
	}
	m := cluster.NewMaster(cluster.MasterConfig{
		Identity:  id,
		Data:      c.data,
		Host:      hostFacts(offer{}),
		OnWorker:  h.peerChanged,
		OnMessage: h.messaged,
		Logger:    s.session.settings.Logger,
	})
	if err := s.session.addLocal(n, c); err != nil {
		return nil, err
	}
	nm := &nativeMaster{membership{presence: presence{script: s}, network: n, messenger: m}, m}
	methods := nm.methods(c)
	methods["code"] = nm.code
	methods["package"] = nm.packageCode
	methods["pack"] = nm.pack
	methods["put"] = nm.put
	methods["options"] = nm.options
	methods["submit"] = nm.submit
	for name, method := range taskMethods(s.rt) {
		methods[name] = method
	}
	methods["cancel"] = nm.cancel
	methods["query"] = s.querier(m.Workers)
	return s.object(methods), s.session.noticeAlone(m)
}

// OpenMaster joins a master that has no script, for sc's own commands. It is
// in the cluster until the session ends.
func (s *Session) OpenMaster() (*cluster.Master, error) {
	id, err := trust.NewIdentity()
	if err != nil {
		return nil, err
	}
	c := s.conf()
	n, err := s.network(c, id)
	if err != nil {
		return nil, err
	}
	if err := n.held.checkRole(roleMaster); err != nil {
		return nil, err
	}
	m := cluster.NewMaster(cluster.MasterConfig{Identity: id, Data: c.data, Host: hostFacts(offer{}), Logger: s.settings.Logger})
	if err := s.addLocal(n, c); err != nil {
		return nil, err
	}
	return m, s.start(func(ctx context.Context) error { return n.mesh.Join(ctx, m) })
}

// addLocal joins the worker that Settings.Local asks for, once a network.
func (s *Session) addLocal(n *network, c nodeConf) error {
	if s.settings.Local == 0 {
		return nil
	}
	s.mu.Lock()
	_, there := s.local[n]
	s.mu.Unlock()
	if there {
		return nil
	}
	id, err := trust.NewIdentity()
	if err != nil {
		return err
	}
	c.data, c.slots, c.private = json.RawMessage(`{"local":true}`), s.settings.Local, true
	w, _, err := s.newWorker(id, c, cluster.WorkerConfig{})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.local[n] = w
	s.mu.Unlock()
	return s.start(func(ctx context.Context) error { return n.mesh.Join(ctx, w) })
}

// noticeAlone tells the person at the terminal, once, when no worker was
// found in the time that finding one should take.
func (s *Session) noticeAlone(m *cluster.Master) error {
	return s.start(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-time.After(aloneNotice):
			if len(m.Workers()) == 0 {
				s.alone.Do(func() {
					s.settings.Notice("no worker found yet; start some with 'sc worker' on this or another machine of " +
						"this network, or run the script with --local")
				})
			}
		}
		return nil
	})
}

// code is native.code(call, fn, options, workerIds, name): the function as it travels, and what logs and listings call the
// task; by default as the function. That no worker could run it is an error. Without ids it is for any worker.
func (m *nativeMaster) code(call goja.FunctionCall) goja.Value {
	s := m.script
	functionOf := vm.FunctionOf
	options := call.Argument(2).Export().(*packedOptions)
	if !options.capture {
		functionOf = vm.BareFunctionOf
	}
	f, err := functionOf(s.rt, call.Argument(1), s.locate())
	if err != nil {
		s.throw(&optionError{"ERR_NOT_SENDABLE", fmt.Sprintf("%s: %v", call.Argument(0).String(), err)})
	}
	if options.spec.Engine == wire.EngineNode {
		var ids []string
		if given := call.Argument(3); !isMissing(given) {
			if err := s.rt.ExportTo(given, &ids); err != nil {
				s.throw(err)
			}
		}
		if err := m.place(call.Argument(0).String(), "run functions on node", lacksNode, ids); err != nil {
			s.throw(err)
		}
	}
	code := &packedCode{name: f.Name, bytes: f.Encode(), env: f.Env, sentFrom: s.userFrames(4)}
	if name := call.Argument(4); !isMissing(name) {
		code.name = name.String()
	}
	if len(f.Env) > largeValue {
		if code.envBlob, err = s.blobs.keep(f.Env); err != nil {
			s.throw(fmt.Errorf("%s: what the function captures: %w", call.Argument(0).String(), err))
		}
	}
	return s.rt.ToValue(code)
}

// packedCode and packedArgs are what JavaScript holds between native.code or
// native.pack and native.submit. They have no exported members, so a script
// sees nothing in them.
type (
	packedCode struct {
		name     string
		bytes    []byte
		env      []byte        // what the function captures
		envBlob  *cluster.Blob // the same, if it is large
		sentFrom []goja.StackFrame
		needs    []nodepkg.Tool // of a package; nil for a function
	}
	packedArgs struct {
		bytes []byte
		blobs []*cluster.Blob
		calls int // of the function, if it is called for each item
	}
	packedOptions struct {
		spec    cluster.Spec
		retryIf goja.Callable // nil if all failures are worth another attempt
		capture bool          // the function takes with it what it uses
	}
)

func (m *nativeMaster) pack(call goja.FunctionCall) goja.Value {
	path, items := "args", false
	if given := call.Argument(1); !isMissing(given) {
		path, items = given.String(), true
	}
	p := argumentPacker{script: m.script}
	b, err := p.pack(call.Argument(0), path, items)
	if err != nil {
		m.script.throw(err)
	}
	calls := 0
	if items {
		calls = int(call.Argument(0).ToObject(m.script.rt).Get("0").ToObject(m.script.rt).Get("length").ToInteger())
	}
	return m.script.rt.ToValue(&packedArgs{b, p.blobs, calls})
}

// submit is native.submit(code, args, options, workerId, run) → task.
func (m *nativeMaster) submit(call goja.FunctionCall) goja.Value {
	code := call.Argument(0).Export().(*packedCode)
	options := call.Argument(2).Export().(*packedOptions)
	args := call.Argument(1).Export().(*packedArgs)
	spec := options.spec
	spec.Name = code.name
	spec.Code = code.bytes
	spec.Args = joinEnv(code, args.bytes)
	spec.Blobs = args.blobs
	if code.envBlob != nil {
		spec.Blobs = append(slices.Clip(spec.Blobs), code.envBlob)
	}
	if worker := call.Argument(3); !isMissing(worker) {
		spec.Worker = worker.String()
	}
	t := m.script.newTask(code, call.Argument(4).ToObject(m.script.rt))
	t.each = spec.Each
	if code.needs != nil {
		t.isPackage = true
		spec.CodeKind, spec.OnPhase = wire.CodePackage, t.onPhase
		spec.Eligible = m.script.session.servesPackages(code.needs, spec.Eligible)
	}
	if spec.Engine == wire.EngineNode && code.needs == nil {
		spec.Eligible = m.script.session.hasNode(spec.Eligible)
	}
	spec.OnState = t.onState
	spec.OnLog = t.onLog
	spec.OnProgress = t.onProgress
	spec.OnDone = t.onDone
	if options.retryIf != nil {
		spec.RetryIf = t.retryIf(options.retryIf)
	}
	id := m.master.Submit(spec)
	t.id = id.String()
	m.script.running[t] = func(reason string) bool { return m.master.Cancel(id, reason) }
	m.script.taskBegun(t, max(args.calls, 1))
	if m.script.draining != "" {
		t.dropped = true
		m.master.Cancel(id, m.script.draining)
	}
	return m.script.rt.ToValue(t)
}

func (m *nativeMaster) cancel(call goja.FunctionCall) goja.Value {
	id, err := wire.ParseTaskID(call.Argument(0).String())
	if err != nil {
		m.script.throw(err)
	}
	return m.script.rt.ToValue(m.master.Cancel(id, call.Argument(1).String()))
}

// querier makes native.query(call, query) → (worker id) → boolean.
func (s *Script) querier(workers func() []cluster.Peer) any {
	return func(call goja.FunctionCall) goja.Value {
		q, err := parseQuery(call.Argument(0).String(), call.Argument(1))
		if err != nil {
			s.throw(err)
		}
		matching := make(map[string]bool)
		for _, p := range workers() {
			matching[p.ID] = q.Match(p.Data, p.Host)
		}
		return s.rt.ToValue(func(call goja.FunctionCall) goja.Value {
			return s.rt.ToValue(matching[call.Argument(0).String()])
		})
	}
}

func parseQuery(path string, v goja.Value) (*cluster.Query, error) {
	text, err := marshalJSON(v)
	if err != nil {
		return nil, badOption("%s: the query must be a JSON value: %v", path, err)
	}
	q, err := cluster.ParseQuery(text)
	if err != nil {
		return nil, badOption("%s: %v", path, err)
	}
	return q, nil
}

// options is native.options(call, options, each): the options of a task,
// checked.
func (m *nativeMaster) options(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	packed := &packedOptions{spec: cluster.Spec{Each: call.Argument(2).ToBoolean()}, capture: true}
	spec := &packed.spec
	isPackage := call.Argument(3).ToBoolean()
	err := readOptions(m.script.rt, name, call.Argument(1), map[string]field{
		"timeout":      durationField(&spec.Timeout),
		"queueTimeout": durationField(&spec.QueueTimeout),
		"retries":      intField(&spec.Retries, 0, 1000000),
		"backoff":      backoffField(m.script.rt, spec),
		"retryIf":      callableField(&packed.retryIf),
		"resources":    stepsField(m.script.rt, &spec.Resources),
		"priority":     intField(&spec.Priority, -1000000, 1000000),
		"idempotent":   idempotentField(spec),
		"membersOnly":  boolField(&spec.MembersOnly),
		"where":        m.whereField(spec),
		"signal":       signalField,
		"capture":      boolField(&packed.capture),
		"engine":       engineField(spec),
	})
	if err != nil {
		m.script.throw(err)
	}
	if isPackage && spec.Engine == wire.EngineGoja {
		m.script.throw(badOption("%s: option \"engine\": packages run under node alone", name))
	}
	if isPackage && !spec.Idempotent && spec.Retries == 0 {
		spec.Once = true
	}
	return m.script.rt.ToValue(packed)
}

// idempotentField takes whether a second attempt does no harm. Nothing said
// means that it does none unless the task had permissions.
func idempotentField(spec *cluster.Spec) field {
	return func(path string, v goja.Value) error {
		err := boolField(&spec.Idempotent)(path, v)
		spec.Once = !spec.Idempotent
		return err
	}
}

// whereField takes a query, or a predicate, which is asked about the workers
// that are there at the call.
func (m *nativeMaster) whereField(spec *cluster.Spec) field {
	return func(path string, v goja.Value) error {
		predicate, ok := goja.AssertFunction(v)
		if !ok {
			q, err := parseQuery(path, v)
			if err == nil {
				spec.Eligible = func(p cluster.Peer) bool { return q.Match(p.Data, p.Host) }
			}
			return err
		}
		var chosen []string
		for _, p := range m.master.Workers() {
			peer := m.script.peerObject(p)
			holds, err := predicate(goja.Undefined(), peer.Get("data"), peer)
			if err != nil {
				return err
			}
			if holds.ToBoolean() {
				chosen = append(chosen, p.ID)
			}
		}
		spec.Eligible = func(p cluster.Peer) bool { return slices.Contains(chosen, p.ID) }
		return nil
	}
}

// signalField checks an AbortSignal; the JavaScript half listens to it.
func signalField(path string, v goja.Value) error {
	if obj, ok := v.(*goja.Object); ok && isFunction(obj.Get("addEventListener")) {
		return nil
	}
	return badOption("%s must be an AbortSignal, not %s", path, describe(v))
}
