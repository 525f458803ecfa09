package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

// WorkerConfig describes a worker.
type WorkerConfig struct {
	// Identity is who the worker is. Required.
	Identity *trust.Identity
	// Data is what its user announces, Host what is known of its machine: JSON, or nil.
	Data, Host json.RawMessage
	// Slots is how many tasks run at once; zero means one for each CPU.
	Slots int
	// Executor runs the tasks. Required.
	Executor Executor
	// Resources is what tasks may ask for besides a slot; what Host says under "resources" is to be the same.
	Resources Resources
	// MaxBlobs is how many bytes of large values the worker keeps for tasks to come; zero means 512 MiB.
	MaxBlobs int
	// Guests is what masters without the cluster's key may have of it; Host says so under "guests" where that is not the default.
	Guests Quota
	// Private keeps it to the masters of this process: it is not announced, dials nobody and answers nobody.
	Private bool
	// OnMaster hears of masters that come and go, OnTask of each task that is taken, OnMessage of messages from
	// masters. All may be nil.
	OnMaster  func(PeerEvent)
	OnTask    func(master Peer, t TaskInfo)
	OnMessage func(Message)
	// Logger gets what an administrator should know; nil discards.
	Logger *slog.Logger
}

// TaskInfo is what a worker tells of a task that it has taken.
type TaskInfo struct {
	ID, Name string
	Attempt  int
	Each     bool
}

// Worker runs tasks of masters. It does nothing before a Mesh has joined it.
type Worker struct {
	cfg    WorkerConfig
	id     string
	starts chan *job // jobs that have a slot; never more than there are slots

	clock func() time.Time // time.Now, but in simulations

	desk    // guards what follows
	peers   sessions
	intake  *intake
	control *control
	due     time.Time // when the next tick is expected; zero before the first
}

// NewWorker returns a worker; it starts nothing.
func NewWorker(cfg WorkerConfig) *Worker {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Slots <= 0 {
		cfg.Slots = runtime.NumCPU()
	}
	w := &Worker{cfg: cfg, id: cfg.Identity.ID().String(), starts: make(chan *job, cfg.Slots), clock: time.Now}
	w.peers = newSessions(&w.effects, CodeNoMaster)
	w.intake = newIntake(&w.effects, cfg.Slots)
	w.intake.id, w.control = w.id, w.intake.control
	w.intake.total = cfg.Resources
	w.intake.quota = cfg.Guests.withDefaults()
	w.intake.free.add(cfg.Resources, 1)
	if cfg.MaxBlobs > 0 {
		w.intake.blobs.max = cfg.MaxBlobs
	}
	return w
}

// ID returns the worker's id.
func (w *Worker) ID() string { return w.id }

// Masters returns the masters that are linked now, ordered by id.
func (w *Worker) Masters() []Peer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peers.peers(RoleMaster)
}

// Siblings returns the other workers that are linked now, ordered by id; see Mesh.Reach.
func (w *Worker) Siblings() []Peer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peers.peers(RoleWorker)
}

// SetAvailable says whether the worker takes new tasks. What it has taken it still runs.
func (w *Worker) SetAvailable(available bool) {
	w.mu.Lock()
	w.intake.setAvailable(available)
	w.settle(w.perform)
}

// Send sends a message to the master with that id, as Master.Send.
func (w *Worker) Send(ctx context.Context, master, name string, data []byte) error {
	return waitPosted(ctx, func(sent func(error)) { w.post(master, name, data, true, sent) })
}

// Post sends a message to the master with that id, as Master.Post.
func (w *Worker) Post(master, name string, data []byte, sent func(error)) {
	w.post(master, name, data, false, sent)
}

func (w *Worker) post(master, name string, data []byte, must bool, sent func(error)) {
	w.mu.Lock()
	w.peers.post(master, &wire.Event{Name: name, Data: data}, must, sent)
	w.settle(w.perform)
}

// Broadcast posts a message to all masters that are linked. sent, which may be nil, is called once: when the message
// is under way to all, with the first error if there was one.
func (w *Worker) Broadcast(name string, data []byte, sent func(error)) {
	w.mu.Lock()
	w.peers.broadcast(RoleMaster, wire.Event{Name: name, Data: data}, sent)
	w.settle(w.perform)
}

// Publish posts a message of the event bus, as Master.Publish.
func (w *Worker) Publish(name string, data []byte, sent func(error)) {
	w.mu.Lock()
	w.peers.broadcast("", wire.Event{Name: name, Data: data, Bus: true}, sent)
	w.settle(w.perform)
}

