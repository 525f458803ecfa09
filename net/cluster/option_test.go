package cluster

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"supercluster/net/wire"
)

// failing is an Executor whose tasks fail, each with the number of its attempt.
func failing() (Executor, *atomic.Int32) {
	var n atomic.Int32
	return executorFunc(func(context.Context, Task, Sink) Result {
		return Result{Err: failure("E_TEST", "attempt %d", n.Add(1))}
	}), &n
}

func TestRetryIf(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	executor, runs := failing()
	join(t, mesh, m, newTestWorker(t, 1, executor))
	var asked []int
	o := run(t, m, Spec{Retries: 5, RetryIf: func(attempt int, o Outcome, decide func(bool)) {
		if codeOf(o.Err) != "E_TEST" || o.Attempts != attempt {
			t.Errorf("asked about %+v at attempt %d", o, attempt)
		}
		asked = append(asked, attempt)
		decide(attempt < 3)
		decide(true) // the second answer does not count
	}})
	if wantCode(t, o, "E_TEST"); o.Attempts != 3 || runs.Load() != 3 || !slices.Equal(asked, []int{1, 2, 3}) {
		t.Errorf("%d attempts, asked after %v; want 3", o.Attempts, asked)
	}
}

func TestCancelWhileRetryIfIsAsked(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	executor, _ := failing()
	join(t, mesh, m, newTestWorker(t, 1, executor))
	asked := make(chan func(bool), 1)
	cancel, p := submit(m, Spec{Retries: 1, RetryIf: func(_ int, _ Outcome, decide func(bool)) { asked <- decide }})
	decide := <-asked
	if !cancel() {
		t.Error("there was nothing to cancel")
	}
	wantCode(t, <-p, CodeCancelled)
	decide(true)
	if m.mu.Lock(); len(m.scheduler.tasks) != 0 || m.scheduler.waiting != 0 {
		t.Errorf("%d tasks, %d of them waiting, are left", len(m.scheduler.tasks), m.scheduler.waiting)
	}
	m.mu.Unlock()
}

func TestBackoff(t *testing.T) {
	for _, tt := range []struct {
		name     string
		spec     Spec
		failures int
		min, max time.Duration
	}{
		{"none", Spec{}, 3, 0, 0},
		{"first", Spec{Backoff: time.Second}, 0, time.Second, time.Second},
		{"doubled", Spec{Backoff: time.Second}, 3, 8 * time.Second, 8 * time.Second},
		{"bounded", Spec{Backoff: time.Second}, 1 << 30, maxBackoff, maxBackoff},
		{"steady", Spec{Backoff: time.Second, Steady: true}, 9, time.Second, time.Second},
		{"jitter", Spec{Backoff: time.Second, Jitter: 0.5}, 1, time.Second, 2 * time.Second},
		{"all jitter", Spec{Backoff: time.Hour, Jitter: 7}, 0, 0, maxBackoff},
	} {
		got := (&task{spec: tt.spec, failures: tt.failures}).backoff()
		if got < tt.min || got > tt.max {
			t.Errorf("%s: wait of %v, want %v to %v", tt.name, got, tt.min, tt.max)
		}
	}
}

