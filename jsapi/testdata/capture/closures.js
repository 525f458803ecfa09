// Cases of functions that use what is around them. supercluster runs them elsewhere, node here: the lines are the same.
const { run, cases } = require('./harness');

const list = [];
const add = (name, body) => list.push([name, body]);

const num = 42, str = 'text', big = 10n ** 20n, nul = null, und = undefined, nan = NaN, negZero = -0, yes = true;
let changing = 1;
var old = 'var';
const arr = [1, [2, 3], { x: 4 }], obj = { a: 1, b: { c: [2] } }, map = new Map([[1, { a: 2 }], ['k', new Set([1])]]);
const date = new Date(86400000), re = /a(b+)c/gi, bytes = new Uint8Array([1, 2, 3]), err = new RangeError('far');
const cyclic = { name: 'c' }; cyclic.self = cyclic;

// constants and kinds of values
add('number', () => run(() => num));
add('string', () => run(() => str + str.length));
add('bigint', () => run(() => big + 1n));
add('null', () => run(() => nul));
add('undefined', () => run(() => und));
add('typeof undefined', () => run(() => typeof und));
add('NaN', () => run(() => nan));
add('negative zero', () => run(() => Object.is(negZero, -0)));
add('boolean', () => run(() => !yes));
add('let', () => run(() => changing));
add('var', () => run(() => old));
add('array', () => run(() => arr[1][1] + arr.length));
add('object', () => run(() => obj.b.c));
add('map', () => run(() => map.get(1).a + map.size));
add('date', () => run(() => date.getTime()));
add('regexp', () => run(() => 'xABBCx'.replace(re, '$1')));
add('bytes', () => run(() => bytes.reduce((a, b) => a + b, 0)));
add('error', () => run(() => [err.name, err.message, err instanceof RangeError]));
add('cycle', () => run(() => cyclic.self === cyclic && cyclic.self.self.name));
add('whole array', () => run(() => arr));
add('shared reference', () => { const p = { v: 1 }, q = [p, p]; return run(() => [q[0] === q[1], q[0] === p]); });
add('sparse array', () => { const s = [1, , 3]; return run(() => [1 in s, s.length]); });
add('lone surrogate', () => { const s = 'a\ud800'; return run(() => s.charCodeAt(1)); });
add('object with null prototype', () => { const o = Object.assign(Object.create(null), { a: 1 }); return run(() => o.a); });
add('well-known symbol', () => { const it = Symbol.iterator; return run(() => [...{ *[it]() { yield 1; yield 2; } }]); });

// forms of functions
add('arrow with value', () => run((x) => x + num, 1));
add('arrow with object', () => run((x) => ({ x, num }), 1));
add('arrow in parentheses', () => run((x) => (x + num), 1));
add('arrow with body', () => run((x) => { return x + num; }, 1));
add('function expression', () => run(function (x) { return x + num; }, 1));
add('named function expression', () => run(function f(n) { return n > 0 ? f(n - 1) + num : 0; }, 3));
add('async arrow', () => run(async (x) => (await x) + num, 1));
add('async function', () => run(async function (x) { await null; return x * num; }, 2));
add('method', () => run({ m(x) { return x + num; } }.m, 1));
add('async method', () => run({ async m(x) { return x + num; } }.m, 1));
add('method with computed key', () => run({ ['m' + num](x) { return x - num; } }['m42'], 1));
add('static method', () => run(class { static s(x) { return x + num; } }.s, 1));
function declared(x) { return x * num; }
add('declaration', () => run(declared, 2));
add('hoisted declaration', () => run(below, 2));
function below(x) { return x + num; }
add('comment in the text', () => run((x) => /* num? */ x + num, 1));
add('strict by itself', () => run(function () { 'use strict'; return this === undefined && num; }));
add('arguments', () => run(function () { return arguments.length + num; }, 1, 2, 3));
add('rest', () => run((...xs) => xs.length + num, 1, 2));
add('name', () => { const called = () => num; return run(() => called.name); });
add('length', () => { const f = (a, b) => num; return run(() => f.length); });
add('generator inside', () => { function* g(n) { for (let i = 0; i < n; i++) yield i + num; } return run(() => [...g(3)]); });
add('async generator inside', () => {
  async function* g() { yield num; yield* [1, 2]; }
  return run(async () => { const out = []; for await (const x of g()) out.push(x); return out; });
});
add('async helper', () => { const wait = async (x) => x + num; return run(async () => (await wait(1)) + (await wait(2))); });

