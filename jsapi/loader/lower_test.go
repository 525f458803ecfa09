package loader

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"
)

func TestMappings(t *testing.T) {
	m := mapping{{0, 0, 0, 0}, {0, 4, 0, 9}, {0, 7, -1, 0}, {2, 1, 5, 3}, {2, 1000, 4, 0}, {9, 3, 100000, 2}}
	got, err := decodeMappings(m.encode(0))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]segment(m), []segment(got), cmp.AllowUnexported(segment{})); d != "" {
		t.Errorf("decode(encode(m)): %s", d)
	}
	lookups := []struct {
		name              string
		line, col         int
		wantLine, wantCol int
		ok                bool
	}{
		{"first", 0, 0, 0, 0, true},
		{"inside a segment", 0, 6, 0, 9, true},
		{"from nowhere", 0, 8, 0, 0, false},
		{"a line without segments", 1, 0, 0, 0, false},
		{"before the first of its line", 2, 0, 0, 0, false},
		{"far right", 2, 5000, 4, 0, true},
		{"beyond the end", 10, 0, 0, 0, false},
	}
	for _, tt := range lookups {
		line, col, ok := m.lookup(tt.line, tt.col)
		if line != tt.wantLine || col != tt.wantCol || ok != tt.ok {
			t.Errorf("%s: lookup(%d, %d) = %d, %d, %v", tt.name, tt.line, tt.col, line, col, ok)
		}
	}
}

func TestMappingsDamaged(t *testing.T) {
	for _, s := range []string{"!", "g", "AAAAAA", "AADAAAAA", "DAAA", "gggggggggggggB", "A,,é"} {
		if m, err := decodeMappings(s); err == nil && strings.ContainsAny(s, "!gé") {
			t.Errorf("decodeMappings(%q) = %v, want an error", s, m)
		}
	}
}

func FuzzMappings(f *testing.F) {
	f.Add("AAAA;;AACA,CAAC;A")
	f.Add(";gCAAA")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := decodeMappings(s)
		if err != nil {
			return
		}
		m.lookup(1, 1)
		if !slices.IsSortedFunc(m, func(a, b segment) int { return a.line - b.line }) {
			t.Errorf("lines of %v are not in order", m)
		}
	})
}

func TestThrough(t *testing.T) {
	outer := mapping{{0, 0, 3, 2}, {1, 0, 9, 0}, {1, 5, -1, 0}}
	inner := mapping{{3, 0, 7, 1}, {3, 2, 8, 8}}
	want := mapping{{0, 0, 8, 8}, {1, 0, -1, 0}, {1, 5, -1, 0}}
	if d := cmp.Diff([]segment(want), []segment(outer.through(inner)), cmp.AllowUnexported(segment{})); d != "" {
		t.Error(d)
	}
}

// TestLower checks what kind of module a text is taken for; for js and ts.
func TestLower(t *testing.T) {
	tests := []struct {
		name, text string
		ts         bool
		esm, tla   bool
	}{
		{"CommonJS with import()", "module.exports = () => import('x')", false, false, false},
		{"import", "import a from 'x'; a()", false, true, false},
		{"import of nothing", "import 'x'", false, true, false},
		{"export", "export {}", false, true, false},
		{"import.meta", "console.log(import.meta.url)", false, true, false},
		{"await", "await 1", false, true, true},
		{"for await", "for await (const x of y) ;", false, true, true},
		{"export =", "export = 1", true, false, false},
		{"import = require", "import x = require('x'); x()", true, false, false},
		{"only types", "import type { A } from 'x'; let a: A", true, true, false},
		{"a text that speaks of imports", "const a: string = `\n  importance`; module.exports = a", true, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := dialect{loader: api.LoaderJS}
			if tt.ts {
				d = dialect{loader: api.LoaderTS, lower: true}
			}
			low, msgs := lower(tt.text, d)
			if msgs != nil {
				t.Fatal(msgs[0].Text)
			}
			if low.ESM != tt.esm || low.TLA != tt.tla {
				t.Errorf("ESM, TLA = %v, %v, want %v, %v\n%s", low.ESM, low.TLA, tt.esm, tt.tla, low.Code)
			}
		})
	}
}

