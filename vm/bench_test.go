package vm

import (
	"context"
	"testing"

	"github.com/dop251/goja"
)

// BenchmarkRuntime is what a fresh runtime costs: goja's own, one with a task's globals, and a loop around it.
func BenchmarkRuntime(b *testing.B) {
	b.Run("goja", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			goja.New()
		}
	})
	b.Run("globals", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			g := &globals{rt: newRuntime(500)}
			g.installLazily()
		}
	})
	b.Run("loop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			NewLoop(LoopConfig{})
		}
	})
	b.Run("script", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l := NewLoop(LoopConfig{})
			Globals(l.Runtime(), GlobalsConfig{Loop: l})
		}
	})
}

// BenchmarkTask is a warm task from bytes to bytes.
func BenchmarkTask(b *testing.B) {
	for _, c := range []struct{ name, fn, args string }{
		{"no-op", "() => {}", ""},
		{"add", "(a, b) => a + b", "1, 2"},
		{"async", "async (a) => { await null; return a }", "1"},
		{"timer", "() => new Promise((r) => setImmediate(r))", ""},
		{"console", "() => console.log('x')", ""},
		{"iterator", "() => [1].values().map((x) => x).toArray()", ""},
		{"async generator", "() => { async function* f() { yield 1 } }", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.name == "async generator" {
				c.fn = "async () => { function f() { return __asyncGenerator(this, null, function* () { yield 1 }) } return (await f().next()).value }"
			}
			e := NewEngine(EngineConfig{})
			task := taskOf(b, c.fn, c.args)
			h := new(recorder)
			b.ReportAllocs()
			for b.Loop() {
				if res := e.Run(context.Background(), task, h); res.Err != nil {
					b.Fatal(showResult(b, res))
				}
			}
		})
	}
}

// BenchmarkCompile is a task's program: made, and taken from the cache.
func BenchmarkCompile(b *testing.B) {
	f := &Function{Source: readTestdata(b, "show.js"), Pos: Position{"a.js", 10, 4}}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			if _, err := f.Compile(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached", func(b *testing.B) {
		c := newProgramCache(10)
		for b.Loop() {
			if _, err := c.get(f); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkTurn is one turn of the loop.
func BenchmarkTurn(b *testing.B) {
	l := NewLoop(LoopConfig{})
	fn, _ := goja.AssertFunction(l.rt.ToValue(func(goja.FunctionCall) goja.Value { return nil }))
	b.ReportAllocs()
	for b.Loop() {
		l.Call(fn, nil)
	}
}