// parameters
add('default parameter', () => run((x = num) => x));
add('default parameter that calls', () => { const d = () => num * 2; return run((x = d()) => x); });
add('destructured parameter', () => run(({ a, b: { c = num } }) => a + c, { a: 1, b: {} }));
add('destructured array parameter', () => run(([a, [b]], c = num) => a + b + c, [1, [2]]));
add('destructured rest', () => run(({ a, ...rest }, [b, ...more]) => [a, rest, b, more, num], { a: 1, z: 2 }, [3, 4, 5]));
add('default of destructured', () => run(({ a = num } = {}) => a));
add('async with pattern', () => run(async ({ a }) => a + num, { a: 1 }));
add('parameter shadows', () => run((num) => num, 7));
add('default uses earlier parameter', () => run((a, b = a + num) => b, 1));

// shadowing and scopes
add('inner let shadows', () => run(() => { let num = 1; { let num = 2; } return num; }));
add('inner var shadows', () => run(() => { if (true) { var num = 5; } return num; }));
add('block beside outer', () => run(() => { { const num = 1; } return num; }));
add('catch parameter shadows', () => run(() => { try { throw 1; } catch (num) { return num; } }));
add('for head shadows', () => run(() => { for (let num = 0; num < 1; num++) { } return num; }));
add('function name shadows', () => run(() => { function num() { return 1; } return num(); }));
add('class name shadows', () => run(() => { class num { static v = 3; } return num.v; }));
add('label', () => run(() => { str: for (;;) { break str; } return str; }));
add('property name', () => run(() => ({ num: 1 }).num));
add('shorthand', () => run(() => ({ num, str })));
add('computed property', () => run(() => ({ [str]: num })));
add('member of outer', () => run(() => obj['a'] + obj.b.c[0]));
add('template', () => run(() => `${num}-${`${str}`}`));
add('tagged template', () => { const tag = (s, ...v) => s.join('|') + v.join(','); return run(() => tag`a${num}b${str}c`); });
add('typeof', () => run(() => [typeof num, typeof declared, typeof nowhere]));
add('optional chaining', () => run(() => [nul?.x, obj?.b?.c, und?.()]));
add('nullish', () => run(() => [nul ?? num, und ?? str]));
add('spread', () => run(() => [...arr, ...str, Math.max(...[1, num])]));
add('object spread', () => run(() => ({ ...obj, z: num })));
add('destructuring outer', () => run(() => { const { a, b: { c: [d] } } = obj; return a + d; }));
add('assignment pattern', () => run(() => { let a, b; ({ a, b = num } = { a: 1 }); [a, b] = [b, a]; return [a, b]; }));
add('switch', () => run((x) => { switch (x) { case num: return 'num'; default: return str; } }, 42));
add('for in', () => run(() => { const ks = []; for (const k in obj) ks.push(k); return ks; }));
add('for of', () => run(() => { let s = 0; for (const x of [1, 2, num]) s += x; return s; }));
add('closure in closure', () => run(() => [1, 2].map((x) => [3].map((y) => x * y + num))));
add('conditional', () => run(() => (yes ? num : str)));
add('comma', () => run(() => (1, num)));
add('delete', () => run(() => { const o = { ...obj }; delete o.a; return o; }));
add('in', () => run(() => 'a' in obj));
add('instanceof', () => run(() => map instanceof Map));
add('new', () => run(() => new Date(date).getTime()));
add('getter in literal', () => run(() => ({ get g() { return num; } }).g));
add('exponent', () => run(() => num ** 2));
add('logical assignment', () => run(() => { let a = null; a ??= num; a &&= a + 1; return a; }));
add('unicode name', () => { const größe = 3, $ = 4, _ = 5; return run(() => größe + $ + _); });
add('name of a property of Object', () => { const toString = 3, constructor = 4; return run(() => toString + constructor); });
add('name that a worker has', () => { const console = { log: () => 9 }; return run(() => console.log()); });
add('name undefined in a worker', () => { const process = { pid: 1 }; return run(() => process.pid); });

