package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"supercluster/pkg/proc"
	"supercluster/vm"
	"supercluster/vm/value"
)

// TestMain is also the children that the tests start: the first argument names the role.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(childMain(os.Args[1]))
	}
	goleak.VerifyTestMain(m)
}

func childMain(role string) int {
	switch role {
	case "middle":
		return middleMain()
	case "broken":
		fmt.Fprintln(os.Stderr, "cannot start today")
		return 3
	case "liar":
		return liarMain()
	}
	conn, err := proc.ChildConn()
	if err == nil {
		err = Serve(context.Background(), conn, ServeConfig{NewRunner: func() Runner {
			if role == "engine" {
				return vm.NewEngine(vm.EngineConfig{})
			}
			return fake{}
		}})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// middleMain is a worker: it keeps a pool whose children are at work, says their numbers and waits to be killed.
func middleMain() int {
	exe, err := os.Executable()
	if err != nil {
		return 1
	}
	p := New(Config{Command: []string{exe, "fake"}, Size: 2})
	p.refused = errPlain
	var g sync.WaitGroup
	g.Go(func() { p.Run(context.Background()) })
	pids := make(chan string)
	for _, name := range []string{"busy", "wait"} {
		g.Go(func() { p.Execute(context.Background(), vm.Task{Name: name}, hostFunc(func(s string) { pids <- s })) })
	}
	fmt.Println(<-pids, <-pids)
	g.Wait()
	return 0
}

// liarMain claims to be ready, and then answers a task with a frame of more bytes than may be.
func liarMain() int {
	conn, err := proc.ChildConn()
	if err != nil {
		return 1
	}
	in := newFrames(conn, true)
	in.next()
	conn.Write(appendReady(nil, nil))
	in.next()
	conn.Write([]byte{0xff, 0xff, 0xff, 0xff, byte(kindResult)})
	io.Copy(io.Discard, conn)
	return 0
}

// fake is a Runner without an engine: the task's name says what it does, its arguments how often or how long.
type fake struct{}

var sink [][]byte // what tasks hold on to

func (fake) Run(ctx context.Context, t vm.Task, h vm.Host) vm.Result {
	n, _ := strconv.Atoi(string(t.Args))
	switch t.Name {
	case "args":
		return vm.Result{Value: t.Args}
	case "code":
		return vm.Result{Value: t.Code}
	case "task":
		return vm.Result{Value: fmt.Appendf(nil, "%s %x %v %s %s %v", t.ID, t.Hash[:4], t.Each, t.WorkerID, t.WorkerData, t.Timeout)}
	case "pid":
		return vm.Result{Value: fmt.Append(nil, os.Getpid())}
	case "size":
		return vm.Result{Value: make([]byte, n)}
	case "error":
		return vm.Result{Err: value.Error{Name: "RangeError", Message: strings.Repeat("x", n)}.Encode()}
	case "spin":
		for ctx.Err() == nil {
			n++
		}
		return vm.Result{Err: value.Error{Message: "stopped"}.Encode()}
	case "throw":
		return vm.Result{Err: value.Error{Name: "TypeError", Message: "x is not a function"}.Encode()}
	case "wait": // as JavaScript does that can be interrupted
		h.Log("stdout", fmt.Sprintln(os.Getpid()))
		<-ctx.Done()
		e := value.Error{Message: context.Cause(ctx).Error(), Stack: "Error: x\n    at f (a.js:1:2)"}
		return vm.Result{Err: e.Encode()}
	case "late": // has its value in the grace
		<-ctx.Done()
		return vm.Result{Value: []byte("late")}
	case "busy": // as one native call that nothing interrupts
		h.Log("stdout", fmt.Sprintln(os.Getpid()))
		for i := 0; ; i++ {
			n += i
		}
	case "grow": // steadily, as arrays do
		for ctx.Err() == nil {
			sink = append(sink, touch(make([]byte, 1<<20)))
		}
		sink = nil
		return vm.Result{Err: value.Error{Message: "stopped"}.Encode()}
	case "bomb": // as 'x'.repeat(1 << 29) does
		sink = append(sink, touch(make([]byte, 8<<30)))
	case "grab": // as Array.from({length: 1e9}) does
		for {
			sink = append(sink, touch(make([]byte, 1<<20)))
		}
	case "recurse":
		return vm.Result{Value: fmt.Append(nil, depth(1<<40))}
	case "panic":
		panic("a fault")
	case "suicide":
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			self.Kill()
		}
		select {}
	case "exit":
		os.Exit(n)
	case "log":
		for i := range n {
			if ctx.Err() != nil {
				return vm.Result{Err: value.Error{Message: "stopped"}.Encode()}
			}
			h.Log("stdout", fmt.Sprintf("line %d\n", i))
			if i%100 == 0 {
				h.Progress(float64(i) / float64(n))
				h.Send("half", []byte{byte(i)})
			}
		}
	case "long":
		h.Log("stderr", strings.Repeat("ä", n))
		h.Send(strings.Repeat("e", n), nil)
		h.Send("bytes", make([]byte, 1<<20))
	case "probe":
		return vm.Result{Value: []byte(probe())}
	}
	return vm.Result{}
}

func touch(b []byte) []byte {
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	return b
}

func depth(n int) int {
	if n == 0 {
		return 0
	}
	var pad [512]byte
	return depth(n-1) + int(pad[n%len(pad)]) + 1
}

// hostFunc is a vm.Host that hears log lines only.
type hostFunc func(string)

func (f hostFunc) Log(_, text string)  { f(strings.TrimSpace(text)) }
func (f hostFunc) Progress(float64)    {}
func (f hostFunc) Send(string, []byte) {}

func (f hostFunc) Post(vm.Message) error { return nil }

// quiet is a vm.Host that nobody listens to.
var quiet = hostFunc(func(string) {})

// errPlain keeps children of a pool out of namespaces, in which the numbers of processes that the tests compare mean
// nothing.
var errPlain = errors.New("not in this test")

// newPool runs a pool of children of that role until the test ends, and then checks that none is left.
func newPool(t testing.TB, role string, cfg Config) *Pool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Command = []string{exe, role}
	p := New(cfg)
	if role != "engine" {
		p.refused = errPlain
	}
	ctx, cancel := context.WithCancel(context.Background())
	var g sync.WaitGroup
	g.Go(func() {
		if err := p.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		g.Wait()
		if len(p.alive) != 0 {
			t.Errorf("%d children after Run", len(p.alive))
		}
	})
	return p
}

// errorOf returns the error of a result, which it must be.
func errorOf(t testing.TB, what string, res vm.Result) value.Error {
	t.Helper()
	e, ok := value.DecodeError(res.Err)
	if !ok {
		t.Fatalf("%s: value %.40q and no error (%x)", what, res.Value, res.Err)
	}
	return e
}

// wantCode checks code and words of a result's error.
func wantCode(t testing.TB, what string, res vm.Result, code string, words ...string) {
	t.Helper()
	e := errorOf(t, what, res)
	if e.Code != code {
		t.Errorf("%s: %s %q, want %s", what, e.Code, e.Message, code)
	}
	for _, w := range words {
		if !strings.Contains(e.Message, w) {
			t.Errorf("%s: %q lacks %q", what, e.Message, w)
		}
	}
}

// pidOf asks for the number of the child that is free.
func pidOf(t testing.TB, p *Pool) int {
	t.Helper()
	res := p.Execute(context.Background(), vm.Task{ID: "p", Name: "pid"}, quiet)
	pid, err := strconv.Atoi(string(res.Value))
	if err != nil {
		t.Fatalf("pid: %q %s", res.Value, res.Err)
	}
	return pid
}

var errStop = errors.New("asked to")

const second = time.Second
