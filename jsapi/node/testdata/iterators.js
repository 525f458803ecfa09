// Iterators of Map and Set are printed with what they have yet to give, and are not moved by it.
'use strict';
const { inspect } = require('util');
const m = new Map([['a', 1], ['b', { c: 1 }], [{ k: 1 }, [1, 2]]]);
const s = new Set([1, 'x', { y: 2 }]);
for (const make of [() => m.keys(), () => m.values(), () => m.entries(), () => m[Symbol.iterator](), () => s.keys(), () => s.values(), () => s.entries()]) {
  const it = make();
  console.log(it, [it], inspect(it, { maxArrayLength: 1 }), inspect(it, { compact: false }), inspect({ a: { b: it } }, { depth: 1 }));
  it.next();
  console.log(it, it.next().value, it);
  it.next();
  it.next();
  console.log(it, it.next(), Object.assign(make(), { x: 1 }));
}
const it = m.keys();
it.next();
m.delete('a');
m.delete('b');
m.set('late', 1);
console.log(it, it.next(), it, new Map().keys(), new Set().entries(), [...it]);
console.log(inspect(new Map(Array.from({ length: 120 }, (_, i) => [i, i])).keys()), inspect(new Set('abc').values(), { colors: true }));