// loops and blocks around
add('let per iteration', async () => { const out = []; for (let i = 0; i < 3; i++) out.push(await run(() => i)); return out; });
add('let per iteration, later', async () => { const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i * num); const out = []; for (const f of fs) out.push(await run(f)); return out; });
add('var in a loop', async () => { var fs = []; for (var i = 0; i < 3; i++) fs.push(() => i); const out = []; for (const f of fs) out.push(await run(f)); return out; });
add('const of', async () => { const out = []; for (const x of ['a', 'b']) out.push(await run(() => x + num)); return out; });
add('const in', async () => { const out = []; for (const k in { p: 1, q: 2 }) out.push(await run(() => k)); return out; });
add('destructured loop', async () => { const out = []; for (const [k, { v }] of [['a', { v: 1 }], ['b', { v: 2 }]]) out.push(await run(() => k + v)); return out; });
add('catch variable', async () => { try { throw new TypeError('caught'); } catch (e) { return run(() => e.message + e.name); } });
add('catch pattern', async () => { try { throw { code: 5 }; } catch ({ code }) { return run(() => code); } });
add('block scope', () => { { const inner = 'in'; return run(() => inner); } });
add('switch scope', () => { switch (1) { case 1: { const s = 's1'; return run(() => s); } } });
add('parameter of outer', () => ((p, { q }) => run(() => p + q))(1, { q: 2 }));
add('rest of outer', () => ((...r) => run(() => r.length))(1, 2, 3));
add('arguments of arrow', () => (function () { const n = arguments.length; return run(() => n); })(1, 2));
add('nested scopes', () => ((a) => ((b) => ((c) => run(() => a + b + c + num))(3))(2))(1));
add('changed before sending', () => { let n = 1; n = 5; return run(() => n); });
add('changed after sending', async () => { let n = 1; const p = run(() => n); await p; n = 2; return p; });
add('changed between', async () => { let n = 1; const f = () => n; const a = await run(f); n = 2; return [a, await run(f)]; });
add('object changed between', async () => { const o = { n: 1 }; const f = () => o.n; const a = await run(f); o.n = 2; return [a, await run(f)]; });

