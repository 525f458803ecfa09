package loader

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// write makes a folder with the files, given as name, text, name, text….
func write(t testing.TB, files ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, filepath.FromSlash(files[i]))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// at is the place of the mark in text, with the file's name, as a stack shows it.
func at(name, text, mark string) string {
	i := strings.Index(text, mark)
	if i < 0 {
		panic("no " + mark)
	}
	line := text[strings.LastIndexByte(text[:i], '\n')+1 : i]
	return fmt.Sprintf("%s:%d:%d", name, 1+strings.Count(text[:i], "\n"), len(utf16.Encode([]rune(line)))+1)
}

// TestStacks has each script throw "new Error" and checks where the stack and the report say that it did.
func TestStacks(t *testing.T) {
	tests := []struct{ name, file, text string }{
		{"CommonJS, first line", "m.js", `const pad = 1; throw new Error('x')`},
		{"CommonJS, in a function", "m.js", "function f() {\n  throw new Error('x')\n}\n\nf()"},
		{"CommonJS, after a return at the top", "m.js", "if (0) return; throw new Error('x')"},
		{"CommonJS, return in a block at the top", "m.js", "if (0) { return; }\n   throw new Error('x')"},
		{"CommonJS, return at the top, second line", "m.js", "if (0) return;\n   throw new Error('x')"},
		{"CommonJS, hashbang and byte order mark", "m.js", "\ufeff#!/usr/bin/env node\n  throw new Error('x')"},
		{"CommonJS, async", "m.js", "async function f() {\n  await 1;\n  throw new Error('x')\n}\nf()"},
		{"CommonJS, lowered", "m.js", "async function f() {\n for await (const x of [1]) { console.log(x);\n  throw new Error('x') }\n}\n\nf()"},
		{"ES module", "m.mjs", "import 'fs';\nexport const a = 1;\n  throw new Error('x')"},
		{"ES module without imports", "m.mjs", "let a = 1\n  throw new Error('x')"},
		{"ES module, top-level await", "m.mjs", "import fs from 'fs';\nawait 1;\nconst a = [\n  1,\n\n  2 ];\n  throw new Error('x')"},
		{"ES module, top-level for await", "m.mjs", "for await (const y of [1]) {\n  await 1;\n\n  if (y) throw new Error('x')\n}"},
		{"TypeScript", "m.ts", "interface A {\n  a: number\n}\n\nenum E { X,\n Y }\nconst v: A = { a: 1 }\n\n  throw new Error('x' as string)"},
		{"TypeScript, in a function", "m.ts", "type T = {\n a: 1 }\nfunction f<X>(x: X): never {\n  /* a comment\n   of two lines */\n  throw new Error('x')\n}\nf<T>({ a: 1 })"},
		{"TypeScript, in a method", "m.ts", "class A {\n  private x?: number;\n  m(): void {\n    throw new Error('x')\n  }\n}\nnew A().m()"},
		{"TypeScript, async arrow", "m.ts", "const f = async (n: number): Promise<void> => {\n  await n;\n  throw new Error('x')\n}\n\nf(1)"},
		{"tabs and non-ASCII before it", "m.js", "\tconst é = 'ü'; throw new Error('x')"},
		{"umlauts, emoji and ideographs before it", "m.js", "let a = 1\n/* äö */ const s = '漢字😀'; throw new Error('x')\na = 2"},
		{"such text on lines before and after it", "m.js", "'漢字'; f()\n'ü'\n\nfunction f() {\n  const plain = 1; throw new Error('x')\n}\n'😀'"},
		{"lines in a run of such text", "m.js", "'漢字';\n'ü'; 'é'; const ö = () => { throw new Error('x') }\n'ß'; ö()"},
		{"such text after a return at the top", "m.js", "if (0) return '漢'; throw new Error('x')"},
		{"such text on the second line after a return", "m.js", "if (0) return '漢';\n'漢'; throw new Error('x')"},
		{"such text in an ES module", "m.mjs", "import 'fs';\nexport const ä = '漢字😀'; throw new Error('x')"},
		{"such text in an ES module without imports", "m.mjs", "const ä = '漢字😀'; throw new Error('x')"},
		{"such text with top-level await", "m.mjs", "const ä = `漢字😀${await 1}`; throw new Error('x')"},
		{"such text in TypeScript", "m.ts", "const ä: string = '漢字😀' as any; /漢/u.test(ä); throw new Error('x')"},
		{"such text in lowered CommonJS", "m.js", "async function f() { for await (const ä of ['漢字😀']) { '漢'; throw new Error('x') } }\nf()"},
		{"such text in a tagged template, lowered", "m.ts", "const v = String.raw`漢😀` as any; String.raw`é${1}`; throw new Error('x')"},
		{"such text and a path with spaces", "my dir/é/m.js", "'漢字'; throw new Error('x')"},
		{"a path with spaces", "my dir/m.ts", "type X = 1\n  throw new Error('x')"},
		{"a path with an odd letter", "d%é/m.ts", "type X = 1\n  throw new Error('x')"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, tt.file, tt.text)
			r := script(t, dir, tt.file)
			if r.err == nil {
				t.Fatalf("nothing was thrown; it printed %q", r.out.String())
			}
			full := filepath.Join(dir, filepath.FromSlash(tt.file))
			want := at(full, strings.TrimPrefix(tt.text, "\ufeff"), "new Error")
			got := fmt.Sprintf("%s:%d:%d", r.report.File, r.report.Line, r.report.Col)
			if got != want {
				t.Errorf("report says %s, want %s\n%s", got, want, r.report.Text)
			}
			if !strings.Contains(r.report.Stack, want) {
				t.Errorf("stack without %s:\n%s", want, r.report.Stack)
			}
			if !strings.Contains(r.report.Text, "> ") || !strings.Contains(r.report.Text, "^") {
				t.Errorf("no frame in\n%s", r.report.Text)
			}
			if again := r.loader.MapStack(r.report.Stack); again != r.report.Stack {
				t.Errorf("MapStack changes a stack that is mapped:\n%s\n%s", r.report.Stack, again)
			}
		})
	}
}

