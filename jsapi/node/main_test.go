package node

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"supercluster/vm"
)

// TestMain runs a script instead of the tests where a test started this binary again as a child.
func TestMain(m *testing.M) {
	if script := os.Getenv("SC_NODE_TEST_SCRIPT"); script != "" {
		os.Exit(runChild(script))
	}
	goleak.VerifyTestMain(m)
}

// runChild runs the file script with this process's own streams and returns its exit status, as sc run would.
func runChild(script string) int {
	loop := vm.NewLoop(vm.LoopConfig{})
	n := New(Config{Loop: loop, Argv: append([]string{os.Args[0], script}, os.Args[1:]...)})
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan error, 1)
	go func() { signals <- n.Run(ctx) }()
	exit, err := loop.Run(ctx, func() error { return runScript(n, script) })
	cancel()
	<-signals
	if err != nil {
		os.Stderr.WriteString("loop: " + err.Error() + "\n")
		return 70
	}
	if exit.Err != nil {
		os.Stderr.WriteString(uncaughtText(n, exit.Err.Value) + "\n")
	}
	return exit.Code
}

func uncaughtText(n *Node, v goja.Value) string {
	if o, ok := v.(*goja.Object); ok {
		if stack := o.Get("stack"); stack != nil {
			return "Uncaught " + vm.CleanStack(stack.String())
		}
	}
	return "Uncaught " + v.String()
}

// runScript runs a file as a CommonJS module whose require knows builtin modules only.
func runScript(n *Node, script string) error {
	text, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	return runText(n, script, string(text))
}

func runText(n *Node, name, text string) error {
	if err := n.Install(); err != nil {
		return err
	}
	program, err := goja.Compile(name, "(function (exports, require, module, __filename, __dirname) {"+text+"\n})", false)
	if err != nil {
		return err
	}
	v, err := n.rt.RunProgram(program)
	if err != nil {
		return err
	}
	fn, _ := goja.AssertFunction(v)
	require := func(call goja.FunctionCall) goja.Value {
		id := call.Argument(0).String()
		if len(id) > 5 && id[:5] == "node:" {
			id = id[5:]
		}
		v, ok, err := n.Builtin(id)
		if err != nil {
			panic(vm.Thrown(n.rt, err))
		}
		if !ok {
			panic(n.rt.NewTypeError("Cannot find module '%s'", id))
		}
		return v
	}
	module := n.rt.NewObject()
	_ = module.Set("exports", n.rt.NewObject())
	_, err = fn(goja.Undefined(), module.Get("exports"), n.rt.ToValue(require), module, n.rt.ToValue(name), n.rt.ToValue("."))
	return err
}

// result is what a script did.
type result struct {
	stdout, stderr string
	code           int
}

// run runs text as script.js in a loop of its own with stdin as its standard input.
func run(t testing.TB, text, stdin string) result {
	t.Helper()
	return runFile(t, "script.js", text, stdin)
}

// runFile runs text under the name of a file.
func runFile(t testing.TB, name, text, stdin string) result {
	t.Helper()
	loop := vm.NewLoop(vm.LoopConfig{})
	var out, errOut bytes.Buffer
	n := New(Config{
		Loop: loop, Argv: []string{"/usr/bin/sc", "/tmp/script.js"}, Stdin: bytes.NewBufferString(stdin),
		Stdout: &out, Stderr: &errOut, Env: append(os.Environ(), "NODE_NO_WARNINGS=1"),
	})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	exit, err := loop.Run(ctx, func() error { return runText(n, name, text) })
	if err != nil {
		t.Fatalf("loop: %v", err)
	}
	if exit.Err != nil {
		errOut.WriteString(uncaughtText(n, exit.Err.Value))
	}
	return result{out.String(), errOut.String(), exit.Code}
}
