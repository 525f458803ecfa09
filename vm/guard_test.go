package vm

import (
	"strings"
	"testing"
)

// TestGuards checks that calls that ask for too much throw a RangeError which names them, that the task can go on, and
// that calls that do not are as without a guard.
func TestGuards(t *testing.T) {
	e := NewEngine(EngineConfig{MaxAsk: 1 << 20})
	for _, c := range []struct{ source, want string }{
		{"'x'.repeat(1 << 29)", "String.prototype.repeat: 536870912 characters of 1 bytes, limit 1048576 bytes"},
		{"'äö'.repeat(2 ** 40)", "String.prototype.repeat: 2199023255552 characters of 2 bytes"},
		{"'本'.repeat(1e6)", "String.prototype.repeat: 1000000 characters of 2 bytes"},
		{"'xy'.repeat(1e300)", "String.prototype.repeat: "},
		{"'a'.padStart(2 ** 30)", "String.prototype.padStart: 1073741824 characters"},
		{"'a'.padEnd(2 ** 30, 'xy')", "String.prototype.padEnd: 1073741824 characters"},
		{"new Array(1e8).fill({})", "Array.prototype.fill: 100000000 elements of 16 bytes"},
		{"Array(1e9).join()", "Array.prototype.join: 1000000000 elements"},
		{"String(Array(1e9))", "Array.prototype."},
		{"Array(1e9).map(x => 1)", "Array.prototype.map: 1000000000 elements"},
		{"Array.from({length: 1e9})", "Array.from: 1000000000 elements"},
		{"Math.max.apply(null, {length: 1e9})", "Function.prototype.apply: 1000000000 arguments"},
		{"Reflect.apply(Math.max, null, {length: 1e9})", "Reflect.apply: 1000000000 arguments"},
		{"String.raw({raw: {length: 1e9}})", "String.raw: 1000000000 parts"},
		{"new Uint8Array(1e11)", "new Uint8Array: 100000000000 elements of 1 bytes"},
		{"new Float64Array({length: 1e9})", "new Float64Array: 1000000000 elements of 8 bytes"},
		{"new ArrayBuffer(8e9)", "new ArrayBuffer: 8000000000 elements of 1 bytes"},
		{"new class extends Uint8Array {}(1e11)", "new Uint8Array: 100000000000"},
		{"Reflect.construct(ArrayBuffer, [1e11], Object) // ArrayBuffer(", "new ArrayBuffer: 100000000000"},
	} {
		fn := "() => { try { " + c.source + "\n return 'done' } catch (e) { return [e instanceof RangeError, e.code, e.message].join('|') } }"
		got := run(t, e, taskOf(t, fn, ""), nil)
		if !strings.HasPrefix(got, `"true|ERR_TASK_MEMORY|`+c.want) {
			t.Errorf("%s: %s, want %s", c.source, got, c.want)
		}
	}
}

// TestGuardsAreUnseen checks that a guarded function is the one that the language has.
func TestGuardsAreUnseen(t *testing.T) {
	e := NewEngine(EngineConfig{MaxAsk: 1 << 20})
	for _, c := range []struct{ source, want string }{
		{"'ab'.repeat(3)", `"ababab"`},
		{"'ab'.repeat({valueOf: () => 2})", `"abab"`},
		{"String.prototype.repeat.call(12, '2')", `"1212"`},
		{"[String.prototype.repeat.name, String.prototype.repeat.length, Object.keys(String.prototype).length]", `["repeat",1,0]`},
		{"'5'.padStart(3, '0') + '5'.padEnd(3)", `"0055  "`},
		{"new Array(3).fill(7)", `[7,7,7]`},
		{"Array.from({length: 3}, (_, i) => i)", `[0,1,2]`},
		{"Array.from(new Set([1, 2]))", `[1,2]`},
		{"Math.max.apply(null, [1, 5, 2])", `5`},
		{"String.raw`a\\n${1}`", `"a\\n1"`},
		{"const u = new Uint8Array([1, 2]); return [u instanceof Uint8Array, u.constructor === Uint8Array, u.length, u[1], Object.prototype.toString.call(u)]",
			`[true,true,2,2,"[object Uint8Array]"]`},
		{"const u = new Uint8Array(4); return [u.map(x => x + 1) instanceof Uint8Array, u.subarray(1).length, Uint8Array.from([1]).constructor === Uint8Array]",
			`[true,3,true]`},
		{"class V extends Float64Array { sum() { return this.reduce((a, b) => a + b) } } const v = new V([1, 2]); return [v instanceof V, v instanceof Float64Array, v.sum()]",
			`[true,true,3]`},
		{"[Uint8Array.name, Uint8Array.length, Uint8Array.BYTES_PER_ELEMENT, Object.getPrototypeOf(Uint8Array) === Object.getPrototypeOf(Int8Array)] // Uint8Array(",
			`["Uint8Array",3,1,true]`},
		{"const b = new ArrayBuffer(8); return [b instanceof ArrayBuffer, b.slice(2).byteLength, ArrayBuffer.isView(new DataView(b))]", `[true,6,true]`},
		{"new Uint8Array(new ArrayBuffer(8), 2).length", `6`},
		{"new Uint8Array(function*() { yield 1; yield 2 }()).length", `2`},
		{"Buffer.from('abc').toString('hex') + new Uint8Array(1).length", `"6162631"`},
	} {
		fn := "() => { return " + c.source + "\n}"
		if strings.Contains(c.source, "return ") {
			fn = "() => { " + c.source + "\n}"
		}
		if got := run(t, e, taskOf(t, fn, ""), nil); got != c.want {
			t.Errorf("%s: %s, want %s", c.source, got, c.want)
		}
	}
}

// BenchmarkGuarded is the cost of a task that brings guards along, over one that does not.
func BenchmarkGuarded(b *testing.B) {
	e := NewEngine(EngineConfig{})
	for _, fn := range []string{"() => 1", "() => 'x'.repeat(3)", "() => new Array(3).fill(1)", "() => new Uint8Array(3)"} {
		b.Run(fn, func(b *testing.B) {
			task := taskOf(b, fn, "")
			for b.Loop() {
				run(b, e, task, nil)
			}
		})
	}
}