// TestSplitTemplates: text in a template literal that looks like an import stays text.
func TestSplitTemplates(t *testing.T) {
	text := "const t = `\nimport x from \"nowhere\";\nexport {\n`;\nawait 1;\nconsole.log(t.length);\nexport { t };"
	r := script(t, write(t, "m.mjs", text), "m.mjs")
	if got := r.out.String(); got != "35\n" || r.err != nil {
		t.Errorf("printed %q, %s", got, r.report.Text)
	}
}

// TestDirective: an ES module may begin with one, which esbuild keeps in front of its helpers.
func TestDirective(t *testing.T) {
	for name, text := range map[string]string{
		"m.mjs": "'use strict';\nimport { b } from './n.mjs';\nconsole.log(b);\nexport const a = b;",
		"t.mjs": "'use strict';\nimport { b } from './n.mjs';\nawait 1;\nconsole.log(b);\nexport const a = b;",
	} {
		dir := write(t, name, text, "n.mjs", "'use strict'\nexport const b = 1;")
		if r := script(t, dir, name); r.out.String() != "1\n" || r.err != nil {
			t.Errorf("%s: printed %q, %s", name, r.out.String(), r.report.Text)
		}
	}
}

func TestRecord(t *testing.T) {
	low, msgs := lower("import a, { b, c as d } from 'one'; import * as n from 'two'; import 'three'; export * from 'four'; export { e as f } from 'five';\n"+
		"export const x = a + b + d + b, y = n; export default 1; export { x as 'a b' }", dialect{loader: api.LoaderJS})
	if msgs != nil {
		t.Fatal(msgs[0].Text)
	}
	imports, exports := recordOf(low.Code)
	want := []staticImport{
		{spec: "one", local: "import_one", names: []string{"default", "b", "c"}},
		{spec: "two", local: "n"},
		{spec: "three", local: "import_three"},
		{spec: "four", star: true},
		{spec: "five", local: "import_five", names: []string{"e"}},
	}
	for i := range imports {
		slices.Sort(imports[i].names)
	}
	for i := range want {
		slices.Sort(want[i].names)
	}
	if d := cmp.Diff(want, imports, cmp.AllowUnexported(staticImport{})); d != "" {
		t.Errorf("imports: %s\n%s", d, low.Code)
	}
	if d := cmp.Diff([]string{"a b", "default", "f", "x", "y"}, exports); d != "" {
		t.Errorf("exports: %s", d)
	}
}

// TestOwnDirname: files that look like CommonJS get __dirname and its kin, unless they declare them.
func TestOwnDirname(t *testing.T) {
	for name, text := range map[string]string{
		"free":      "import 'fs'; console.log(typeof __dirname, typeof require, typeof module);",
		"declared":  "import 'fs'; const __dirname = import.meta.dirname; console.log(typeof __dirname, typeof require, typeof module);",
		"a pattern": "import 'fs'; const { dirname: __dirname, __filename } = import.meta; console.log(typeof __dirname, typeof require, typeof module);",
		"require":   "import { createRequire } from 'module'; const require = createRequire(import.meta.url); console.log(typeof __dirname, typeof require, typeof module);",
	} {
		r := script(t, write(t, "m.ts", text), "m.ts")
		if got := r.out.String(); got != "string function object\n" || r.err != nil {
			t.Errorf("%s: printed %q, %s", name, got, r.report.Text)
		}
	}
}

