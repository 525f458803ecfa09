package vm

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// runBoth runs src as it is and with grown strings, and returns what each gave and how many variables were rewritten.
func runBoth(t testing.TB, src string) (plain, grown string, rewritten int) {
	t.Helper()
	eval := func(grow bool) string {
		tree, err := goja.Parse("t.js", src, parser.WithDisableSourceMaps)
		if err != nil {
			t.Fatalf("parse: %v\n%s", err, src)
		}
		if grow {
			GrowStrings(tree, src)
			rewritten = countCompanions(tree)
		}
		p, err := goja.CompileAST(tree, false)
		if err != nil {
			t.Fatalf("compile, grown %v: %v\n%s", grow, err, src)
		}
		rt := newRuntime(1000)
		v, err := rt.RunProgram(p)
		if err != nil {
			return "threw " + err.Error()
		}
		return v.String()
	}
	return eval(false), eval(true), rewritten
}

// countCompanions counts the flags that are declared.
func countCompanions(tree *ast.Program) (n int) {
	eachBinding(reflect.ValueOf(tree.Body), func(b *ast.Binding) {
		if id, ok := b.Target.(*ast.Identifier); ok && strings.HasSuffix(id.Name.String(), " full") {
			n++
		}
	})
	return n
}

// small makes the steps so short that short programs come to all of them.
func small(t testing.TB) {
	old := growthSteps
	growthSteps = [...]int64{2, 5, 11}
	t.Cleanup(func() { growthSteps = old })
}

