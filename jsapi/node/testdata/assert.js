// assert: what passes, what fails, and the messages.
'use strict';
const assert = require('assert');
const show = (label, fn) => {
  try {
    fn();
    console.log(label, 'ok');
  } catch (err) {
    console.log(label, err.name, err.code, err.generatedMessage, err.operator);
    console.log(err.message);
  }
};
class A { constructor() { this.x = 1; } }
class B { constructor() { this.x = 1; } }
const circA = { a: 1 }; circA.self = circA;
const circB = { a: 1 }; circB.self = circB;
const pairs = [[1, 1], [1, 2], [1, '1'], ['a', 'b'], ['a longer text here', 'a longer text there'], [NaN, NaN], [0, -0], [null, undefined], [{ a: 1 }, { a: 1 }], [{ a: 1 }, { a: 2 }], [{ a: 1, b: 2 }, { b: 2, a: 1 }], [[1, 2, 3], [1, 2, 3]], [[1, 2, 3], [1, 2, 4]], [[1, 2, 3], [1, 2]], [new A(), new B()], [new A(), { x: 1 }], [new Map([[1, { a: 2 }]]), new Map([[1, { a: 2 }]])], [new Map([[{ k: 1 }, 2]]), new Map([[{ k: 1 }, 2]])], [new Map([[1, 2]]), new Map([[1, 3]])], [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])], [new Set([1]), new Set([2])], [new Date(0), new Date(0)], [new Date(0), new Date(1)], [/a/g, /a/g], [/a/g, /a/i], [new Error('x'), new Error('x')], [new Error('x'), new Error('y')], [new TypeError('x'), new Error('x')], [Buffer.from('ab'), Buffer.from('ab')], [Buffer.from('ab'), Buffer.from('ac')], [new Uint8Array([1]), [1]], [new Float32Array([-0]), new Float32Array([0])], [new Number(1), new Number(1)], [new Number(1), new Number(2)], [Object(1n), Object(1n)], [circA, circB], [[1, , 3], [1, undefined, 3]], [{ a: undefined }, {}], [{ [Symbol.for('s')]: 1 }, { [Symbol.for('s')]: 1 }], [{ [Symbol.for('s')]: 1 }, {}], [Object.create(null), {}], [() => {}, () => {}], [1n, 1], ['', 0], [true, 1], [[1], { 0: 1, length: 1 }], [{ a: { b: { c: [1, 2, { d: 3 }] } } }, { a: { b: { c: [1, 2, { d: 4 }] } } }], ['multi\nline\ntext', 'multi\nline\ntexts'], [Array.from({ length: 30 }, (_, i) => i), Array.from({ length: 30 }, (_, i) => (i === 15 ? -1 : i))], [Array.from({ length: 70 }, (_, i) => i), Array.from({ length: 70 }, (_, i) => -i)], [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }, { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 8 }], ['x'.repeat(100), 'y'.repeat(100)], [[], {}], [new Map(), new Set()], [Symbol.for('a'), Symbol.for('b')], [[[[[]]]], [[[[1]]]]]];
pairs.forEach(([a, b], i) => {
  for (const name of ['equal', 'notEqual', 'strictEqual', 'notStrictEqual', 'deepEqual', 'notDeepEqual', 'deepStrictEqual', 'notDeepStrictEqual']) {
    if (typeof a === 'object' && a instanceof Error && /^(strictE|notS|equal|notE)/.test(name)) continue; // their stacks are printed
    if (a instanceof Error && name !== 'deepEqual' && name !== 'deepStrictEqual') continue;
    if (a instanceof Error) {
      let same = true;
      try { assert[name](a, b); } catch { same = false; }
      console.log(i, name, same);
    } else show(`${i} ${name}`, () => assert[name](a, b));
  }
});
show('message', () => assert.equal(1, 2, 'my message'));
show('message error', () => assert.equal(1, 2, new RangeError('mine')));
show('missing', () => assert.equal(1));
show('missing', () => assert.deepStrictEqual());
show('ok', () => assert(true));
show('ok message', () => assert(0, 'zero'));
show('ok error', () => assert.ok(null, new TypeError('own')));
show('ok none', () => assert());
show('fail', () => assert.fail());
show('fail', () => assert.fail('why'));
show('fail', () => assert.fail(new SyntaxError('s')));
show('ifError', () => assert.ifError(null));
show('ifError', () => assert.ifError(new Error('boom')));
show('ifError', () => assert.ifError('text'));
show('ifError', () => assert.ifError(0));
show('match', () => assert.match('abc', /b/));
show('match', () => assert.match('abc', /x/));
show('match', () => assert.match(5, /x/));
show('match', () => assert.match('abc', 'x'));
show('doesNotMatch', () => assert.doesNotMatch('abc', /b/));
const boom = () => { throw new TypeError('boom 42'); };
show('throws', () => assert.throws(boom));
show('throws class', () => assert.throws(boom, TypeError));
show('throws class', () => assert.throws(boom, RangeError));
show('throws class', () => assert.throws(() => { throw 5; }, RangeError));
show('throws regexp', () => assert.throws(boom, /boom/));
show('throws regexp', () => assert.throws(boom, /bang/));
show('throws object', () => assert.throws(boom, { name: 'TypeError', message: 'boom 42' }));
show('throws object', () => assert.throws(boom, { message: /42/ }));
show('throws object', () => assert.throws(boom, { message: 'other', code: 5 }));
show('throws object', () => assert.throws(boom, {}));
show('throws error', () => assert.throws(boom, new TypeError('boom 42')));
show('throws error', () => assert.throws(boom, new TypeError('boom')));
show('throws function', () => assert.throws(boom, (err) => err instanceof TypeError));
show('throws function', () => assert.throws(boom, () => false));
show('throws function', () => assert.throws(boom, function named() { return 1; }));
show('throws nothing', () => assert.throws(() => {}));
show('throws nothing', () => assert.throws(() => {}, TypeError, 'with message'));
show('throws message', () => assert.throws(() => {}, 'text'));
show('throws same message', () => assert.throws(boom, 'boom 42'));
show('throws bad', () => assert.throws('x'));
show('throws bad', () => assert.throws(boom, 5));
show('doesNotThrow', () => assert.doesNotThrow(() => {}));
show('doesNotThrow', () => assert.doesNotThrow(boom, 'oops'));
show('doesNotThrow', () => assert.doesNotThrow(boom, TypeError));
show('doesNotThrow', () => assert.doesNotThrow(boom, RangeError));
show('strict', () => assert.strict.equal(1, '1'));
show('strict', () => require('assert/strict').deepEqual([1], ['1']));
show('strict ok', () => assert.strict(1));
const err = new assert.AssertionError({ actual: 1, expected: 2, operator: 'strictEqual' });
console.log(err.message, err.name, String(err), Object.keys(err), err instanceof Error, err.stack.split('\n')[0]);
show('AssertionError', () => new assert.AssertionError());
(async () => {
  const later = async (label, fn) => {
    try {
      await fn();
      console.log(label, 'ok');
    } catch (e) {
      console.log(label, e.name, e.code, e.operator, e.message);
    }
  };
  await later('rejects', () => assert.rejects(Promise.reject(new Error('r')), /r/));
  await later('rejects', () => assert.rejects(async () => {}, Error));
  await later('rejects', () => assert.rejects(() => 5));
  await later('rejects', () => assert.rejects(5));
  await later('doesNotReject', () => assert.doesNotReject(Promise.reject(new Error('r'))));
  await later('doesNotReject', () => assert.doesNotReject(async () => {}));
})();
