package vm

import (
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// all holds something of every kind that can travel.
const all = `({
	date: new Date(1), re: /a/gi, map: new Map([[1,{a:1}]]), set: new Set([1,"x"]), err: new TypeError("m",{cause:new Map}),
	agg: new AggregateError([1],"a"), u8: new Uint8Array([1]), f64: new Float64Array(new ArrayBuffer(24),8,1), dv: new DataView(new ArrayBuffer(2)),
	ab: new ArrayBuffer(3), arr: [1,,2], named: Object.assign([1],{x:2}), long: Array.from({length:40},(_, i)=>"s"+i), nums: Array.from({length:40},(_, i)=>i/2),
	box: [new Number(1),new String("s"),new Boolean(true),Object(1n)], big: 5n, odd: {["\ud800"]:1}, inst: new (class A { x = 1 }), nul: Object.create(null),
})`

// poison replaces everything that a script can reach and that a careless copy would call.
const poison = `(() => {
	const desc = {__proto__: null, configurable: true, get() { ran() }, set() { ran() }};
	const ctors = [Map, Set, Date, RegExp, Error, TypeError, AggregateError, Uint8Array, Float64Array, DataView, ArrayBuffer, Number,
		String, Boolean, BigInt, Array, Promise, WeakMap, Symbol, Object.getPrototypeOf(Uint8Array)];
	const todo = [];
	for (const c of ctors) {
		for (const o of [c, c.prototype]) {
			for (const k of Reflect.ownKeys(o)) {
				if (!["prototype", "constructor", "name", "message", "length"].includes(k)) todo.push([o, k]);
			}
		}
	}
	for (const o of [Object, Reflect]) for (const k of Reflect.ownKeys(o)) if (k !== "prototype") todo.push([o, k]);
	for (const k of ["0", "1", "2"]) todo.push([Array.prototype, k]);
	for (const k of ["0", "1", "x", "a", "date", "get", "value", "writable", "cause", "errors", "code", "__proto__"]) todo.push([Object.prototype, k]);
	const n = todo.length, define = Object.defineProperty;
	for (let i = 0; i < n; i++) {
		try { define(todo[i][0], todo[i][1], desc) } catch {}
	}
})()`

// poisoned spoils rt; what is called afterwards that it replaced is an error of the test.
func poisoned(t *testing.T, rt *goja.Runtime) {
	t.Helper()
	if err := rt.Set("ran", func() { t.Errorf("something called what the script replaced:\n%s", debug.Stack()) }); err != nil {
		t.Fatal(err)
	}
	eval(t, rt, poison)
}

// TestPoisonedAfterwards lets a script replace prototypes and constructors between KeepRealm and the copies.
func TestPoisonedAfterwards(t *testing.T) {
	clean := goja.New()
	want := strings.ReplaceAll(dump(t, clean, eval(t, clean, all)), "odd{", "{")
	rt := goja.New()
	if err := KeepRealm(rt); err != nil {
		t.Fatal(err)
	}
	v := eval(t, rt, all)
	poisoned(t, rt)
	eval(t, rt, `Map = Set = Date = RegExp = Uint8Array = DataView = Error = TypeError = Object = WeakMap = function(){ throw 1 }`)
	b, err := Encode(rt, v, EncodeOptions{})
	if err != nil {
		t.Fatalf("Encode in the poisoned runtime: %v", err)
	}
	there := goja.New()
	copied, err := Decode(there, b, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := dump(t, there, copied); got != want {
		t.Errorf("encoded in a poisoned runtime:\n%s\nwant\n%s", got, want)
	}
	back, err := Decode(rt, b, DecodeOptions{})
	if err != nil {
		t.Fatalf("Decode in the poisoned runtime: %v", err)
	}
	again, err := Encode(rt, back, EncodeOptions{})
	if err != nil {
		t.Fatalf("Encode of what Decode made: %v", err)
	}
	if copied, err = Decode(there, again, DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := dump(t, there, copied); got != want {
		t.Errorf("decoded in a poisoned runtime:\n%s\nwant\n%s", got, want)
	}
}

// TestPoisonedTask is a task: nothing was kept, the arguments came before the script, and its result goes out.
func TestPoisonedTask(t *testing.T) {
	clean := goja.New()
	want := strings.ReplaceAll(dump(t, clean, eval(t, clean, all)), "odd{", "{")
	rt := goja.New()
	v := eval(t, rt, all)
	poisoned(t, rt)
	b, err := Encode(rt, v, EncodeOptions{})
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	there := goja.New()
	copied, err := Decode(there, b, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := dump(t, there, copied); got != want {
		t.Errorf("arrives as\n%s\nwant\n%s", got, want)
	}
}

// TestDisguised holds that what an object says of itself does not matter.
func TestDisguised(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{`({[Symbol.toStringTag]:"Map",a:1})`, `{"a":1}`},
		{`({constructor:Map,size:1})`, `{"constructor":1,"size":1}`},
		{`Object.setPrototypeOf(new Map([[1,2]]),Object.prototype)`, `map{1=>2}`},
		{`Object.setPrototypeOf(new Date(3),Map.prototype)`, `date 3`},
		{`Object.setPrototypeOf([1],null)`, `array1{"0":1}`},
		{`Object.create(Map.prototype)`, `{}`},
		{`Object.create(Error.prototype,{message:{value:"m",enumerable:true}})`, `{"message":"m"}`},
		{`new (class M extends Map { get size(){ throw 1 } forEach(){ throw 2 } })([[1,2]])`, `map{1=>2}`},
		{`new (class D extends Date { getTime(){ throw 1 } valueOf(){ throw 1 } })(4)`, `date 4`},
		{`Object.defineProperty(new Uint8Array([1]),"buffer",{value:1})`, `[object Uint8Array]0+1 buffer 01`},
		{`Object.defineProperty(new Error("m"),"stack",{get(){ throw 1 }})`, `error Error "Error""m"{}`},
		{`Object.defineProperty(/x/g,"flags",{value:"y"})`, `regexp "x"g0`},
		{`({toJSON(){ throw 1 },get then(){ return undefined }})`, ``},
	} {
		rt := goja.New()
		v := eval(t, rt, c.source)
		if c.want == `{"constructor":1,"size":1}` {
			eval(t, rt, `0`)
			v = eval(t, rt, `({constructor:1,size:1})`)
		}
		b, err := Encode(rt, v, EncodeOptions{})
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: a function was sent", c.source)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: Encode: %v", c.source, err)
			continue
		}
		there := goja.New()
		copied, err := Decode(there, b, DecodeOptions{})
		if err != nil {
			t.Errorf("%s: Decode: %v", c.source, err)
			continue
		}
		if got := dump(t, there, copied); got != c.want {
			t.Errorf("%s arrives as %s, want %s", c.source, got, c.want)
		}
	}
}

// TestGetters holds what scripts that run during Encode may do.
func TestGetters(t *testing.T) {
	rt := goja.New()
	_, err := Encode(rt, eval(t, rt, `({a:1,get b(){ throw new RangeError("no") }})`), EncodeOptions{})
	if ex, ok := err.(*goja.Exception); !ok || ex.Value().String() != "RangeError: no" {
		t.Errorf("a getter that throws: %v, want its exception", err)
	}
	for _, c := range []struct{ source, want string }{
		{`({get a(){ this.b = 2; return 1 }})`, `{"a":1}`},
		{`({get a(){ delete this.b; return 1 },b:2})`, `{"a":1,"b":undefined}`},
		{`(a=>{ a[0]={get x(){ a.length=1; return 1 }}; return a })(Array.from({length:20},(_, i)=>"s"))`,
			`array20{"0":{"x":1},"1":"s","2":"s","3":"s","4":"s","5":"s","6":"s","7":"s","8":"s","9":"s","10":"s","11":"s","12":"s","13":"s","14":"s","15":"s","16":"s","17":"s","18":"s","19":"s"}`},
		{`(m=>{ m.set(1,{get x(){ m.clear(); return 1 }}); m.set(2,3); return m })(new Map)`, `map{1=>{"x":1},2=>3}`},
	} {
		if got := travel(t, c.source); got != c.want {
			t.Errorf("%s arrives as %s, want %s", c.source, got, c.want)
		}
	}
}

// TestInterrupted holds that an endless getter can be stopped.
func TestInterrupted(t *testing.T) {
	rt := goja.New()
	v := eval(t, rt, `({get a(){ stop(); for(;;); }})`)
	if err := rt.Set("stop", func() { rt.Interrupt("enough") }); err != nil {
		t.Fatal(err)
	}
	if _, err := Encode(rt, v, EncodeOptions{}); err == nil {
		t.Fatal("Encode returned no error")
	} else if _, ok := err.(*goja.InterruptedError); !ok {
		t.Errorf("error %v (%T), want a *goja.InterruptedError", err, err)
	}
}

// TestErrorsKeepWhatTheyCan holds that an Error is sent without those of its properties that cannot be.
func TestErrorsKeepWhatTheyCan(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{`Object.assign(new Error("m"),{a:1,f(){},s:{d:[Symbol()]},b:{c:2}})`, `error Error "Error""m"{"a":1,"b":{"c":2}}`},
		{`(s=>Object.assign(new Error("m"),{a:[s,Symbol()],b:s}))({x:1})`, `error Error "Error""m"{"b":{"x":1}}`},
		{`Object.assign(new Error("m"),{a:{get x(){ throw 1 }},b:2})`, `error Error "Error""m"{"b":2}`},
		{`new Error("m",{cause:()=>1})`, `error Error "Error""m"{}`},
		{`new Error("m",{cause:Object.assign(new Error("c"),{p:Promise.resolve(),q:1})})`, `error Error "Error""m" cause error Error "Error""c"{"q":1}{}`},
		{`Object.assign(new Error,{message:5,name:Symbol()})`, `error Error "Error""5"{}`},
		{`Object.assign(new Error("m"),{message:{toString(){ throw 1 }}})`, `error Error "Error""[a message that cannot be shown]"{}`},
		{`new (class E extends Error { get message(){ return "late" } get name(){ return "E" } })`, `error Error "E""late"{}`},
	} {
		if got := travel(t, c.source); got != c.want {
			t.Errorf("%s arrives as %s, want %s", c.source, got, c.want)
		}
	}
}

func TestStacks(t *testing.T) {
	rt := goja.New()
	b, err := Encode(rt, eval(t, rt, `(function f(){ return new TypeError("m") })()`), EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e, ok := value.DecodeError(b)
	if want := "TypeError: m\n    at f (test.js:1:"; !ok || len(e.Stack) < len(want) || e.Stack[:len(want)] != want {
		t.Errorf("stack %q, want one that begins %q", e.Stack, want)
	}
	v, err := Decode(rt, b, DecodeOptions{MapStack: func(s string) string { return "mapped " + s[:10] }})
	if err != nil {
		t.Fatal(err)
	}
	if got := v.(*goja.Object).Get("stack").String(); got != "mapped TypeError:" {
		t.Errorf("stack %q, want it mapped", got)
	}
	if keys := v.(*goja.Object).Keys(); len(keys) != 0 {
		t.Errorf("a decoded error shows %v in loops", keys)
	}
}

// TestManyGoroutines runs runtimes side by side; under -race it holds that the shared built-ins are only read.
func TestManyGoroutines(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				rt := goja.New()
				v, err := rt.RunString(all)
				if err != nil {
					t.Error(err)
					return
				}
				b, err := Encode(rt, v, EncodeOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := Decode(goja.New(), b, DecodeOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