// TestResources runs tasks of two kinds on a worker with four slots and one GPU: those that need it one at a time, the
// others meanwhile.
func TestResources(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	var holding, most, others atomic.Int32
	enough := make(chan struct{})
	w := NewWorker(WorkerConfig{Identity: newIdentity(t), Slots: 4, Resources: Resources{"gpu": 1}, Host: []byte(`{"resources":{"gpu":1}}`),
		Executor: executorFunc(func(_ context.Context, x Task, _ Sink) Result {
			if x.Name != "gpu" {
				if others.Add(1) == 5 {
					close(enough)
				}
				return Result{Value: []byte("v")}
			}
			<-enough // so the tasks without needs pass those that wait
			if n := holding.Add(1); n > most.Load() {
				most.Store(n)
			}
			holding.Add(-1)
			return Result{Value: []byte("v")}
		})})
	join(t, mesh, m, w, newTestWorker(t, 8, echo))
	var all []pending
	for range 3 {
		_, p := submit(m, Spec{Name: "gpu", Resources: []Resources{{"gpu": 1}}})
		all = append(all, p)
	}
	for range 5 {
		_, p := submit(m, Spec{Name: "cpu", Worker: w.ID()})
		all = append(all, p)
	}
	for _, p := range all {
		if o := <-p; o.Err != nil || o.Peer.ID != w.ID() {
			t.Errorf("outcome %+v, want a value from %s", o, w.ID())
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d tasks had the only GPU at once", most.Load())
	}
	wantCode(t, run(t, m, Spec{Worker: w.ID(), Resources: []Resources{{"gpu": 2}}}), CodeResources)
	wantCode(t, run(t, m, Spec{Resources: []Resources{{"gpu": 2}}, QueueTimeout: 50 * time.Millisecond}), CodeQueueTimeout)
}

// TestSteppedResources moves a task that fails to a worker that has more.
func TestSteppedResources(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	worker := func(memory float64) *Worker {
		return NewWorker(WorkerConfig{Identity: newIdentity(t), Slots: 1, Resources: Resources{"memory": memory},
			Host: fmt.Appendf(nil, `{"resources":{"memory":%v}}`, memory),
			Executor: executorFunc(func(context.Context, Task, Sink) Result {
				if memory < 3 {
					return Result{Err: failure("ERR_TASK_MEMORY", "%v is too little", memory)}
				}
				return Result{Value: []byte("v")}
			})})
	}
	large := worker(4)
	join(t, mesh, m, worker(1), worker(2), large)
	o := run(t, m, Spec{Retries: 2, Resources: []Resources{{"memory": 1}, {"memory": 2}, {"memory": 3}}})
	if o.Err != nil || o.Peer.ID != large.ID() {
		t.Errorf("outcome %+v, want a value of the largest worker", o)
	}
}

func TestNeedsFromAnywhere(t *testing.T) {
	r := readNeeds([]wire.Need{{Name: "a", Amount: -1}, {Name: "b", Amount: 2}})
	if (Resources{"a": 100, "b": 100}).cover(r) {
		t.Error("a negative need is covered")
	}
	for _, host := range []string{"", "null", "[]", `{"resources":7}`, `{"resources":{"gpu":"x"}}`} {
		if r := readFacts([]byte(host)).Resources; r.cover(Resources{"gpu": 1}) {
			t.Errorf("host %s has a gpu", host)
		}
	}
}

// blobExecutor gives back the length of the first blob, and checks that it is the one the task means.
var blobExecutor = executorFunc(func(_ context.Context, x Task, _ Sink) Result {
	b := x.Blobs[0]
	if sha256.Sum256(b.Data) != b.Hash || string(x.Args) != string(b.Hash[:]) {
		return Result{Err: failure("E_TEST", "the blob is not the one of the arguments")}
	}
	return Result{Value: fmt.Append(nil, len(b.Data))}
})

// blobCounter counts the blobs that a master sends.
type blobCounter struct {
	mu    sync.Mutex
	blobs int
	bytes int
}

func (c *blobCounter) count(_ *session, m wire.Message) {
	if b, ok := m.(*wire.Blob); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.blobs++
		c.bytes += len(b.Data)
	}
}

