// Contexts, scripts and functions of the module vm.
const vm = require('vm');

const context = vm.createContext({ count: 2, log: console.log });
console.log(vm.isContext(context), vm.isContext({}));
console.log(vm.runInContext('var total = count * 21; function twice(n) { return n * 2 } total', context));
console.log(context.total, context.twice(4), Object.keys(context));
vm.runInContext('count += 1; fresh = [count]; log(typeof process, typeof require, typeof log)', context);
console.log(context.count, context.fresh, typeof fresh);
vm.runInContext('let kept = 1; const fixed = 2; class Shape { area() { return kept } }', context);
console.log(vm.runInContext('kept += fixed; new Shape().area()', context), context.kept);
try { vm.runInContext('fixed = 1', context); } catch (e) { console.log(e.name); }
try { vm.runInContext('missing', context); } catch (e) { console.log(e.name, e.message); }
console.log(vm.runInContext('(function () { return this === globalThis })()', context));
console.log(vm.runInContext('this.count', context), vm.runInContext('globalThis.count = 9', context), context.count);
console.log(vm.runInNewContext('a + b', { a: 1, b: 2 }), vm.runInNewContext('typeof a'));
const counter = vm.runInContext('(() => { let n = 0; return () => ++n + count })()', context);
console.log(counter(), counter());

globalThis.shared = 5;
console.log(vm.runInThisContext('shared += 1'), shared);
const script = new vm.Script('x = (typeof x === "undefined" ? 0 : x) + 1');
const contexts = [vm.createContext({}), vm.createContext({ x: 10 })];
for (const one of contexts) script.runInContext(one);
for (const one of contexts) script.runInContext(one);
console.log(contexts.map((one) => one.x));

try { new vm.Script('var 1;', { filename: 'wrong.js' }); } catch (e) { console.log(e.name, e.stack.split('\n').slice(0, 3).join('|')); }
try { vm.runInThisContext('\nthrow new Error("boom")', { filename: 'boom.js' }); } catch (e) { console.log(e.stack.split('\n').slice(0, 5).join('|')); }
for (const run of [() => vm.runInNewContext('while (true);', {}, { timeout: 20 }), () => vm.runInThisContext('for (;;);', { timeout: 20 })]) {
  try { run(); } catch (e) { console.log(e.code, e.message); }
}
const add = vm.compileFunction('return a + b + extra', ['a', 'b'], { contextExtensions: [{ extra: 100 }] });
console.log(add(1, 2), add.length);
console.log(vm.compileFunction('return count', [], { parsingContext: context })());
for (const wrong of [() => vm.runInContext('1', {}), () => vm.createContext('s'), () => new vm.Script('1', 5), () => vm.compileFunction(1)]) {
  try { wrong(); } catch (e) { console.log(e.code); }
}
