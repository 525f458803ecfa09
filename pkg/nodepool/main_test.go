package nodepool

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"supercluster/vm"
	"supercluster/vm/value"
)

// TestMain makes the test program the launcher, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "__node" {
		fmt.Fprintln(os.Stderr, Launch(os.Args[2:]))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// recorder is a Host that keeps what it hears, for both engines.
type recorder struct {
	mu   sync.Mutex
	text strings.Builder
	seen chan string // gets what is logged; nil: nobody listens
}

func (h *recorder) add(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(&h.text, format, args...)
}

func (h *recorder) Log(stream, text string) {
	h.add("%s: %s", stream, text)
	if h.seen != nil {
		h.seen <- text
	}
}
func (h *recorder) Progress(fraction float64)      { h.add("progress %v\n", fraction) }
func (h *recorder) Send(event string, data []byte) { h.add("send %s %s\n", event, shown(data)) }
func (h *recorder) String() string                 { h.mu.Lock(); defer h.mu.Unlock(); return h.text.String() }

// codedError is how a post fails.
type codedError struct{ error }

func (codedError) ErrorCode() string { return "ERR_NO_WORKER" }

func (h *recorder) Post(m Message) error {
	h.add("post %d %s %s %s\n", m.To, m.Target, m.Event, shown(m.Data))
	if m.Event == "refused" {
		return codedError{fmt.Errorf("nobody is there")}
	}
	return nil
}

// vmHost is the recorder as package vm wants it.
type vmHost struct{ *recorder }

func (h vmHost) Post(m vm.Message) error {
	if err := h.recorder.Post(Message{To: byte(m.To), Target: m.Target, Event: m.Event, Data: m.Data}); err != nil {
		return &vm.PostError{Code: "ERR_NO_WORKER", Message: err.Error()}
	}
	return nil
}

func shown(data []byte) string {
	text, err := value.ToJSON(data)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// newPool returns a Pool that runs until the test ends, of the node that is installed.
func newPool(t testing.TB, cfg Config) *Pool {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if cfg.Node, err = filepath.EvalSymlinks(node); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Launcher = []string{self, "__node"}
	p := New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return p
}

// execute runs t, which must not find the host at fault.
func execute(t testing.TB, p *Pool, task Task, h Host) Result {
	t.Helper()
	r, err := p.Execute(t.Context(), task, h)
	if err != nil {
		t.Fatalf("Execute: %v", err)
	}
	return r
}

// taskOf makes a task of a function and its arguments, both JavaScript text.
func taskOf(t testing.TB, fn, args string) Task {
	t.Helper()
	rt := goja.New()
	return taskOfValue(t, rt, eval(t, rt, "("+fn+")"), eval(t, rt, args))
}

func eval(t testing.TB, rt *goja.Runtime, text string) goja.Value {
	t.Helper()
	v, err := rt.RunScript("case.js", text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func taskOfValue(t testing.TB, rt *goja.Runtime, fn, args goja.Value) Task {
	t.Helper()
	f, err := vm.FunctionOf(rt, fn, func(string) vm.Position { return vm.Position{File: "/app/main.js", Line: 10, Col: 4} })
	if err != nil {
		t.Fatal(err)
	}
	b, err := vm.Encode(rt, args, vm.EncodeOptions{Functions: true})
	if err != nil {
		t.Fatal(err)
	}
	return Task{Master: "m", ID: "9f3c", Name: f.Name, Code: f.Encode(), Args: b, WorkerID: "w1", WorkerData: []byte(`{"gpu":true}`)}
}
