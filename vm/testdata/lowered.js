// Functions in syntax that goja lacks. esbuild lowers them; then each is sent away from the helpers at the top of the
// file, and must give what node gives for the original.
(() => {
  const list = [];
  const add = (name, fn) => list.push([name, fn]);

  add('async generator', async () => {
    async function* g(n) { for (let i = 0; i < n; i++) yield i; return 'end'; }
    const it = g(2);
    return [await it.next(), await it.next(), await it.next(), await it.next(), it[Symbol.asyncIterator]() === it];
  });
  add('for await over an async generator', async () => {
    async function* g() { yield 1; yield Promise.resolve(2); await null; yield 3; }
    const out = [];
    for await (const v of g()) out.push(v);
    return out;
  });
  add('yield* of a plain generator beside it', async () => {
    function* inner(n) { if (n) yield* inner(n - 1); yield n; return 'r'; }
    function* outer() { const r = yield* inner(2); yield r; yield* [7, 8]; yield* 'ab'; }
    async function* both() { yield* outer(); yield* [Promise.resolve(9)]; }
    const out = [...outer()];
    for await (const v of both()) out.push(v);
    return out;
  });
  add('for await over promises', async () => {
    const out = [];
    for await (const v of [Promise.resolve(1), 2, { then(r) { r(3); } }]) out.push(v);
    return out;
  });
  add('break ends the generator', async () => {
    const out = [];
    async function* g() { try { yield 1; yield 2; } finally { await null; out.push('finally'); } }
    for await (const v of g()) { out.push(v); break; }
    return out;
  });
  add('throw in the loop ends the generator', async () => {
    const out = [];
    async function* g() { try { yield 1; } finally { out.push('finally'); } }
    try { for await (const v of g()) throw new Error('body ' + v); } catch (e) { out.push(e.message); }
    return out;
  });
  add('rejection inside', async () => {
    async function* g() { try { await Promise.reject(new Error('no')); } catch (e) { yield e.message; } throw new Error('out'); }
    const it = g();
    const first = await it.next();
    try { await it.next(); } catch (e) { return [first, e.message, await it.next()]; }
  });
  add('yield of a rejection', async () => {
    async function* g() { try { yield Promise.reject(new Error('y')); } catch (e) { yield 'caught ' + e.message; } }
    const out = [];
    for await (const v of g()) out.push(v);
    return out;
  });
  add('requests wait in line', async () => {
    const out = [];
    async function* g() { out.push('start'); yield await new Promise((r) => setTimeout(r, 2, 'a')); yield 'b'; }
    const it = g();
    const all = await Promise.all([it.next(), it.next(), it.next()]);
    return [out, all];
  });
  add('throw and return', async () => {
    async function* g() { try { yield 1; } catch (e) { yield 'caught ' + e; } finally { yield 'finally'; } }
    const a = g(); await a.next();
    const b = g(); await b.next();
    return [await a.throw('x'), await a.next(), await a.next(), await b.return('r'), await b.next(), await b.next()];
  });
  add('return before the start', async () => {
    async function* g() { yield 1; }
    const it = g();
    return [await it.return(Promise.resolve('v')), await it.next()];
  });
  add('throw before the start', async () => {
    async function* g() { yield 1; }
    const it = g();
    return it.throw(new Error('t')).catch((e) => e.message);
  });
  add('finally runs to its end', async () => {
    const out = [];
    async function* g() { try { yield 1; } finally { await null; out.push('a'); await null; out.push('b'); } }
    const it = g(); await it.next();
    out.push(await it.return('r'));
    return out;
  });
  add('yield* of an async generator', async () => {
    async function* inner() { const x = yield 1; yield 'got ' + x; return 'inner'; }
    async function* outer() { const r = yield* inner(); yield r; }
    const it = outer();
    return [await it.next(), await it.next('x'), await it.next(), await it.next()];
  });
  add('yield* of an array of promises', async () => {
    async function* g() { yield* [1, Promise.resolve(2)]; }
    const out = [];
    for await (const v of g()) out.push(v);
    return out;
  });
  add('return passes through yield*', async () => {
    const out = [];
    async function* inner() { try { yield 1; } finally { out.push('inner'); } }
    async function* outer() { try { yield* inner(); out.push('no'); } finally { out.push('outer'); } }
    const it = outer(); await it.next();
    return [await it.return('r'), out];
  });
  add('throw passes through yield*', async () => {
    async function* inner() { try { yield 1; } catch (e) { yield 'inner ' + e; } }
    async function* outer() { yield* inner(); }
    const it = outer(); await it.next();
    return [await it.throw('x'), await it.next()];
  });
  add('this and arguments', async () => {
    const o = { k: 5, async *m() { yield this.k; } };
    class A { v = 6; async *m() { yield this.v; } static async *s(...a) { yield a.length; } }
    return [await o.m().next(), await new A().m().next(), await A.s(1, 2).next()];
  });
  add('using', () => {
    const out = [];
    const open = (n) => ({ n, [Symbol.dispose]() { out.push('close ' + this.n); } });
    { using a = open('a'), b = open('b'); using none = null; out.push(a.n + b.n); }
    return out;
  });
  add('using with a throw', () => {
    const out = [];
    try {
      using a = { [Symbol.dispose]() { throw new Error('dispose'); } };
      throw new Error('body');
    } catch (e) { out.push(e.name, e.message, e.error.message, e.suppressed.message); }
    return out;
  });
  add('await using', async () => {
    const out = [];
    {
      await using a = { async [Symbol.asyncDispose]() { await null; out.push('a'); } };
      await using b = { [Symbol.dispose]() { out.push('b'); } };
      await using c = undefined;
      out.push('body');
    }
    return out;
  });
  add('using of what cannot be disposed of', () => {
    try { using a = {}; } catch (e) { return e.name; }
  });
  add('using in a loop', () => {
    const out = [];
    for (using x of [1, 2].map((n) => ({ [Symbol.dispose]: () => out.push(n) }))) out.push('in');
    return out;
  });
  return list;
})()