// TestStackText: what a script reads in err.stack is its own lines already.
func TestStackText(t *testing.T) {
	text := "interface A { a: 1 }\n\ntry {\n  throw new Error('x')\n} catch (e: any) { console.log(e.stack) }\nexport {}"
	dir := write(t, "m.ts", text)
	r := script(t, dir, "m.ts")
	if want := at(filepath.Join(dir, "m.ts"), text, "new Error"); !strings.Contains(r.out.String(), want) {
		t.Errorf("err.stack = %q, want it to hold %s", r.out.String(), want)
	}
}

// TestElsewhere sends functions away as a master does: by their text, and the place of it. What is thrown there has to
// come back with the user's lines.
func TestElsewhere(t *testing.T) {
	tests := []struct{ name, file, text string }{
		{"CommonJS", "m.js", "\n\nglobalThis.f = (x) => {\n  throw new Error('x' + x) }"},
		{"CommonJS, first line", "m.js", "globalThis.f = function (x) { throw new Error('x' + x) }"},
		{"CommonJS, two alike", "m.js", "globalThis.g = () => { null.x };\n\nglobalThis.g = () => { null.x };\nglobalThis.f = () => {\n  throw new Error('x') }"},
		{"TypeScript", "m.ts", "interface A {\n  a: 1 }\n\n\nenum E { A }\n(globalThis as any).f = (x: number): never => {\n  const y: A = { a: 1 };\n\n  throw new Error('x' + x) }"},
		{"ES module with top-level await", "m.mjs", "await 1;\nglobalThis.f = async (x) => {\n  await 1;\n\n  throw new Error('x' + x) }"},
		{"umlauts, emoji and ideographs", "m.js", "\n\n'漢字'; globalThis.f = (ä) => { const s = '漢字😀'; throw new Error('x' + ä) }"},
		{"such text on the first line", "m.js", "'漢字'; globalThis.f = (ä) => { const s = '漢字😀'; throw new Error('x' + ä) }"},
		{"such text in a path with spaces", "my é/m.js", "'漢字'; globalThis.f = (ä) => { const s = '漢字😀'; throw new Error('x' + ä) }"},
		{"such text in an ES module", "m.mjs", "export const ü = '漢字'; globalThis.f = (ä) => {\n const s = '漢字😀'; throw new Error('x' + ä) }"},
		{"such text in TypeScript", "m.ts", "(globalThis as any).f = (ä: number): never => {\n const s = '漢字😀' as string; throw new Error('x' + ä) }"},
		{"for await", "m.js", "\n\nglobalThis.f = async function f(x) {\n  for await (const y of [1]) {\n\n    throw new Error('x' + x) } }"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, tt.file, tt.text)
			r := script(t, dir, tt.file)
			if r.err != nil {
				t.Fatal(r.report.Text)
			}
			fn := r.loader.rt.Get("f")
			stack := elsewhere(t, r.loader.rt, fn, func(source string) vm.Position {
				pos := r.loader.Locate(source, vm.Position{})
				if pos.File == "" {
					t.Errorf("Locate(%q) found nothing", source)
				}
				return pos
			})
			full := filepath.Join(dir, tt.file)
			want := at(full, tt.text, "new Error")
			if got := r.loader.MapStack(stack); !strings.Contains(got, want) {
				t.Errorf("stack from elsewhere\n%s\nbecomes\n%s\nwant %s", stack, got, want)
			}
		})
	}
}

