package loader

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestDescribe compares whole reports; $DIR is the folder.
func TestDescribe(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"error in a function", "m.js", "// one\nfunction f() {\n\tthrow new TypeError('boom')\n}\nf()\n", `$DIR/m.js:3
  1 | // one
  2 | function f() {
> 3 |     throw new TypeError('boom')
    |           ^
  4 | }
  5 | f()

TypeError: boom
    at f ($DIR/m.js:3:8)
    at $DIR/m.js:5:2`},
		{"code, properties and cause", "m.js", "const e = new Error('outer', { cause: new RangeError('inner') }); e.code = 'ERR_X'; e.info = { a: 1 }; throw e", `$DIR/m.js:1
> 1 | const e = new Error('outer', { cause: new RangeError('inner') }); e.code = 'ERR_X'; e.info = { a: 1 }; throw e
    |           ^

Error: outer
    at $DIR/m.js:1:11
  code: 'ERR_X'
  info: {"a":1}
  [cause]: RangeError: inner
      at $DIR/m.js:1:39`},
		{"several errors", "m.js", "throw new AggregateError([new Error('a'), 5], 'both')", `$DIR/m.js:1
> 1 | throw new AggregateError([new Error('a'), 5], 'both')
    |       ^

AggregateError: both
    at $DIR/m.js:1:7
  [errors][0]: Error: a
      at $DIR/m.js:1:27
  [errors][1]: 5`},
		{"a string", "m.js", "\n  throw 'text'", `$DIR/m.js:2
  1 |
> 2 |   throw 'text'
    |   ^

Uncaught 'text'`},
		{"an object", "m.js", "throw { a: 1 }", `$DIR/m.js:1
> 1 | throw { a: 1 }
    | ^

Uncaught {"a":1}`},
		{"module not found", "m.js", "\nrequire('./nope')", `$DIR/m.js:2
  1 |
> 2 | require('./nope')
    |        ^

Error: Cannot find module './nope'
Require stack:
- $DIR/m.js
    at require (<anonymous>)
    at $DIR/m.js:2:8
  code: 'MODULE_NOT_FOUND'
  requireStack: ["$DIR/m.js"]`},
		{"syntax, both parsers", "m.js", "let a = 1\nlet b = a b\nlet c", `$DIR/m.js:2
  1 | let a = 1
> 2 | let b = a b
    |           ^
  3 | let c

SyntaxError: Expected ";" but found "b"`},
		{"syntax in TypeScript", "m.ts", "type A = {\n  a: 1\n\nlet x = ;", `$DIR/m.ts:4
  1 | type A = {
  2 |   a: 1
  3 |
> 4 | let x = ;
    |       ^

SyntaxError: Unexpected "="`},
		{"redeclared", "m.js", "let a\nlet a", `$DIR/m.js:2
  1 | let a
> 2 | let a
    |     ^

SyntaxError: The symbol "a" has already been declared`},
		{"end of input", "m.js", "if (1) {\n", `$DIR/m.js:2
  1 | if (1) {
> 2 |
    | ^

SyntaxError: Unexpected end of file`},
		{"flag v", "m.js", "let a = 1\nconst r = /\\p{X=Y}/v", `$DIR/m.js:2
  1 | let a = 1
> 2 | const r = /\p{X=Y}/v
    |           ^

SyntaxError: regular expression flag v (set notation) is not supported by the engine`},
		{"flag d in TypeScript", "m.ts", "type A = 1\n\nconst r: RegExp = /a/dg", `$DIR/m.ts:3
  1 | type A = 1
  2 |
> 3 | const r: RegExp = /a/dg
    |                   ^

SyntaxError: regular expression flag d (match indices) is not supported by the engine`},
		{"modifiers", "m.js", "const r = /a(?i:b)/", `$DIR/m.js:1
> 1 | const r = /a(?i:b)/
    |           ^

SyntaxError: regular expression modifiers (?i:…) is not supported by the engine`},
		{"JSX in JavaScript", "m.js", "const x = <a/>", `$DIR/m.js:1
> 1 | const x = <a/>
    |           ^

SyntaxError: JSX is not understood in this kind of file`},
		{"an export that is not there and not used", "m.mjs",
			"// import { old } from './other.mjs'\nconst t = `\nimport { fake } from './other.mjs'`\nimport { nope as n } from './other.mjs'\nawait 1",
			`$DIR/m.mjs:4
  1 | // import { old } from './other.mjs'
  2 | const t = ` + "`" + `
  3 | import { fake } from './other.mjs'` + "`" + `
> 4 | import { nope as n } from './other.mjs'
    |          ^
  5 | await 1

SyntaxError: The requested module './other.mjs' does not provide an export named 'nope'`},
		{"an export that is not there", "m.mjs", "import fs, { nope } from './other.mjs'\nnope()", `$DIR/m.mjs:1
> 1 | import fs, { nope } from './other.mjs'
    |              ^
  2 | nope()

SyntaxError: The requested module './other.mjs' does not provide an export named 'nope'`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, tt.file, tt.text, "other.mjs", "export default 1")
			r := script(t, dir, tt.file)
			got := strings.ReplaceAll(r.report.Text, dir, "$DIR")
			if got != tt.want {
				t.Errorf("Text is\n%s\nwant\n%s", got, tt.want)
			}
			if r.exit.Err != nil {
				got := strings.ReplaceAll(r.loader.DescribeValue(r.exit.Err.Value).Text, dir, "$DIR")
				if got != tt.want {
					t.Errorf("of the value alone, Text is\n%s\nwant\n%s", got, tt.want)
				}
			}
			if r.report.Exit != 1 {
				t.Errorf("Exit = %d, want 1", r.report.Exit)
			}
		})
	}
}

