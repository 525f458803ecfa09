package vm

import (
	_ "embed"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

//go:embed testdata/values_dump.js
var dumpSource string

// eval runs source in rt and returns its value.
func eval(t testing.TB, rt *goja.Runtime, source string) goja.Value {
	t.Helper()
	v, err := rt.RunScript("test.js", source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return v
}

// dump describes v in full.
func dump(t testing.TB, rt *goja.Runtime, v goja.Value) string {
	t.Helper()
	eval(t, rt, dumpSource)
	f, ok := goja.AssertFunction(eval(t, rt, "dump"))
	if !ok {
		t.Fatal("testdata/values_dump.js defines no dump")
	}
	s, err := f(goja.Undefined(), v)
	if err != nil {
		t.Fatalf("dump: %v", err)
	}
	return s.String()
}

// encode is Encode of what source gives in a runtime of its own.
func encode(t testing.TB, source string) []byte {
	t.Helper()
	rt := goja.New()
	b, err := Encode(rt, eval(t, rt, source), EncodeOptions{})
	if err != nil {
		t.Fatalf("%s: Encode: %v", source, err)
	}
	if err := value.Check(b, value.Limits{}); err != nil {
		t.Fatalf("%s: Encode gives %x: %v", source, b, err)
	}
	return b
}

// travel sends what source gives to another runtime and describes what arrives.
func travel(t testing.TB, source string) string {
	t.Helper()
	rt := goja.New()
	v, err := Decode(rt, encode(t, source), DecodeOptions{})
	if err != nil {
		t.Fatalf("%s: Decode: %v", source, err)
	}
	return dump(t, rt, v)
}

// values is the table of SPEC §7: what a source gives, and its bytes where they are short.
var values = []struct{ name, source, hex string }{
	{"undefined", `undefined`, "c70001"},
	{"null", `null`, "c0"},
	{"true", `true`, "c3"},
	{"zero", `0`, "00"},
	{"minus zero", `-0`, "cb8000000000000000"},
	{"sum that is integral", `0.5+0.5`, "01"},
	{"NaN", `NaN`, "cb7ff8000000000000"},
	{"infinity", `[Infinity,-Infinity]`, "92cb7ff0000000000000cbfff0000000000000"},
	{"largest safe integer", `2**53-1`, "cf001fffffffffffff"},
	{"beyond", `2**53`, "cb4340000000000000"},
	{"smallest number", `5e-324`, "cb0000000000000001"},
	{"bigint zero", `0n`, "d40400"},
	{"bigint", `258n`, "c703040001" + "02"},
	{"negative bigint", `-1n`, "d5040101"},
	{"large bigint", `2n**200n`, ""},
	{"string", `"añ€😀"`, "aa61c3b1e282acf09f9880"},
	{"empty string", `""`, "a0"},
	{"lone surrogates", `"a\ud800"`, "d60f0061d800"},
	{"surrogates in the wrong order", `"\udc00\ud800"`, "d60fdc00d800"},
	{"two highs and a low", `"\ud83d\ud83d\ude00"`, ""},
	{"replacement character", `"\ufffd"`, "a3efbfbd"},
	{"long string", `"ab".repeat(40000)`, ""},
	{"date", `new Date(1)`, "d7033ff0000000000000"},
	{"date before 1970", `new Date(-8.64e15)`, ""},
	{"invalid date", `new Date(NaN)`, "d7037ff8000000000000"},
	{"regexp", `(r=>{r.lastIndex=3; return r})(/a\/b/gi)`, "93c70007a4615c2f62a26769"},
	{"all flags", `/(é)/gimsuy`, ""},
	{"regexp with a slash in brackets", `/[/]/`, "93c70007a35b2f5da0"},
	{"empty regexp", `new RegExp("")`, ""},
	{"array", `[1,[2],[]]`, "93019102" + "90"},
	{"undefined in array", `[undefined,null]`, "92c70001c0"},
	{"holes", `[,1,,,2,]`, "94" + "d60200000001" + "01" + "d60200000002" + "02"},
	{"only holes", `new Array(5)`, "91d60200000005"},
	{"sparse", `(a=>{a[4e9]=1; return a})([])`, ""},
	{"length alone", `new Array(4294967295)`, "92c7000dceffffffff"},
	{"named properties", `Object.assign([1,2],{x:1,"-1":2})`, "9ac7000d" + "02" + "0001" + "0102" + "a17801" + "a22d3102"},
	{"match", `/b(.)?/.exec("abc")`, ""},
	{"long array", `Array.from({length:1000},(_, i)=>"s"+i)`, ""},
	{"long array with a hole", `(a=>{delete a[500]; return a})(Array.from({length:1000},(_, i)=>i))`, ""},
	{"long array with a name", `(a=>{a.x=1; return a})(Array.from({length:1000},(_, i)=>i))`, ""},
	{"small numbers", `Array.from({length:20},(_, i)=>i-10)`, ""},
	{"bytes as numbers", `Array.from({length:20},(_, i)=>i+250)`, ""},
	{"large numbers", `Array.from({length:20},(_, i)=>i*1e8)`, ""},
	{"fractions", `Array.from({length:20},(_, i)=>i/3)`, ""},
	{"minus zeros", `Array.from({length:20},()=>-0)`, ""},
	{"frozen", `Object.freeze(Array.from({length:20},(_, i)=>({i})))`, ""},
	{"elements by getter", `Object.defineProperty([1,2],1,{get(){return 7},enumerable:true})`, ""},
	{"object", `({b:1,a:2})`, "82a16201a16102"},
	{"integer keys first", `({b:1,2:2,1:3})`, "83a13103a13202a16201"},
	{"__proto__ as a name", `JSON.parse('{"__proto__":{"x":1},"a":2}')`, ""},
	{"keys with surrogates", `({["\ud800"]:1,["\ud801"]:2,"ü":3})`, ""},
	{"no prototype", `Object.assign(Object.create(null),{a:1})`, "81a16101"},
	{"class instance", `new (class P { constructor(){ this.x=1 } m(){} get g(){ return 2 } })`, "81a17801"},
	{"getter", `({get a(){ return 3 }})`, "81a16103"},
	{"hidden and symbol properties", `Object.defineProperty({[Symbol("s")]:1,a:1},"h",{value:1})`, "81a16101"},
	{"arguments", `(function(){ return arguments })(1,2)`, ""},
	{"map", `new Map([[1,"a"],["b",{}],[NaN,undefined]])`, ""},
	{"set", `new Set([1,"a",[2]])`, "94c7000601a1619102"},
	{"cycle", `(o=>{o.o=o; return o})({})`, "81a16fd60b00000000"},
	{"cycle of arrays", `(a=>{a.push(a,1,[a]); return a})([])`, "93d60b000000000191d60b00000000"},
	{"cycle through a map", `(m=>{m.set(m,[m]); return m})(new Map)`, ""},
	{"shared", `(o=>[o,o])({})`, "9280d60b00000001"},
	{"bytes", `new Uint8Array([1,2])`, "c4020102"},
	{"no bytes", `new Uint8Array(0)`, "c400"},
	{"buffer", `new Uint8Array([1,2]).buffer`, "d50a0102"},
	{"bytes and then their buffer", `(u=>[u,u.buffer])(new Uint8Array([1]))`, "92c40101d60b00000002"},
	{"buffer and then its bytes", `(u=>[u.buffer,u])(new Uint8Array([1]))`, ""},
	{"views of one buffer", `(b=>[new Int16Array(b,2,2),new DataView(b,1),new Uint8Array(b)])(new ArrayBuffer(8))`, ""},
	{"typed arrays", `[Int8Array,Uint8ClampedArray,Int16Array,Uint16Array,Int32Array,Uint32Array,Float32Array,Float64Array].map(T=>new T([1,2,255]))`, ""},
	{"bigint arrays", `[new BigInt64Array([-1n]),new BigUint64Array([2n**64n-1n])]`, ""},
	{"data view", `new DataView(new ArrayBuffer(3),1,1)`, ""},
	{"error", `new TypeError("m")`, ""},
	{"error of all", `Object.assign(new RangeError("m",{cause:new Error("c")}),{code:"E",n:1})`, ""},
	{"aggregate", `new AggregateError([new Error("a"),1],"m")`, ""},
	{"subclass of error", `new (class MyError extends TypeError { constructor(){ super("m"); this.name="MyError" } })`, ""},
	{"error that causes itself", `(e=>{e.cause=e; return e})(new Error("m"))`, ""},
	{"boxed", `[new Number(-0),new String("a\ud800"),new Boolean(false),Object(3n)]`, ""},
	{"same date twice", `(d=>[d,d])(new Date(5))`, ""},
}

func TestValuesTravel(t *testing.T) {
	for _, c := range values {
		rt := goja.New()
		v := eval(t, rt, c.source)
		b, err := Encode(rt, v, EncodeOptions{})
		if err != nil {
			t.Errorf("%s: Encode: %v", c.name, err)
			continue
		}
		if got := hex.EncodeToString(b); c.hex != "" && got != c.hex {
			t.Errorf("%s: Encode(%s) = %s, want %s", c.name, c.source, got, c.hex)
		}
		if err := value.Check(b, value.Limits{}); err != nil {
			t.Errorf("%s: Check: %v", c.name, err)
		}
		for _, owned := range []bool{false, true} {
			there := goja.New()
			copied, err := Decode(there, b, DecodeOptions{Owned: owned})
			if err != nil {
				t.Errorf("%s: Decode(%x): %v", c.name, b, err)
				break
			}
			want := strings.ReplaceAll(dump(t, rt, v), "odd{", "{")
			if strings.HasPrefix(c.source, "(r=>{r.lastIndex=3") {
				want = strings.TrimSuffix(want, "3") + "0"
			}
			want = strings.ReplaceAll(want, "error TypeError \"MyError\"", "error Error \"MyError\"")
			want = strings.ReplaceAll(want, "error MyError \"MyError\"", "error Error \"MyError\"")
			if got := dump(t, there, copied); got != want {
				t.Errorf("%s: %s arrives as %s, want %s", c.name, c.source, got, want)
			}
			again, err := Encode(there, copied, EncodeOptions{})
			if err != nil || hex.EncodeToString(again) != hex.EncodeToString(b) && !strings.Contains(c.name, "error") {
				t.Errorf("%s: encoded again: %x, %v, want %x", c.name, again, err, b)
			}
		}
	}
}

// TestRefused holds the texts of the errors, which are what a user sees.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{`[{items:[0,1,2,{socket:Symbol("q")}]}]`, `args[0].items[3].socket: a symbol cannot be sent`},
		{`Object(Symbol())`, `args: a symbol cannot be sent`},
		{`[Promise.resolve()]`, `args[0]: a promise cannot be sent; await it first`},
		{`({"a b":new Proxy({},{})})`, `args["a b"]: a proxy cannot be sent`},
		{`({p:new Proxy(function(){},{})})`, `args.p: a proxy cannot be sent`},
		{`(()=>{ const p=Proxy.revocable({},{}); p.revoke(); return p.proxy })()`, `args: a proxy cannot be sent`},
		{`({w:new WeakMap})`, `args.w: a WeakMap cannot be sent`},
		{`new (class extends WeakSet {})`, `args: a WeakSet cannot be sent`},
		{`[[].values()]`, `args[0]: an iterator cannot be sent; make an array of it`},
		{`new Set().entries()`, `args: an iterator cannot be sent; make an array of it`},
		{`(function*(){})()`, `args: an iterator cannot be sent; make an array of it`},
		{`new Map([["k",1],["l",host]])`, `args.get("l"): a host object cannot be sent`},
		{`new Map([[host,1]])`, `args.key(0): a host object cannot be sent`},
		{`new Map([[{},1],[[],host]])`, `args.value(1): a host object cannot be sent`},
		{`new Map([[7,host]])`, `args.get(7): a host object cannot be sent`},
		{`new Set([1,host])`, `args.value(1): a host object cannot be sent`},
		{`hostBytes`, `args: a host object cannot be sent`},
		{`({f(){}})`, `args.f: a function cannot be sent here, only in arguments`},
		{`class A {}; A`, `args: a function cannot be sent here, only in arguments`},
		{`(async()=>1)`, `args: a function cannot be sent here, only in arguments`},
		{`(a=>{a[5000]=Symbol(); return a})([])`, `args[5000]: a symbol cannot be sent`},
		{`Object.assign([],{x:Symbol()})`, `args.x: a symbol cannot be sent`},
		{`[,Symbol()]`, `args[1]: a symbol cannot be sent`},
		{`Array.from({length:50},(_, i)=>i==40?Symbol():i)`, `args[40]: a symbol cannot be sent`},
		{`(o=>{for(let i=0;i<1001;i++)o=[o];return o})(0)`, `args` + strings.Repeat("[0]", 1000) + `: nested more than 1000 deep`},
		{`(o=>{for(let i=0;i<600;i++)o=new Error("",{cause:o});return o})(0)`, ""},
		{`"x".repeat(2000)`, `args: longer than 1000 bytes when encoded`},
		{`[new Uint8Array(2000)]`, `args[0]: longer than 1000 bytes when encoded`},
		{`Array.from({length:2000},()=>1.5)`, `args: longer than 1000 bytes when encoded`},
	} {
		rt := goja.New()
		if err := rt.Set("host", &struct{ X int }{1}); err != nil {
			t.Fatal(err)
		}
		if err := rt.Set("hostBytes", []byte{1}); err != nil {
			t.Fatal(err)
		}
		v := eval(t, rt, c.source)
		b, err := Encode(rt, v, EncodeOptions{Path: "args", MaxBytes: map[bool]int{true: 1000}[strings.Contains(c.want, " 1000 bytes")]})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.source, err)
			}
			continue
		}
		var ve *ValueError
		if !errors.As(err, &ve) || err.Error() != c.want {
			t.Errorf("Encode(%s) = %.20x, %v, want %s", c.source, b, err, c.want)
		}
	}
}

func TestSlashes(t *testing.T) {
	for in, want := range map[string]string{
		`\u002f`: `\/`, `a\u002fb`: `a\/b`, `[\u002f]`: `[/]`, `\[\u002f]`: `\[\/]`, `[\]\u002f]\u002f`: `[\]/]\/`, `\\u002f`: `\\u002f`, `\/`: `\/`,
	} {
		if got := slashes(in); got != want {
			t.Errorf("slashes(%s) = %s, want %s", in, got, want)
		}
	}
}