// elsewhere sends a function, runs it in another runtime and returns the stack of what it throws.
func elsewhere(t *testing.T, from *goja.Runtime, fn goja.Value, locate func(string) vm.Position) string {
	t.Helper()
	sent, err := vm.FunctionOf(from, fn, locate)
	if err != nil {
		t.Fatal(err)
	}
	f, err := vm.DecodeFunction(sent.Encode())
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Compile()
	if err != nil {
		t.Fatal(err)
	}
	rt := goja.New()
	vm.Globals(rt, vm.GlobalsConfig{})
	o, err := f.Bind(rt, p)
	if err != nil {
		t.Fatal(err)
	}
	call, _ := goja.AssertFunction(o)
	res, err := call(goja.Undefined(), rt.ToValue(1))
	if ex, ok := err.(*goja.Exception); ok {
		return ex.Value().ToObject(rt).Get("stack").String()
	}
	promise, ok := res.Export().(*goja.Promise)
	if !ok || promise.State() != goja.PromiseStateRejected {
		t.Fatalf("the function did not throw: %v", res)
	}
	return promise.Result().ToObject(rt).Get("stack").String()
}

func TestLocate(t *testing.T) {
	dir := write(t,
		"m.js", "const f = x => x * (x + 1);\nconst g = x => ({ a: x });\n\n  const twice = () => 1;\nrequire('./n');\nconst more = () => 1;\nconst h = x => ( { a : x } );",
		"n.js", "\n\nexports.twice = () => 1;\n// é 😀\nexports.u = '😀'; exports.v = () => 2;")
	r := script(t, dir, "m.js")
	if r.err != nil {
		t.Fatal(r.report.Text)
	}
	m, n := filepath.Join(dir, "m.js"), filepath.Join(dir, "n.js")
	tests := []struct {
		name, source string
		near, want   vm.Position
	}{
		{"whole", "x => x * (x + 1)", vm.Position{}, vm.Position{File: m, Line: 1, Col: 10}},
		{"as goja prints it", "x => x * (x + 1", vm.Position{}, vm.Position{File: m, Line: 1, Col: 10}},
		{"mended", "x => ({ a: x })", vm.Position{}, vm.Position{File: m, Line: 2, Col: 10}},
		{"mended where there was a space", "x => ( { a : x })", vm.Position{}, vm.Position{File: m, Line: 7, Col: 10}},
		{"twice, near the end", "() => 1", vm.Position{File: m, Line: 7}, vm.Position{File: m, Line: 6, Col: 13}},
		{"twice, near the beginning", "() => 1", vm.Position{File: m, Line: 1}, vm.Position{File: m, Line: 4, Col: 16}},
		{"twice, in the other file", "() => 1", vm.Position{File: n, Line: 90}, vm.Position{File: n, Line: 3, Col: 16}},
		{"after a surrogate pair", "() => 2", vm.Position{}, vm.Position{File: n, Line: 5, Col: 30}},
		{"not there", "() => 3", vm.Position{}, vm.Position{}},
		{"empty", "", vm.Position{}, vm.Position{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.loader.Locate(tt.source, tt.near); got != tt.want {
				t.Errorf("Locate(%q, %v) = %v, want %v", tt.source, tt.near, got, tt.want)
			}
		})
	}
}
