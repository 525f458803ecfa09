//go:build unix

package loader

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is a script of about the given size in bytes, with functions, closures and classes as programs have them,
// that sends nothing.
func program(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `
const defaults%[1]d = { retries: 3, delay: 100, names: ['a', 'b', 'c'] };
/** A comment as programs have them, of a line or two, which is skipped. */
function create%[1]d(options, callback) {
  const settings = Object.assign({}, defaults%[1]d, options);
  let pending = 0, failed = null;
  const results = [];
  function finish(error, value) {
    pending--;
    if (error && !failed) { failed = error; callback(error); return; }
    results.push(value);
    if (pending === 0 && !failed) callback(null, results.filter((x) => x !== undefined).map((x, i) => x + i));
  }
  return {
    run(task) { pending++; task(settings, (err, v) => finish(err, v)); },
    get size() { return pending; },
    cancel: () => { failed = new Error('cancelled'); callback(failed); },
  };
}
class Store%[1]d {
  #items = new Map();
  static shared = null;
  constructor(name) { this.name = name; this.maker = create%[1]d; }
  get(key) { if (!this.#items.has(key)) this.#items.set(key, { key, at: %[1]d, made: this.maker({}, () => {}) }); return this.#items.get(key); }
  each(fn) { for (const [key, value] of this.#items) fn(key, value, defaults%[1]d.names); }
}
exports.Store%[1]d = Store%[1]d;
`, i)
	}
	return b.String()
}

// BenchmarkCaptureLoad is the start of a script of 2 MB that sends nothing: without capture, as it is, and as it would be if it
// mentioned the library, so that all of its functions could be sent.
func BenchmarkCaptureLoad(b *testing.B) {
	text := program(2 << 20)
	for _, c := range []struct {
		name, text string
		off        bool
	}{{"off", text, true}, {"on", text, false}, {"sends", text + "// 'supercluster'", false}} {
		dir := write(b, "m.js", c.text)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			before := userTime(b)
			defer func() { b.ReportMetric(float64((userTime(b)-before).Milliseconds())/float64(b.N), "user-ms/op") }()
			for b.Loop() {
				r := script(b, dir, "m.js", func(cfg *Config) { cfg.NoCapture = c.off })
				if r.err != nil {
					b.Fatal(r.err)
				}
			}
		})
	}
}

// userTime is how much processor time this process has taken.
func userTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
}

// BenchmarkProbe is a call of a closure: what the probe costs.
func BenchmarkProbe(b *testing.B) {
	for _, off := range []bool{true, false} {
		b.Run(fmt.Sprintf("capture=%v", !off), func(b *testing.B) {
			dir := write(b, "m.js", fmt.Sprintf("const k = 1; const add = (x) => x + k; let s = 0; for (let i = 0; i < %d; i++) s = add(s);", b.N))
			b.ResetTimer()
			if r := script(b, dir, "m.js", func(cfg *Config) { cfg.NoCapture = off }); r.err != nil {
				b.Fatal(r.err)
			}
		})
	}
}
