package loader

import (
	"context"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// typed runs lines one after the other, as a prompt does, and returns what each gave: the value's text, "-" for none,
// or the error.
func typed(t *testing.T, lines ...string) []string {
	t.Helper()
	loop := vm.NewLoop(vm.LoopConfig{})
	l := New(Config{Loop: loop, Dir: t.TempDir()})
	var got []string
	var next func(i int)
	next = func(i int) {
		if i == len(lines) {
			return
		}
		failed := func(err error) {
			r := l.Describe(err)
			got = append(got, r.Stack+r.Text)
			next(i + 1)
		}
		line, err := l.Line("line", lines[i])
		if err != nil {
			failed(err)
			return
		}
		promise, err := line.Run()
		if err != nil {
			failed(err)
			return
		}
		l.then(promise, func(v goja.Value) {
			text := "-"
			if list := v.ToObject(l.rt); list.Get("length").ToInteger() == 1 {
				text = list.Get("0").String()
			}
			got = append(got, text)
			next(i + 1)
		}, func(v goja.Value) { failed(l.exception(&thrown{v})) })
	}
	if _, err := loop.Run(context.Background(), func() error { next(0); return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		why   string
		lines []string
		want  string
	}{
		{"a value", []string{"1 + 1"}, "2"},
		{"nothing", []string{"if (true) 1"}, "-"},
		{"an empty line", []string{"", "// a comment"}, "-|-"},
		{"a string that looks like a directive", []string{"'a'"}, "a"},
		{"what is declared stays", []string{"const a = 2; let b, c = 3", "a + c + String(b)", "let a = 5", "a"}, "-|5undefined|-|5"},
		{"patterns", []string{"const { x, y: [z = 4] } = { x: 1, y: [] }", "x + z"}, "-|5"},
		{"functions call each other", []string{"f(); function f() { return g() } function g() { return 7 }", "f()"}, "-|7"},
		{"classes", []string{"class A { v() { return 3 } }\nclass B extends A {}", "new B().v()"}, "-|3"},
		{"await", []string{"const v = await Promise.resolve(8)", "v", "await (async () => 9)()"}, "-|8|9"},
		{"an object", []string{"{ a: 1, b: 2 }.b", "{ a: 1 }"}, "2|[object Object]"},
		{"a block", []string{"{ let q = 1; }", "typeof q"}, "-|undefined"},
		{"TypeScript", []string{"const n: number = 4", "(n as any) + 1"}, "-|5"},
		{"several values", []string{"1, 2"}, "2"},
		{"a promise is no value to wait for", []string{"Promise.resolve(1)"}, "[object Promise]"},
	} {
		if got := strings.Join(typed(t, c.lines...), "|"); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.why, c.lines, got, c.want)
		}
	}
}

// TestLinePlaces: errors are in the lines as they were typed.
func TestLinePlaces(t *testing.T) {
	got := typed(t, "let f = () => 1;\nf();\n  null.x", "const f2 = () => {\n  throw new Error('no');\n};\nf2()")
	for i, place := range []string{"line:3:", "line:2:9"} {
		if !strings.Contains(got[i], place) {
			t.Errorf("the stack is not in %s: %s", place, got[i])
		}
	}
}

func TestIncomplete(t *testing.T) {
	for text, want := range map[string]bool{
		"f(": true, "{": true, "`a": true, "() => {": true, "[1,": true, "/* a": true,
		"f)": false, "'a": false, "let 1": false,
	} {
		l := New(Config{Loop: vm.NewLoop(vm.LoopConfig{})})
		_, err := l.Line("line", text)
		if err == nil || Incomplete(err) != want {
			t.Errorf("Line(%q): %v, Incomplete %v, want %v", text, err, Incomplete(err), want)
		}
	}
}