func TestGrowStrings(t *testing.T) {
	small(t)
	tests := []struct {
		name, body string
		grown      int
	}{
		{"a loop", `let s = ''; for (let i = 0; i < 40; i++) s += i; return s`, 1},
		{"var", `var s = 'a'; for (var i = 0; i < 40; i++) { s = s + i; } return s + s.length`, 1},
		{"a sum", `let s = ''; for (let i = 0; i < 40; i++) s = s + i + 1; return s`, 1},
		{"a sum that may be of numbers", `let s = ''; s = 1; for (let i = 0; i < 40; i++) s = s + i + 1; return s`, 1},
		{"an append that may be of numbers", `let s = ''; s = f(); function f() { return 3 } for (let i = 0; i < 9; i++) s += i; return s`, 1},
		{"reads between", `let s = '', n = 0; for (let i = 0; i < 40; i++) { s += 'ab'; n += s.length; if (s[3]) s += s.slice(-3) } return s + n`, 1},
		{"assigned between", "let s = ``; for (let i = 0; i < 40; i++) { s += 'ab'; if (i % 7 === 0) s = s.slice(1); if (i % 11 === 0) s = 'new' } return s", 1},
		{"itself", `let s = 'x'; for (let i = 0; i < 5; i++) s += s; for (let i = 0; i < 5; i++) s += s.length + s; return s`, 1},
		{"a logical effect", `let s = ''; for (let i = 0; i < 40; i++) i % 2 && (s += i), i % 3 ? s += 'a' : s += 'b'; return s`, 1},
		{"for's update", `let s = ''; for (let i = 0; i < 40; i++, s += i); return s`, 1},
		{"shorthand", `let s = ''; for (let i = 0; i < 40; i++) s += i; const o = {s}; return o.s + JSON.stringify({s, t: s})`, 1},
		{"read inside", `let s = ''; const get = () => s; for (let i = 0; i < 40; i++) s += get().length + ','; return get()`, 1},
		{"converted to a read", `let s = ''; const o = {toString() { return s.length + ';' }}; for (let i = 0; i < 40; i++) s += o; return s`, 1},
		{"written inside", `let s = ''; const put = (x) => { s += x }; for (let i = 0; i < 40; i++) { put(i); put('-') } return s`, 1},
		{"written by a conversion", `let s = ''; const o = {toString() { s += 'lost'; return 'o' }}; const put = (x) => { s += x }; for (let i = 0; i < 40; i++) { put(i); put(o) } return s`, 1},
		{"written by a right side", `let s = ''; const f = () => { s += 'lost'; return 'f' }; for (let i = 0; i < 40; i++) s += f(); return s`, 0},
		{"thrown in the middle", `let s = ''; for (let i = 0; i < 40; i++) { try { s += i % 3 ? i : null.x } catch { s += 'e' } } return s`, 1},
		{"a symbol", `let s = ''; for (let i = 0; i < 9; i++) { try { s += i === 4 ? Symbol() : i } catch (e) { s += e.name } } return s`, 1},
		{"a generator", `let s = ''; function* g() { let s = ''; for (let i = 0; i < 20; i++) { s += yield s } return s } const it = g(); let r; for (let i = 0; i < 22; i++) r = it.next(i); return String(r.value)`, 1},
		{"before its declaration", `let r = ''; try { f() } catch (e) { r = e.name } let s = ''; function f() { for (;;) { s += 'x'; return } } f(); return r + s`, 1},
		{"a closure for each turn", `const fs = []; for (let i = 0; i < 3; i++) { let s = ''; fs.push((x) => { s += x; return s }) } let r = ''; for (let i = 0; i < 20; i++) r += fs[i % 3](String(i)); return r`, 2},
		{"poisoned prototypes", `let s = ''; String.prototype.concat = Array.prototype.join = Array.prototype.push = () => 'no'; Object.defineProperty(Object.prototype, 'length', {get() { return 1e9 }, configurable: true}); for (let i = 0; i < 40; i++) s += i; return s`, 1},
		{"unicode", `let s = ''; for (let i = 0; i < 40; i++) s += i % 2 ? '😀' : String.fromCharCode(0xd800 + i); return escape(s)`, 1},
		{"a chain of declarations", `let a = 1, s = 'b', c = 2; for (let i = 0; i < 40; i++) s += a + c; return s`, 1},
		{"in a loop of its own", `let all = []; for (let k = 0; k < 3; k++) { let s = ''; for (let i = 0; i < 10; i++) s += i; all.push(s) } return all.join()`, 1},
		{"var in a loop of its own", `var all = []; for (var k = 0; k < 3; k++) { var s = ''; for (var i = 0; i < 10; i++) s += i; all.push(s) } return all.join()`, 1},

		{"no loop", `let s = ''; s += 1; return s`, 0},
		{"taken", `let s = '', r = []; for (let i = 0; i < 9; i++) r.push(s += i); return r.join()`, 0},
		{"incremented", `let s = ''; for (let i = 0; i < 9; i++) { s += i; s++ } return s`, 0},
		{"var used before", `var n = typeof s; var s = ''; for (let i = 0; i < 9; i++) s += i; return s + n`, 0},
		{"var in a branch", `if (!s) { var s = '' } for (let i = 0; i < 9; i++) s += i; return s`, 0},
		{"var not reached", `for (let k = 0; k < 2; k++) { if (k) { for (let i = 0; i < 9; i++) s += i } else { continue } var s = '' } return s`, 0},
		{"var twice", `var s = ''; for (let i = 0; i < 9; i++) { s += i; var s = 'x' } return s`, 0},
		{"eval", `let s = ''; for (let i = 0; i < 9; i++) { s += i; eval('s = s + 1') } return s`, 0},
		{"with", `let s = ''; with ({s: 'w'}) { for (let i = 0; i < 9; i++) s += i } return s`, 0},
		{"taken apart", `let s = ''; for (let i = 0; i < 9; i++) { s += i; [s] = ['a'] } return s`, 0},
		{"a target of for", `let s = ''; for (s of ['a', 'b']) { for (let i = 0; i < 9; i++) s += i } return s`, 0},
		{"called", `let s = ''; try { for (;;) { s += 1; s() } } catch (e) { return e.message }`, 0},
		{"a parameter's name", `return (function (s) { var s = ''; for (let i = 0; i < 9; i++) s += i; return s + arguments[0] })('p')`, 0},
		{"a function's name", `let s = ''; { function s() {} } for (let i = 0; i < 9; i++) s += i; return s`, 0},
		{"another of the name inside", `let s = ''; for (let i = 0; i < 9; i++) { s += i; { let s = 'q'; s += 1 } } return s`, 1},
		{"switch", `let r = ''; for (let i = 0; i < 6; i++) switch (i % 2) { case 0: let s = ''; for (let k = 0; k < 9; k++) s += k; r += s; break; default: try { s += 1 } catch (e) { r += e.name } } return r`, 2},
		{"a class", `let s = ''; class A { static x = (() => { for (let i = 0; i < 9; i++) s += i })(); f = s; static { s += 'st' } m() { s += 'm'; return s } } return new A().f + new A().m()`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plain, grown, n := runBoth(t, "(function () {"+tt.body+"\n})()")
			if plain != grown {
				t.Errorf("grown: %s\nplain: %s", grown, plain)
			}
			if n != tt.grown {
				t.Errorf("%d variables were rewritten, want %d", n, tt.grown)
			}
		})
	}
}

