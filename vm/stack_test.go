package vm

import "testing"

func TestCleanStack(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"no stack", "just text", "just text"},
		{"named", "Error: x\n\tat f (a.js:1:22(3))\n", "Error: x\n    at f (a.js:1:22)"},
		{"anonymous", "Error: x\n\tat a.js:1:22(3)\n", "Error: x\n    at a.js:1:22"},
		{"async arrow without name", "\tat /x/a.js:10:2(12)", "    at /x/a.js:10:2"},
		{"builtin", "E\n\tat forEach (native)\n\tat a.js:1:2(3)\n", "E\n    at forEach (<anonymous>)\n    at a.js:1:2"},
		{"host function", "E\n\tat f (a.js:1:2(3))\n\tat supercluster/vm.(*Loop).callBody-fm (native)\n\tat sc:internal/loop:2:9(1)\n", "E\n    at f (a.js:1:2)"},
		{"native without name", "E\n\tat native\n\tat g (b.js:2:2(0))\n", "E\n    at g (b.js:2:2)"},
		{"parentheses in the file", "E\n\tat f (/a (b)/c.js:1:2(3))\n\tat /a (b)/c.js:1:2(3)\n", "E\n    at f (/a (b)/c.js:1:2)\n    at /a (b)/c.js:1:2"},
		{"spaces in the file", "E\n\tat /a b/c.js:1:2(3)\n", "E\n    at /a b/c.js:1:2"},
		{"message of several lines", "Error: a\nb\n\tat f (a.js:1:2(3))", "Error: a\nb\n    at f (a.js:1:2)"},
		{"V8's already", "Error: x\n    at f (a.js:1:22)", "Error: x\n    at f (a.js:1:22)"},
		{"V8's of a file that ends like goja's", "Error: x\n    at f (a.js:1:22(3))", "Error: x\n    at f (a.js:1:22(3))"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := CleanStack(c.in)
			if got != c.want {
				t.Errorf("CleanStack(%q) = %q, want %q", c.in, got, c.want)
			}
			if again := CleanStack(got); again != got {
				t.Errorf("a second time: %q", again)
			}
		})
	}
}

func TestCleanStackKeepsTen(t *testing.T) {
	rt := newRuntime(500)
	v, err := rt.RunScript("deep.js", "(function f(n) { return n ? f(n - 1) : new Error('x').stack })(30)")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range CleanStack(v.String()) {
		if c == '\n' {
			n++
		}
	}
	if n != maxFrames {
		t.Errorf("%d frames, want %d", n, maxFrames)
	}
}
