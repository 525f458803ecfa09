// master.map: awaited, iterated, ordered or not, failing, lazily pulled, cancelled.
// want: array 0,1,4,9,16
// want: empty []
// want: async iterable [ 2, 4, 6 ]
// want: promises among items [ 2, 4 ]
// want: iterated 1,2,3
// want: unordered 0,1,2,3,4,5,6,7,8,9
// want: stopped RangeError three
// want: all errors 2 of 10 items failed AggregateError 2
// want: lazy true
// want: break returned true
// want: thrown by the iterable boom
// want: cancelled ERR_CANCELLED
// want: chunks of 4 [ 0, 2, 4, 6, 8, 10 ]
// want: one at a time true
// want: bad chunk map: chunk must be 'auto' or a whole number above 0, not 0
// want: holes [ 0, undefined, 2 ]
// want: grown meanwhile 40
// want: an iterator of its own [ 7, 7 ]
// want: in order 0,1,2,3,4,5,6,7,8,9
// want: not collected 0,2,3,4
// want: a chunk that failed 3 3 ERR_TASK_TIMEOUT
// want: unsendable items[2].s: a symbol cannot be sent
const master = require('supercluster').createMaster();

(async () => {
  console.log('array', (await master.map([0, 1, 2, 3, 4], (x) => x * x)).join());
  console.log('empty', await master.map([], (x) => x));
  console.log('async iterable', await master.map((async function* () { yield 1; yield 2; yield 3; })(), (x) => x * 2));
  console.log('promises among items', await master.map([Promise.resolve(1), 2], (x) => x * 2));
  let seen = [];
  for await (const v of master.map([1, 2, 3], (x) => x)) seen.push(v);
  console.log('iterated', seen.join());
  seen = [];
  for await (const v of master.map([...Array(10).keys()], (x) => x, { ordered: false })) seen.push(v);
  console.log('unordered', seen.sort().join());
  try { await master.map([1, 2, 3], (x) => { if (x === 3) throw new RangeError('three'); }); } catch (err) { console.log('stopped', err.name, err.message); }
  try {
    await master.map([...Array(10).keys()], (x) => { if (x > 7) throw new Error(x); }, { stopOnError: false });
  } catch (err) { console.log('all errors', err.message.slice(5), err.name, err.errors.length); }

  let pulled = 0, returned = false;
  function* endless() { try { for (;;) { pulled++; yield pulled; } } finally { returned = true; } }
  for await (const v of master.map(endless(), (x) => x)) if (v > 100) break;
  console.log('lazy', pulled < 100000);
  console.log('break returned', returned);
  try { await master.map((function* () { yield 1; throw new Error('boom'); })(), (x) => x); } catch (err) { console.log('thrown by the iterable', err.message); }
  const run = master.map(endless(), (x) => x);
  setTimeout(() => run.cancel('enough'), 20);
  try { await run; } catch (err) { console.log('cancelled', err.code); }
  console.log('chunks of 4', await master.map([0, 1, 2, 3, 4, 5], (x) => x * 2, { chunk: 4 }));
  let flying = 0, most = 0;
  const items = (function* () { for (let i = 0; i < 5; i++) { most = Math.max(most, ++flying); yield i; } })();
  for await (const _ of master.map(items, (x) => x, { concurrency: 1 })) flying--;
  console.log('one at a time', most <= 2); // the next is pulled when the last has come, before it is consumed
  try { master.map([1], (x) => x, { chunk: 0 }); } catch (err) { console.log('bad chunk', err.message); }
  console.log('holes', await master.map([0, , 2], (x) => x, { chunk: 2 })); // eslint-disable-line no-sparse-arrays
  const growing = [...Array(20).keys()];
  const grown = master.map(growing, (x) => x, { chunk: 2 });
  queueMicrotask(() => queueMicrotask(() => growing.push(...growing)));
  console.log('grown meanwhile', (await grown).length);
  const own = [1, 2];
  own[Symbol.iterator] = function* () { yield 7; yield 7; };
  console.log('an iterator of its own', await master.map(own, (x) => x));
  const slowFirst = (x) => new Promise((r) => setTimeout(r, x < 2 ? 60 : 0, x));
  seen = [];
  for await (const v of master.map([...Array(10).keys()], slowFirst, { chunk: 2 })) seen.push(v);
  console.log('in order', seen.join());
  seen = [];
  try { for await (const v of master.map([0, 1, 2, 3, 4], (x) => { if (x === 1) throw x; return x; }, { chunk: 3, stopOnError: false })) seen.push(v); } catch { /* told last */ }
  console.log('not collected', seen.join());
  try {
    await master.map([1, 2, 3], () => { for (;;); }, { chunk: 3, stopOnError: false, timeout: 50 });
  } catch (err) { console.log('a chunk that failed', err.errors.length, new Set(err.errors).size * 3, err.errors[0].code); }
  try { await master.map([1, 2, { s: Symbol('s') }], (x) => x, { chunk: 3 }); } catch (err) { console.log('unsendable', err.message); }
  await master.leave();
})();