// Progress tells the masters of all tasks that run now how far they are, from 0 to 1.
func (w *Worker) Progress(fraction float64) {
	w.mu.Lock()
	w.intake.progress(fraction)
	w.settle(w.perform)
}

// perform carries out one effect. No lock is held.
func (w *Worker) perform(x *effect) {
	switch x.kind {
	case effectSend:
		x.s.box.put(x.msg)
	case effectStart:
		w.starts <- x.j // has room for one job a slot
	case effectStop:
		w.stop(x.j, x.err)
	case effectTaken:
		if w.cfg.OnTask != nil {
			t := x.j.task
			w.cfg.OnTask(*x.peer, TaskInfo{ID: t.ID.String(), Name: t.Name, Attempt: int(t.Attempt), Each: t.Each})
		}
	case effectPeer:
		w.cfg.Logger.Info("master", "node", x.peer.ID, "addr", x.peer.Addr, "up", x.up, "reason", x.text)
		if w.cfg.OnMaster != nil {
			w.cfg.OnMaster(PeerEvent{Peer: *x.peer, Up: x.up, Reason: x.text})
		}
	case effectDeliver:
		s := x.s
		deliver(x, w.cfg.OnMessage, func(epoch uint32, bytes int) {
			w.mu.Lock()
			s.in.done(epoch, bytes)
			w.settle(w.perform)
		})
	case effectPosted:
		x.posted(x.err)
	}
}

// stop ends the run of a job, or sees to it that it ends as soon as it begins.
func (w *Worker) stop(j *job, cause error) {
	w.mu.Lock()
	stop := j.stop
	if stop == nil {
		j.cause = cause
	}
	w.mu.Unlock()
	if stop != nil {
		stop(cause)
	}
}

// The rest is what a Mesh asks of its nodes.

func (w *Worker) identity() *trust.Identity { return w.cfg.Identity }
func (w *Worker) private() bool             { return w.cfg.Private }

func (w *Worker) describe() wire.Node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return wire.Node{
		ID: w.id, Role: RoleWorker, Slots: w.cfg.Slots, Available: w.intake.status().Available,
		Data: w.cfg.Data, Host: w.cfg.Host,
	}
}

func (w *Worker) linked(c conn) *session {
	now := w.clock()
	w.mu.Lock()
	s, again, old := w.peers.up(c)
	if old != nil {
		w.control.down(old)
		w.intake.lost(old, "it was restarted", true, now)
	}
	switch {
	case s.sibling(RoleWorker):
	case again:
		w.intake.relink(s)
	default:
		w.intake.up(s, now)
	}
	w.settle(w.perform)
	return s
}

func (w *Worker) unlinked(s *session, c conn, reason string, final bool) {
	now := w.clock()
	w.mu.Lock()
	if s.conn == c {
		w.peers.down(s, reason, now)
		w.control.down(s)
		w.intake.lost(s, reason, final, now)
	}
	w.settle(w.perform)
}

func (w *Worker) handle(s *session, msg wire.Message) (err error) {
	now, use := w.clock(), usageFor(msg)
	w.mu.Lock()
	switch msg := msg.(type) {
	case *wire.Event:
		err = w.peers.event(s, msg)
	case *wire.Ask, *wire.Answer:
		w.control.takes(s, msg, use, now)
	case *wire.Task:
		w.intake.take(s, msg, now)
	case *wire.Blob:
		w.intake.blob(s, msg, now)
	case *wire.Ack:
		w.intake.acknowledged(s, msg, now)
	case *wire.Cancel:
		w.intake.cancel(s, msg)
	default:
		err = fmt.Errorf("a master sent a %s", msg.Kind())
	}
	w.settle(w.perform)
	return err
}

// run runs the slots until ctx is done, which also ends the tasks in them.
func (w *Worker) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for range w.cfg.Slots {
		g.Go(func() error { return w.slot(ctx) })
	}
	g.Go(func() error { return w.watch(ctx) })
	return g.Wait()
}

// watch keeps the times of the intake.
func (w *Worker) watch(ctx context.Context) error {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		w.tick()
	}
}

func (w *Worker) tick() {
	now := w.clock()
	w.mu.Lock()
	if late := now.Sub(w.due); !w.due.IsZero() && late >= lateTick {
		w.intake.slept(late)
	}
	w.due = now.Add(tickEvery)
	w.intake.tick(now)
	w.peers.forget(now)
	w.settle(w.perform)
}

// leave ends all jobs.
func (w *Worker) leave() {
	w.mu.Lock()
	w.intake.leave()
	w.settle(w.perform)
}

// joined lets a worker that has left take tasks again.
func (w *Worker) joined() {
	w.mu.Lock()
	w.intake.left = false
	w.settle(w.perform)
}
