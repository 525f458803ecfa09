package executor

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// jsTask makes a task of a JavaScript function and its arguments, as a master does. The function is not compiled here:
// what the compiler makes of it is the child's to bear.
func jsTask(t testing.TB, source string, args ...any) vm.Task {
	t.Helper()
	f := vm.Function{Source: source}
	rt := goja.New()
	b, err := vm.Encode(rt, rt.NewArray(args...), vm.EncodeOptions{Path: "args"})
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return vm.Task{ID: "js", Code: f.Encode(), Args: b, Hash: f.Hash()}
}

// value decodes the result of a task for comparison: the form in which JSON has it.
func jsValue(t testing.TB, res vm.Result) string {
	t.Helper()
	if res.Err != nil {
		t.Fatal(errorOf(t, "task", res))
	}
	rt := goja.New()
	v, err := vm.Decode(rt, res.Value, vm.DecodeOptions{})
	if err != nil {
		t.Fatalf("%x: %v", res.Value, err)
	}
	rt.Set("v", v)
	s, err := rt.RunString("JSON.stringify(v)")
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestEngineInChild(t *testing.T) {
	p := newPool(t, "engine", Config{Size: 2})
	for _, tt := range []struct {
		source string
		args   []any
		want   string
	}{
		{"() => 1 + 1", nil, "2"},
		{"(a, b) => a + b", []any{"x", 1}, `"x1"`},
		{"async n => { await null; return {n} }", []any{5}, `{"n":5}`},
		{"function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) }", []any{15}, "610"},
		{"() => new Promise(done => setTimeout(done, 5, [1]))", nil, "[1]"},
	} {
		for range 2 { // the second time the child has the code
			res := p.Execute(context.Background(), jsTask(t, tt.source, tt.args...), quiet)
			if got := jsValue(t, res); got != tt.want {
				t.Errorf("%s of %v: %s, want %s", tt.source, tt.args, got, tt.want)
			}
		}
	}
	res := p.Execute(context.Background(), jsTask(t, "() => { null.x }"), quiet)
	if e := errorOf(t, "throw", res); e.Name != "TypeError" {
		t.Errorf("threw %v, want a TypeError", e)
	}
	var r recorder
	p.Execute(context.Background(), jsTask(t, "() => { console.log('a', 1); console.error('b') }"), &r)
	if got, want := strings.Join(r.lines, ""), "stdout: a 1\nstderr: b\n"; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// TestPosts: a task in a child hears what became of each message, one after the other, also of the next task's, and one
// that is told to stop does not wait for it.
func TestPosts(t *testing.T) {
	p := newPool(t, "engine", Config{})
	source := `async () => { const out = []; for (const e of ['a', 'refused', 'b']) await task.sendTo('id', e, 1).then(() => out.push(e),
		(err) => out.push(err.code + ' ' + err.message)); return out; }`
	for range 2 {
		var r recorder
		res := p.Execute(context.Background(), jsTask(t, source), &r)
		if got, want := jsValue(t, res), `["a","ERR_NO_WORKER nobody is there","b"]`; got != want {
			t.Errorf("the task heard %s, want %s", got, want)
		}
		if got, want := strings.Join(r.lines, ","), `post 1 "id" a 1,post 1 "id" refused 1,post 1 "id" b 1`; got != want {
			t.Errorf("the host heard %s, want %s", got, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	slow := &slowPost{posting: cancel, ended: ctx.Done()}
	if e := errorOf(t, "stopped", p.Execute(ctx, jsTask(t, `() => task.sendToAll('a')`), slow)); e.Code != codeCancelled {
		t.Errorf("a task that waits for its message ended with %v, want %s", e, codeCancelled)
	}
	if got := jsValue(t, p.Execute(context.Background(), jsTask(t, source), &recorder{})); !strings.HasPrefix(got, `["a",`) {
		t.Errorf("the next task heard %s", got)
	}
}

// slowPost is a host whose messages take until the task is told to end, which the first one does.
type slowPost struct {
	recorder
	posting func()
	ended   <-chan struct{}
}

func (s *slowPost) Post(vm.Message) error {
	s.posting()
	<-s.ended
	return errStopped
}

// TestEach checks that a frame with many calls comes back as as many results.
func TestEach(t *testing.T) {
	p := newPool(t, "engine", Config{})
	task := jsTask(t, "n => { if (n === 2) throw new RangeError('two'); return n * 10 }", []any{1, 2, 3})
	task.Each = true
	if got := jsValue(t, p.Execute(context.Background(), task, quiet)); !strings.HasPrefix(got, "[[10,") || !strings.Contains(got, ",30],[[1,") {
		t.Errorf("results %s", got)
	}
}

// BenchmarkCall is the cost of a small JavaScript function in a child and in this process.
func BenchmarkCall(b *testing.B) {
	type executor interface {
		Execute(context.Context, vm.Task, vm.Host) vm.Result
	}
	for name, p := range map[string]executor{
		"child": newPool(b, "engine", Config{}), "inprocess": NewInProcess(vm.NewEngine(vm.EngineConfig{})),
	} {
		for _, source := range []string{"() => 1", "a => a.map(x => x * 2).join()"} {
			b.Run(fmt.Sprintf("%s/%s", name, source), func(b *testing.B) {
				t := jsTask(b, source, []any{1, 2, 3})
				t.Timeout = time.Hour
				b.ReportAllocs()
				for b.Loop() {
					if res := p.Execute(context.Background(), t, quiet); res.Err != nil {
						b.Fatal(errorOf(b, source, res))
					}
				}
			})
		}
	}
}
