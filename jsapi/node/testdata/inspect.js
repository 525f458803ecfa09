// util.inspect over everyday values, with every option. Stacks are left to inspect_errors.js.
'use strict';
const { inspect } = require('util');
class A { constructor() { this.x = 1; } get y() { return 2; } }
class B extends A {}
class M extends Map {}
class Arr extends Array {}
const circ = { a: 1 }; circ.self = circ; circ.b = { c: circ, d: [circ] };
const list = []; list.push(list, { list });
const map = new Map(); map.set('m', map);
const rejected = Promise.reject(new Number(5)); rejected.catch(() => {});
const nullMap = Object.setPrototypeOf(new Map([[1, 2]]), null);
const values = {
  primitives: [1, -0, 1.5, NaN, Infinity, 'a', "it's", `it's "q"`, 'a`\'"${}', '\n\t\x00\x7f\u{1f600}\ud800x', true, null, undefined, Symbol('s'), Symbol(), Symbol('a b'), 10n, -5n, 12345678.125, 1e21, 0.1],
  objects: [{}, { a: 1 }, { a: 1, b: 'x', c: [1, 2, 3] }, { 'a-b': 1, 2: 3, [Symbol('k')]: 4 }, { a: { b: { c: { d: 1 } } } }, [[[[[1]]]]], Object.create(null), Object.assign(Object.create(null), { x: 1 }), new A(), new B(), [new A(), new B()], Object.create(A.prototype), Object.create({}), { __proto__: { x: 1 } }, { ['__proto__']: 1 }, { get a() { return 1; }, set a(v) {}, get b() { return { c: 1 }; }, set c(v) {} }, { f() {}, g: () => 1, h: class Q {}, i: async () => {}, *j() {} }, Object.defineProperty({ a: 1 }, 'hidden', { value: 2, enumerable: false })],
  arrays: [[], [1, 2, 3], [1, , 3], [, , ], new Array(5), [undefined, null], Array.from({ length: 7 }, (_, i) => i), Array.from({ length: 30 }, (_, i) => i * i), Array.from({ length: 101 }, (_, i) => i), Array.from({ length: 200 }, (_, i) => i), Array.from({ length: 27 }, (_, i) => `item${i}`), ['apple', 'banana', 'cherry', 'd', 'e', 'f', 'g', 'hhhhhhhhhhhhhhhhh'], Object.assign([1, 2], { x: 1, '-1': 2 }), new Arr(1, 2, 3), new Arr(), ['a'.repeat(50), 'b'.repeat(40)], [[1, 2, [3, 4, [5, [6]]]], { a: [1, 2, { b: 1 }] }], Array.from({ length: 10 }, (_, i) => ({ id: i })), [1.5, -2, 1000000, 3, 4, 5, 6, 7], [1n, 2n, 3n, 4n, 5n, 6n, 7n], ['a', 1, 2, 3, 4, 5, 6, 7], Array.from({ length: 12 }, (_, i) => [i, i])],
  collections: [new Map(), new Map([[1, 2], ['a', { b: 1 }]]), new Set(), new Set([1, 'a', [1]]), new M([[1, 2]]), new Map([[{ a: 1 }, new Map([[1, new Set([1])]])]]), Object.assign(new Map([[1, 2]]), { x: 1 }), new Map(Array.from({ length: 12 }, (_, i) => [i, i])), new Set(Array.from({ length: 120 }, (_, i) => i)), nullMap],
  weak: [new WeakMap(), new WeakSet()],
  bytes: [new Uint8Array(3), new Float64Array([1.5, 2]), new BigInt64Array(2), new Uint8Array(0), new Uint8Array(200), new ArrayBuffer(5), new ArrayBuffer(0), new ArrayBuffer(120), new DataView(new ArrayBuffer(3)), { b: new ArrayBuffer(3) }, Object.assign(new Uint8Array(2), { x: 1 }), Buffer.from('abc'), Object.assign(Buffer.from('a'), { x: 1 }), { b: Buffer.alloc(60) }],
  circular: [circ, list, map],
  functions: [function () {}, function f() {}, () => {}, class {}, A, B, class extends A {}, async function q() {}, function* g() {}, Object.assign(() => {}, { a: 1, b: { c: 1 } }), Math.max, Math, JSON, Object.setPrototypeOf(function z() {}, null), Object.assign(class Z {}, { q: 1 }), A.prototype, Map.prototype, Array.prototype, Date.prototype, Object.prototype],
  dates: [new Date(0), new Date(NaN), Object.assign(new Date(0), { x: 1 }), /a/g, Object.assign(/a/, { x: 1 }), [new Date(0), /x\/y/], new (class D extends Date {})(0), new (class R extends RegExp {})('x')],
  boxed: [new String('abc'), new Number(3), new Number(-0), new Boolean(false), Object(Symbol('s')), Object(3n), Object.assign(new String('abc'), { x: 1 }), Object.assign(new Number(3), { x: 1 }), new (class S extends String {})('x')],
  proxies: [new Proxy({ a: 1 }, {}), new Proxy([1, 2], {}), new Proxy(function f() {}, {}), new Proxy(new Proxy({ q: 1 }, {}), {}), new Proxy(new A(), { get() { throw new Error('trap'); } }), { p: new Proxy({ a: 1 }, {}) }, Proxy.revocable({}, {}).proxy],
  promises: [Promise.resolve(4), Promise.resolve({ a: 1 }), new Promise(() => {}), rejected],
  strings: ['x'.repeat(200), ['x'.repeat(200)], { a: 'x'.repeat(100) }, { a: 'line1\nline2\nline3 and a lot of text to go over the width of the thing ok' }, ['a\nb'], 'y'.repeat(10005), { key: 'k'.repeat(75) }, { a: 'b', longer_key_name_here: 'v'.repeat(60) }, ['日本語', 'ｆｕｌｌ', 'é']],
  tags: [{ [Symbol.toStringTag]: 'T' }, new (class C { get [Symbol.toStringTag]() { return 'X'; } })(), Object.create(null, { [Symbol.toStringTag]: { value: 'Q' } }), (function () { return arguments; })(1, 2), (function* () {})(), [1][Symbol.iterator]()],
  custom: [{ [inspect.custom]() { return 'CUSTOM'; } }, { [inspect.custom](d, o) { return { depth: d, c: o.compact }; } }, { a: { [inspect.custom](d) { return { x: [1, 2, 3], depth: d }; } } }, { [inspect.custom]: 5 }, { [inspect.custom]() { return 42; } }, { a: { [inspect.custom](d, o, i) { return i({ z: 1 }, o); } } }, { [inspect.custom]() { return null; } }, [{ [inspect.custom]() { return 'multi\nline'; } }], { [inspect.custom](d, o) { return o.stylize('styled', 'number'); } }],
  large: [{ name: 'supercluster', version: '1.0.0', dependencies: { a: '^1.0.0', b: '^2.0.0', c: '^3.0.0' }, scripts: { test: 'node test.js', build: 'make all && make install && echo done' }, list: [{ a: 1, b: 2 }, { a: 3, b: 4 }] }, Array.from({ length: 3 }, (_, i) => ({ id: i, name: `user${i}`, email: `user${i}@example.com`, tags: ['a', 'b'], nested: { x: { y: { z: 1 } } } })), Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i])), { a: 1, b: { c: 2, d: { e: 3, f: { g: 4 } } }, arr: [[1, 2], [3, 4]] }, [['a', 'b'], ['c', ['d', ['e']]]], { x: new Map([['k', { a: { b: {} } }]]) }],
};
const options = [undefined, { depth: 0 }, { depth: null }, { colors: true }, { compact: false }, { compact: true }, { compact: 1 }, { breakLength: Infinity }, { breakLength: 40 }, { showHidden: true }, { maxArrayLength: 3 }, { maxArrayLength: null }, { maxStringLength: 5 }, { sorted: true }, { getters: true }, { numericSeparator: true }, { showProxy: true }, { customInspect: false }];
for (const [group, items] of Object.entries(values)) {
  items.forEach((value, i) => {
    for (const option of options) {
      if (option && option.showHidden && !/objects|arrays|bytes|strings|primitives|dates|large/.test(group)) continue;
      if (option && option.showHidden && group === 'dates') continue;
      if (option && /arrays|bytes|strings/.test(group) && value.length > 50 && !option.maxArrayLength && !option.colors && !option.maxStringLength) continue;
      const label = `${group} ${i} ${option ? JSON.stringify(option) : ''}`;
      try {
        console.log(label, inspect(value, option));
      } catch (err) {
        console.log(label, 'throws', err.message);
      }
    }
  });
}
console.log(inspect({ a: { b: { c: {} } } }, false, 0), inspect({ a: 1 }, true, null, true), inspect.defaultOptions, inspect.custom);
console.log(Object.keys(inspect.colors).length, inspect.styles);