// Random programs give the same with and without.
func TestGrowStringsRandom(t *testing.T) {
	small(t)
	rewritten := 0
	for seed := range uint64(1500) {
		src := (&scribe{rand.New(rand.NewPCG(seed, 1))}).program()
		plain, grown, n := runBoth(t, src)
		rewritten += n
		if plain != grown {
			t.Fatalf("seed %d: grown %s\nplain %s\n%s", seed, grown, plain, src)
		}
	}
	if rewritten < 500 {
		t.Errorf("only %d variables were rewritten: the programs test too little", rewritten)
	}
}

// scribe writes programs that append.
type scribe struct{ *rand.Rand }

func (s *scribe) pick(of ...string) string { return of[s.IntN(len(of))] }

func (s *scribe) value() string {
	return s.pick("i", "'ab'", "1", "null", "a", "b", "a.length", "get()", "obj", "`${a}|${i}`", "b + a", "(i % 2 ? a : b)",
		"'' + i", "put('p')", "a.slice(1)", "i + 1", "'x' + i + a", "(() => b)()", "[a, i]", "{a}.a")
}

func (s *scribe) effect(depth int) string {
	v := s.pick("a", "b")
	switch s.IntN(12) {
	case 0, 1, 2, 3:
		return v + " += " + s.value() + ";"
	case 4:
		return v + " = " + v + " + " + s.value() + ";"
	case 5:
		return v + " = " + v + " + " + s.value() + " + " + s.value() + ";"
	case 6:
		return v + " = " + s.pick("''", "'z'", v+".slice(-9)", "`${a}`", "a + b", "get()") + ";"
	case 7:
		return "i % 3 && (" + v + " += " + s.value() + ");"
	case 8:
		return "try { " + v + " += " + s.pick("null.x", "bad()", "i") + " } catch { " + v + " += 'c' }"
	case 9:
		return "put(" + s.value() + ");"
	case 10:
		return "log.push(" + v + ".length);"
	}
	if depth > 1 {
		return ";"
	}
	return "for (let j = 0; j < 3; j++) { " + s.effect(depth+1) + s.effect(depth+1) + cut + " }"
}

// cut keeps the strings short.
const cut = "if (a.length > 400) a = 'cut'; if (b.length > 400) b = 'cut';"

func (s *scribe) program() string {
	var b strings.Builder
	kind := s.pick("let", "let", "var")
	fmt.Fprintf(&b, "(function () { const log = []; %s a = %s; %s b = ''; ", kind, s.pick("''", "'q'", "`w`"), kind)
	fmt.Fprintf(&b, "const get = () => %s; ", s.pick("'g'", "'g'", "a", "(log.push(b), 'h')", "(a = '', 'r')"))
	fmt.Fprintf(&b, "const put = (x) => { %s; return 'r' }; ", s.pick("log.push(1)", "log.push(1)", "b += x", "a += 'k'", "b = 'm'"))
	fmt.Fprintf(&b, "const obj = { toString() { %s; return 'o' } }; ", s.pick("", "", "a += 'y'", "log.push(a)", "b = ''"))
	b.WriteString("const bad = () => { throw 1 };\n  for (let i = 0; i < 7; i++) {\n")
	for range 1 + s.IntN(5) {
		b.WriteString("    " + s.effect(0) + "\n")
	}
	b.WriteString("    " + cut + "\n  }\n  return JSON.stringify([a, b, log]) })()")
	return b.String()
}

func BenchmarkAppend(b *testing.B) {
	const src = `(function () { let s = ''; for (let i = 0; i < 200000; i++) s += 'x' + i; return s.length })`
	p, err := Compile("t.js", src, false)
	if err != nil {
		b.Fatal(err)
	}
	rt := newRuntime(1000)
	v, err := rt.RunProgram(p)
	if err != nil {
		b.Fatal(err)
	}
	f, _ := goja.AssertFunction(v)
	for b.Loop() {
		if n, err := f(nil); err != nil || n.ToInteger() != 1288890 {
			b.Fatal(n, err)
		}
	}
}

// eachBinding calls found for the bindings of declarations below v.
func eachBinding(v reflect.Value, found func(*ast.Binding)) {
	switch v.Kind() {
	case reflect.Interface:
		eachBinding(v.Elem(), found)
	case reflect.Pointer:
		if v.IsNil() || v.Type().Elem().PkgPath() != programPkg {
			return
		}
		if b, ok := v.Interface().(*ast.Binding); ok {
			found(b)
		}
		eachBinding(v.Elem(), found)
	case reflect.Slice:
		for i := range v.Len() {
			eachBinding(v.Index(i), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "File" && name != "DeclarationList" {
				eachBinding(v.Field(i), found)
			}
		}
	}
}