func TestFixedExports(t *testing.T) {
	const text = "export const c = 1; export let l = 2; export function f() {} export async function g() {} export function h() {}\n" +
		"h = 1; export class K {} export { c as 'a b' }; export default 5; export { x } from './x'; export var v = 1; l++; export function* gen() {} function other() { const l = 1; class v {} }"
	for name, more := range map[string]string{"plain": "", "with top-level await": "\nawait 1;"} {
		low, msgs := lower(text+more, dialect{loader: api.LoaderJS, esm: true})
		if msgs != nil {
			t.Fatal(msgs[0].Text)
		}
		got := fixedExports(low.Code)
		slices.Sort(got)
		for i, n := range got {
			if n == "a b" {
				got[i] = "c" // one of the two names
			}
		}
		if d := cmp.Diff([]string{"K", "c", "f", "g", "gen"}, got); d != "" {
			t.Errorf("%s: %s\n%s", name, d, low.Code)
		}
	}
}

func TestCache(t *testing.T) {
	text := "export const a: number = 1; console.log('ran', a);\n" + strings.Repeat("// filler\n", 300)
	dir := write(t, "m.ts", text)
	cache := filepath.Join(dir, "deep", "cache")
	use := func(c *Config) { c.CacheDir = cache }
	entries := func() []string {
		names, _ := filepath.Glob(filepath.Join(cache, "*"))
		return names
	}
	check := func(why string) {
		t.Helper()
		if r := script(t, dir, "m.ts", use); r.out.String() != "ran 1\n" || r.err != nil {
			t.Errorf("%s: printed %q, %s", why, r.out.String(), r.report.Text)
		}
	}
	check("empty")
	names := entries()
	if len(names) != 1 {
		t.Fatalf("cache holds %v, want one entry", names)
	}
	good, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	check("full")
	for why, data := range map[string][]byte{"truncated": good[:len(good)/2], "empty file": nil, "a bit flipped": flip(good), "not JSON": append(make([]byte, 32), 'x')} {
		if err := os.WriteFile(names[0], data, 0o600); err != nil {
			t.Fatal(err)
		}
		check(why)
		if again, _ := os.ReadFile(names[0]); string(again) != string(good) {
			t.Errorf("%s: the entry was not written anew", why)
		}
	}
	cache = filepath.Join(dir, "m.ts", "no folder can be here")
	check("a cache that cannot be")
}

func flip(b []byte) []byte {
	b = slices.Clone(b)
	b[len(b)/2] ^= 1
	return b
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for i, name := range []string{"old" + cacheSuffix, "mid" + cacheSuffix, "new" + cacheSuffix, "other", "new-left", "new-young"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		age := now.Add(time.Duration(i-10) * time.Minute)
		if name == "new-left" {
			age = now.Add(-2 * time.Hour)
		}
		if err := os.Chtimes(path, age, age); err != nil {
			t.Fatal(err)
		}
	}
	prune(dir, 200)
	var left []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if d := cmp.Diff([]string{"mid" + cacheSuffix, "new-young", "new" + cacheSuffix, "other"}, left); d != "" {
		t.Error(d)
	}
}

// BenchmarkLoad measures a CommonJS file from disk to its end: as it is, and lowered, with and without the cache.
func BenchmarkLoad(b *testing.B) {
	unit := "exports.f%d = function (a, b) { const list = [a, b].map(x => x * 2); if (a > b) { return list[0] } return { list, text: 'some text', deep: { a: 1, b: [1, 2, 3] } } };\n"
	big := strings.Repeat(unit, 2<<20/len(unit))
	small := strings.Repeat(unit, 10)
	for _, bb := range []struct{ name, file, text string }{
		{"small", "m.js", small},
		{"small lowered", "m.ts", small},
		{"2MB", "m.js", big},
		{"2MB lowered", "m.ts", big},
	} {
		text := strings.ReplaceAll(bb.text, "%d", "")
		for _, cached := range []bool{false, true} {
			if cached && bb.file == "m.js" {
				continue
			}
			name := bb.name
			if cached {
				name += ", cached"
			}
			b.Run(name, func(b *testing.B) {
				dir := write(b, bb.file, text)
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					r := script(b, dir, bb.file, func(c *Config) {
						if cached {
							c.CacheDir = filepath.Join(dir, "cache")
						}
					})
					if r.err != nil {
						b.Fatal(r.report.Text)
					}
				}
			})
		}
	}
}