// TestBlobTravelsOnceAWorker gives one value of 200 MB to three workers in thirty tasks: it leaves the master three times.
func TestBlobTravelsOnceAWorker(t *testing.T) {
	n := 200 << 20
	if raceDetector || testing.Short() {
		n = 20 << 20
	}
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	var counter blobCounter
	m.spy = counter.count
	blob, err := NewBlob(make([]byte, n))
	if err != nil {
		t.Fatal(err)
	}
	join(t, mesh, m)
	var all []pending
	for range 3 {
		w := newTestWorker(t, 2, blobExecutor)
		join(t, mesh, w)
		waitFor(t, "the worker", func() bool {
			return slices.ContainsFunc(m.Workers(), func(p Peer) bool { return p.ID == w.ID() })
		})
		for range 10 {
			_, p := submit(m, Spec{Worker: w.ID(), Args: blob.Hash[:], Blobs: []*Blob{blob}})
			all = append(all, p)
		}
	}
	for _, p := range all {
		if o := <-p; string(o.Value) != fmt.Sprint(n) {
			t.Errorf("value %s, error %s; want %d", o.Value, o.Err, n)
		}
	}
	if counter.blobs != 3 || counter.bytes != 3*n {
		t.Errorf("%d blobs with %d bytes left the master, want 3 with %d", counter.blobs, counter.bytes, 3*n)
	}
	if m.mu.Lock(); len(m.scheduler.blobs) != 0 {
		t.Errorf("the master still holds %d blobs", len(m.scheduler.blobs))
	}
	m.mu.Unlock()
}

func TestBlobsAreEvictedBySize(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	var counter blobCounter
	m.spy = counter.count
	w := NewWorker(WorkerConfig{Identity: newIdentity(t), Slots: 1, Executor: blobExecutor, MaxBlobs: 250 << 10})
	join(t, mesh, m, w)
	var blobs []*Blob
	for i := range 3 {
		b, err := NewBlob(append(make([]byte, 100<<10), byte(i)))
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, b)
	}
	for _, i := range []int{0, 1, 0, 2, 0, 1} { // 2 drives 1 out, the last 1 comes again
		if o := run(t, m, Spec{Args: blobs[i].Hash[:], Blobs: blobs[i : i+1]}); o.Err != nil {
			t.Errorf("error %s", o.Err)
		}
	}
	if counter.blobs != 4 {
		t.Errorf("%d blobs were sent, want 4", counter.blobs)
	}
	w.mu.Lock()
	if n := w.intake.blobs.bytes; n > 250<<10 {
		t.Errorf("the worker keeps %d bytes", n)
	}
	w.mu.Unlock()
}

func TestBlobThatItsMasterHasNot(t *testing.T) {
	m, w := newTestMaster(t), newTestWorker(t, 1, blobExecutor)
	c := &stillConn{hello: wire.Hello{Node: wire.Node{ID: "m", Role: RoleMaster}}}
	s := w.linked(c)
	id := wire.NewTaskID()
	hash := [32]byte{1}
	for _, msg := range []wire.Message{
		&wire.Blob{Hash: hash, Data: []byte("nobody asked")},
		&wire.Task{ID: id, Attempt: 1, Hash: noCode, Blobs: [][32]byte{hash}},
		&wire.Blob{Hash: hash, Data: []byte("another")},
	} {
		if err := w.handle(s, msg); err != nil {
			t.Fatal(err)
		}
	}
	if o := w.intake.owners[s]; len(o.jobs) != 0 || w.intake.blobs.bytes != 0 {
		t.Errorf("%d jobs and %d bytes are left", len(o.jobs), w.intake.blobs.bytes)
	}
	if b := m.scheduler.blobs.message(hash); b.Data != nil {
		t.Error("a master made a blob up")
	}
	if _, err := NewBlob(make([]byte, maxMessage)); errCode(err) != CodeTooLarge {
		t.Errorf("a blob over the limit gives %v", err)
	}
}

func TestProgressOfAWorker(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	release := make(chan struct{})
	w := newTestWorker(t, 1, executorFunc(func(context.Context, Task, Sink) Result {
		<-release
		return Result{Value: []byte("v")}
	}))
	join(t, mesh, m, w)
	var reported []float64
	run(t, m, Spec{
		OnState: func(st State, _ Peer) {
			if st == Running {
				w.Progress(0.25)
				close(release)
			}
		},
		OnProgress: func(_ Peer, f float64) { reported = append(reported, f) },
	})
	if !slices.Equal(reported, []float64{0.25}) {
		t.Errorf("reported %v", reported)
	}
}