// TestRequiredSyntaxError: the error names the file that does not parse, not the one that required it, and is one
// that a script can catch.
func TestRequiredSyntaxError(t *testing.T) {
	dir := write(t, "m.js", "try { require('./bad') } catch (e) { console.log(e instanceof SyntaxError, e.stack.split('\\n').slice(0, 3).join('|')) }\nrequire('./bad')", "bad.js", "ok\n  x y")
	r := script(t, dir, "m.js")
	bad := filepath.Join(dir, "bad.js")
	if want := "true " + bad + ":2|  x y|    ^\n"; r.out.String() != want {
		t.Errorf("the script sees %q, want %q", r.out.String(), want)
	}
	if r.report.File != bad || r.report.Line != 2 || r.report.Col != 5 {
		t.Errorf("report of %s:%d:%d, want %s:2:5", r.report.File, r.report.Line, r.report.Col, bad)
	}
}

func TestMainNotFound(t *testing.T) {
	r := script(t, write(t), "gone.js")
	if r.report.Code != "MODULE_NOT_FOUND" || !strings.HasPrefix(r.report.Message, "Cannot find module '") || r.report.Exit != 1 {
		t.Errorf("report = %+v", r.report)
	}
}

func TestFrame(t *testing.T) {
	long := strings.Repeat("a", 300) + "HERE" + strings.Repeat("b", 300)
	dir := write(t, "f.js", "1\n2\n3\n4\n\t\tfive\n6\n7\n8\n9\n", "long.js", long, "crlf.js", "a\r\nb\r\n", "one.js", "x")
	file := func(name string) string { return filepath.Join(dir, name) }
	tests := []struct {
		name, file string
		line, col  int
		want       string
	}{
		{"context and tabs", "f.js", 5, 3, "  2 | 2\n  3 | 3\n  4 | 4\n> 5 |         five\n    |         ^\n  6 | 6\n  7 | 7\n  8 | 8"},
		{"no caret", "one.js", 1, 0, "> 1 | x"},
		{"carriage returns", "crlf.js", 2, 1, "  1 | a\n> 2 | b\n    | ^"},
		{"beyond the line", "one.js", 1, 9, "> 1 | x\n    |  ^"},
		{"long line", "long.js", 1, 301, "> 1 | …" + strings.Repeat("a", 59) + "HERE" + strings.Repeat("b", 55) + "…\n    | " + strings.Repeat(" ", 60) + "^"},
		{"no such line", "one.js", 2, 1, ""},
		{"line 0", "one.js", 0, 1, ""},
		{"no such file", "gone.js", 1, 1, ""},
	}
	r := script(t, dir, "one.js")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.loader.Frame(file(tt.file), tt.line, tt.col); got != tt.want {
				t.Errorf("Frame(%s, %d, %d) =\n%s\nwant\n%s", tt.file, tt.line, tt.col, got, tt.want)
			}
		})
	}
	r.loader.cfg.Color = true
	if got := r.loader.Frame(file("one.js"), 1, 1); !strings.Contains(got, "\x1b[31m^\x1b[0m") {
		t.Errorf("no colour in %q", got)
	}
}
