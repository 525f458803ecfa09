package nodepool

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/google/go-cmp/cmp"

	"supercluster/vm"
	"supercluster/vm/value"
)

// ours runs a task in our own engine.
func ours(ctx context.Context, task Task, h *recorder) vm.Result {
	return vm.NewEngine(vm.EngineConfig{}).Run(ctx, vm.Task{
		ID: task.ID, Name: task.Name, Code: task.Code, Args: task.Args, Each: task.Each, WorkerID: task.WorkerID, WorkerData: task.WorkerData,
	}, vmHost{h})
}

// outcome is what is to be the same from both engines.
type outcome struct {
	Value               string // its bytes
	Name, Code, Message string
	Cause               string
	Place               string // the first line of the stack that is the task's own, without its column
	Said                string
}

var place = regexp.MustCompile(`/app/main\.js:\d+`)

func outcomeOf(v, failure []byte, h *recorder) outcome {
	o := outcome{Value: string(v), Said: h.String()}
	if failure != nil {
		e, _ := value.DecodeError(failure)
		o.Name, o.Code, o.Message = e.Name, e.Code, e.Message
		o.Place = place.FindString(e.Stack)
	}
	return o
}

// TestSame runs all that testdata/same holds on both engines.
func TestSame(t *testing.T) {
	files, err := filepath.Glob("testdata/same/*.js")
	if err != nil || len(files) < 3 {
		t.Fatalf("cases: %v, %v", files, err)
	}
	p := newPool(t, Config{})
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		group := strings.TrimSuffix(filepath.Base(file), ".js")
		rt := goja.New()
		cases := eval(t, rt, string(text)).(*goja.Object)
		for _, name := range cases.Keys() {
			t.Run(group+"/"+name, func(t *testing.T) {
				list := cases.Get(name).(*goja.Object)
				args := list.Get("slice").ToObject(rt)
				slice, _ := goja.AssertFunction(args)
				rest, err := slice(list, rt.ToValue(1))
				if err != nil {
					t.Fatal(err)
				}
				task := taskOfValue(t, rt, list.Get("0"), rest)
				h1, h2 := &recorder{}, &recorder{}
				r1 := ours(t.Context(), task, h1)
				r2 := execute(t, p, task, h2)
				if diff := cmp.Diff(outcomeOf(r1.Value, r1.Err, h1), outcomeOf(r2.Value, r2.Err, h2)); diff != "" {
					t.Errorf("goja (-), node (+):\n%s", diff)
				}
			})
		}
	}
}