// helpers
const double = (x) => x * 2, add1 = (x) => double(x) + 1;
add('helper', () => run((x) => double(x), 4));
add('helper of helper', () => run((x) => add1(x), 4));
function fact(n) { return n <= 1 ? 1 : n * fact(n - 1); }
add('recursion', () => run(fact, 6));
add('recursion inside', () => run(() => fact(5)));
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
add('recursive arrow', () => run(fib, 10));
const even = (n) => n === 0 || odd(n - 1), odd = (n) => n !== 0 && even(n - 1);
add('mutual recursion', () => run((n) => [even(n), odd(n)], 7));
add('mutual recursion itself', () => run(even, 8));
function a3(n) { return n ? b3(n - 1) : 'a'; } function b3(n) { return n ? c3(n - 1) : 'b'; } function c3(n) { return n ? a3(n - 1) : 'c'; }
add('three in a circle', () => run(() => [a3(4), a3(5), b3(7)]));
const table = { plus: (a, b) => a + b, times: (a, b) => a * b, self: null }; table.self = table;
add('table of functions', () => run((op) => table[op](num, 2), 'times'));
add('table with itself', () => run(() => table.self.self.plus(1, 2)));
add('function in a map', () => { const m = new Map([['f', (x) => x + num]]); return run(() => m.get('f')(1)); });
add('function in an array', () => { const steps = [(x) => x + 1, (x) => x * num, double]; return run((x) => steps.reduce((v, f) => f(v), x), 1); });
const compose = (...fs) => (x) => fs.reduceRight((v, f) => f(v), x);
add('compose', () => run(compose(double, add1), 3));
const curry = (a) => (b) => (c) => [a, b, c, num];
add('curry', () => run(curry(1)(2), 3));
const adder = (n) => (x) => x + n;
add('two of one text', () => { const p = adder(1), q = adder(10); return run((x) => [p(x), q(x), p !== q], 1); });
add('same function twice', () => { const p = adder(1), q = p; return run(() => p === q); });
add('method that uses this', () => { const o = { n: 3, get() { return this.n + num; } }; return run(() => o.get()); });
add('getter of outer is read', () => { const o = { get g() { return num; } }; return run(() => o.g); });
add('memo', () => { const cache = {}; const m = (k) => cache[k] ??= k * num; return run(() => [m(2), m(2), Object.keys(cache)]); });
add('helper with properties', () => { function f() { return f.step + 1; } f.step = 41; return run(() => f()); });
add('helper as argument', () => run((f, x) => f(x), double, 4));
add('closure as argument', () => run((f, x) => f(x), adder(7), 1));
add('functions in an argument', () => run((o) => o.f(1) + o.g[0](2), { f: (x) => x + num, g: [(x) => x * num] }));
add('default export style', () => { const api = { default: (x) => x + num }; return run(() => api.default(1)); });
add('immediately called', () => { const v = (() => { const secret = 5; return () => secret; })(); return run(v); });
add('module pattern', () => { const m = (() => { const p = 1; return { get: () => p + num }; })(); return run(() => m.get()); });
add('callback style', () => { const each = (xs, cb) => { for (const x of xs) cb(x); }; return run(() => { const out = []; each([1, 2], (x) => out.push(x * num)); return out; }); });
add('event names', () => { const on = {}; const reg = (k, f) => { on[k] = f; }; reg('a', () => num); return run(() => on.a()); });

// variables that functions share
add('counter', () => { let n = 0; const inc = () => ++n; return run(() => { inc(); inc(); return n; }); });
add('counter pair', () => { const make = () => { let n = 0; return { inc: () => ++n, get: () => n }; }; const c = make(); return run(() => { c.inc(); c.inc(); return c.get(); }); });
add('two counters', () => { const make = () => { let n = 0; return () => ++n; }; const a = make(), b = make(); return run(() => [a(), a(), b()]); });
add('two counter pairs', () => { const make = () => { let n = 0; return { inc: () => ++n, get: () => n }; }; const a = make(), b = make(); return run(() => { a.inc(); a.inc(); b.inc(); return [a.get(), b.get()]; }); });
add('compound assignment', () => { let s = 'a'; const app = (x) => { s += x; }; return run(() => { app('b'); app('c'); return s; }); });
add('destructuring assignment', () => { let p = 1, q = 2; const swap = () => { [p, q] = [q, p]; }; return run(() => { swap(); return [p, q]; }); });
add('object assignment pattern', () => { let p, q; const set = (o) => { ({ p, q = 9 } = o); }; return run(() => { set({ p: 1 }); return { p, q }; }); });
add('shared function variable', () => { let f = () => 1; const set = (g) => { f = g; }; return run(() => { const a = f(); set(() => 2); return [a, f(), f`x`]; }); });
add('for of assignment', () => { let last; const walk = (xs) => { for (last of xs); }; return run(() => { walk([1, 2]); return last; }); });
add('set once', () => { let cache; const get = () => cache ?? (cache = num); return run(() => [get(), get(), cache]); });
add('shared with shadow', () => { let n = 1; const set = () => { n = 2; }; return run(() => { const r = ((n) => n)(5); set(); return [r, n]; }); });
add('typeof shared', () => { let n; const set = () => { n = 's'; }; return run(() => { const a = typeof n; set(); return [a, typeof n]; }); });
let moduleCount = 0; function bump() { moduleCount += 1; return moduleCount; }
add('of the module', () => run(() => [bump(), bump(), moduleCount]));
add('object shared', () => { const o = { n: 0 }; const inc = () => { o.n++; }; return run(() => { inc(); inc(); return o.n; }); });

