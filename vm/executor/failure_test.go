package executor

import (
	"strings"
	"testing"

	"supercluster/pkg/proc"
	"supercluster/vm"
)

// TestDiagnose holds what Go says when it dies, and what that is taken for.
func TestDiagnose(t *testing.T) {
	killed := proc.State{Code: -1, Signal: "killed"}
	two := proc.State{Code: 2}
	for _, tt := range []struct {
		name   string
		state  proc.State
		stderr string
		code   string
		text   string
	}{
		{"one block", two, "runtime: out of memory: cannot allocate 536870912-byte block (4194304 in use)\nfatal error: out of memory\n",
			codeMemory, "out of memory: wanted 536870912 bytes more, limit 100"},
		{"metadata of a block", two, "fatal error: runtime: out of memory\n\nruntime stack:\nruntime.throw({0x9ed772?, 0x497958?})\n\ngoroutine 22 [running]:\nruntime.mallocgc(0x200000000, 0x921420, 0x1)\n",
			codeMemory, "out of memory: wanted 8589934592 bytes more, limit 100"},
		{"no amount", two, "runtime: failed to create new OS thread (have 5 already; errno=11)\nfatal error: newosproc\n",
			codeMemory, "out of memory, limit 100"},
		{"a fault of the collector", two, "SIGSEGV: segmentation violation\nPC=0x438d9d m=0 sigcode=1 addr=0x0\n\ngoroutine 0 gp=0x1 m=0 mp=0x2 [idle]:\nruntime.(*spanQueue).tryDrain(0x400?)\n",
			codeMemory, "out of memory, limit 100"},
		{"a fault of ours", two, "SIGSEGV: segmentation violation\nPC=0x438d9d m=0 sigcode=1 addr=0x0\n\ngoroutine 7 gp=0x1 m=0 mp=0x2 [running]:\nmain.f()\n",
			codeKilled, "its executor exited with code 2: SIGSEGV: segmentation violation"},
		{"the system", proc.State{Signal: "killed", OOM: true}, "", codeMemory, "out of memory: the system had none left, limit 100"},
		{"stack", two, "runtime: goroutine stack exceeds 67108864-byte limit\nfatal error: stack overflow\n\nruntime.mallocgc(0x10,",
			codeStack, "stack overflow: its native stack reached the limit of 67108864 bytes"},
		{"stack without a number", two, "fatal error: stack overflow\n", codeStack, "stack overflow"},
		{"panic", two, "panic: oh no\n\ngoroutine 1 [running]:\n", codeKilled, "its executor exited with code 2: panic: oh no"},
		{"somebody", killed, "", codeKilled, "its executor was ended by signal killed"},
		{"exit", proc.State{Code: 3}, "", codeKilled, "its executor exited with code 3"},
	} {
		if c := diagnose(tt.state, tt.stderr, 100); c.code != tt.code || c.text != tt.text {
			t.Errorf("%s: %s %q, want %s %q", tt.name, c.code, c.text, tt.code, tt.text)
		}
	}
}

func TestLabel(t *testing.T) {
	for want, task := range map[string]vm.Task{"9f3c": {ID: "9f3c"}, "resize": {Name: "resize"}, "9f3c (resize)": {ID: "9f3c", Name: "resize"}} {
		if got := label(task); got != want {
			t.Errorf("label(%q, %q) = %q, want %q", task.ID, task.Name, got, want)
		}
	}
}

// TestErrorsSurviveBadText checks that a foreign reason in no UTF-8 still makes an error that can be read.
func TestErrorsSurviveBadText(t *testing.T) {
	e := errorOf(t, "bad text", failed(vm.Task{ID: "\xff"}, codeKilled, "because of \xfe"))
	if !strings.Contains(e.Message, "because of \uFFFD") {
		t.Errorf("message %q", e.Message)
	}
}