// classes
class Base { constructor(n = 1) { this.n = n; } get twice() { return this.n * 2; } plus(x) { return this.n + x + num; } static make(n) { return new this(n); } }
class Derived extends Base { constructor(n) { super(n); this.d = true; } plus(x) { return super.plus(x) + 1000; } }
class Secret { #v; static #count = 0; constructor(v) { this.#v = v; Secret.#count++; } #hid() { return this.#v + num; } get() { return this.#hid(); } static count() { return Secret.#count; } has(o) { return #v in o; } }
add('class', () => run(() => new Base(2).plus(1)));
add('class getter', () => run(() => new Base(4).twice));
add('class static', () => run(() => Base.make(3).n));
add('class extends', () => run(() => new Derived(2).plus(1)));
add('class instanceof', () => run(() => [new Derived(1) instanceof Base, new Derived(1) instanceof Derived]));
add('class name', () => run(() => [Base.name, new Derived(1).constructor.name]));
add('private members', () => run(() => { const s = new Secret(1); return [s.get(), Secret.count(), s.has(s), s.has({})]; }));
add('class field', () => { class F { a = num; static s = str; b = () => this.a; } return run(() => [new F().b(), F.s]); });
add('static block', () => { class S { static v; static { this.v = num + 1; } } return run(() => S.v); });
add('class expression', () => { const C = class { v = num; }; return run(() => [new C().v, C.name]); });
add('class in a closure', () => { const mk = (n) => class { get() { return n; } }; const A = mk(1), B = mk(2); return run(() => [new A().get(), new B().get()]); });
add('mixin', () => { const Loud = (B) => class extends B { say() { return super.say().toUpperCase(); } }; class P { say() { return str; } } const L = Loud(P); return run(() => new L().say()); });
add('class and helper in a circle', () => { class N { constructor(v) { this.v = v; } next() { return make(this.v + 1); } } function make(v) { return new N(v); } return run(() => [make(1).next().v, make(1).next() instanceof N]); });
add('class uses itself', () => { class N { static of() { return new N(); } v = num; } return run(() => N.of().v); });
add('extends built-in', () => { class MyError extends Error { constructor(m) { super(m); this.name = 'MyError'; } } return run(() => { try { throw new MyError('m'); } catch (e) { return [e instanceof MyError, e instanceof Error, e.name, e.message]; } }); });
add('extends Map', () => { class D extends Map { get(k) { return super.get(k) ?? num; } } return run(() => new D([[1, 2]]).get(3)); });
add('extends null', () => { class X extends Object { v = 1; } return run(() => new X().v); });
add('old class', () => { function P(x) { this.x = x; } P.prototype.sum = function (y) { return this.x + y + num; }; return run(() => new P(1).sum(2)); });
add('old class extends', () => {
  function A(x) { this.x = x; } A.prototype.get = function () { return this.x; };
  function B(x) { A.call(this, x); } B.prototype = Object.create(A.prototype); B.prototype.constructor = B; B.prototype.two = function () { return this.get() * 2; };
  return run(() => [new B(4).two(), new B(1) instanceof A]);
});
add('instance', () => { const b = new Base(5); return run(() => b.plus(1)); });
add('instance of derived', () => { const d = new Derived(5); return run(() => [d.plus(1), d.d, d instanceof Base]); });
add('instances in a list', () => { const l = [new Base(1), new Base(2)]; return run(() => l.map((b) => b.twice)); });
add('toString of a class', () => { class T { toString() { return `T${num}`; } } return run(() => `${new T()}`); });
add('accessor pair', () => { class T { #x = 0; get x() { return this.#x; } set x(v) { this.#x = v + num; } } return run(() => { const t = new T(); t.x = 1; return t.x; }); });
add('generator method', () => { class T { *[Symbol.iterator]() { yield 1; yield num; } } return run(() => [...new T()]); });
add('async method of a class', () => { class T { async m() { return num; } } return run(async () => (await new T().m()) + 1); });
add('singleton', () => { class S { static #i; static get() { return S.#i ??= new S(); } v = num; } return run(() => S.get() === S.get() && S.get().v); });
add('class as value', () => { const kinds = { Base, Derived }; return run((k) => new kinds[k](2).plus(0), 'Derived'); });

// parts of the language and of node
const { floor, max, PI } = Math, { keys, entries } = Object, has = Object.prototype.hasOwnProperty, log = console.log, J = JSON, slice = Array.prototype.slice, P = Promise;
add('floor', () => run(() => floor(2.7) + max(1, 2) + PI));
add('keys', () => run(() => [keys(obj), entries(obj).length]));
add('hasOwnProperty', () => run(() => has.call(obj, 'a')));
add('log', () => run(() => typeof log));
add('JSON', () => run(() => J.stringify(obj)));
add('slice', () => run(() => slice.call(arr, 1, 2)));
add('Promise', () => run(async () => (await P.all([1, P.resolve(2)])).length));
add('constructor', () => { const { Map: M, Set: S } = globalThis; return run(() => new M([[1, 2]]).size + new S([1, 2]).size); });
add('parse', () => { const p = parseInt, n = Number; return run(() => p('12px') + n('3')); });
const path = require('path'), { join } = require('path'), util = require('node:util'), { EventEmitter } = require('events'), assert = require('assert');
add('path', () => run(() => path.basename('/a/b.txt', '.txt')));
add('join', () => run(() => join('a', '..', 'b')));
add('util', () => run(() => util.format('%s-%d', str, num)));
add('EventEmitter', () => run(() => { const e = new EventEmitter(); let got; e.on('x', (v) => { got = v + num; }); e.emit('x', 1); return got; }));
add('assert', () => run(() => { try { assert.strictEqual(1, 2); } catch (e) { return e.code; } }));
add('extends EventEmitter', () => { class E extends EventEmitter { fire() { this.emit('f', num); } } return run(() => { const e = new E(); let v; e.on('f', (x) => { v = x; }); e.fire(); return v; }); });
add('require inside', () => run(() => require('path').extname('a.js') + num));
add('Buffer', () => { const b = Buffer.from('hi'); return run(() => b.toString() + Buffer.from(str).length); });
globalThis.shared = { v: 3 };
add('own global', () => run(() => shared.v + num));

// modules beside this one
const helper = require('./lib/helper'), { scale, Shape } = require('./lib/helper'), config = require('./lib/config.json'), data = require('./lib/data');
add('module', () => run(() => helper.scale(3)));
add('function of a module', () => run(() => scale(4)));
add('class of a module', () => run(() => new Shape(2).area()));
add('JSON module', () => run(() => config.name + config.list.length));
data.changed = 1;
add('data module', () => run(() => data.level + data.changed));
add('made by a module', () => run(helper.adder(5), 1));
add('module required inside', () => run(() => require('./lib/helper').scale(5)));
add('import inside', () => run(async () => (await import('./lib/second.mjs')).default(2)));
add('module that is a function', () => { const f = require('./lib/single'); return run(() => f(1)); });
add('constant of a module', () => { const { FACTOR } = helper; return run(() => FACTOR); });

cases(list);
