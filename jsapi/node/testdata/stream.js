'use strict';
// Streams: order of events, back pressure, ends, errors, pipelines, iteration and operators.
const { Readable, Writable, Duplex, Transform, PassThrough, pipeline, finished, addAbortSignal, compose } = require('stream');
const promises = require('stream/promises');

const steps = [];
const step = (name, fn) => steps.push([name, fn]);
/** Reading with the iterator's own methods; fn returning true leaves. */
async function each(iterable, fn) {
  const iterator = iterable[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    if (fn(next.value)) {
      await iterator.return();
      return;
    }
  }
}
const wait = (stream, event) => new Promise((resolve) => { stream.once(event, resolve); });

step('push and read', async () => {
  const r = new Readable({ read() {} });
  r.push('abc');
  r.push(Buffer.from('defg'));
  console.log(r.readableLength, r.readableFlowing);
  await wait(r, 'readable');
  console.log(String(r.read(2)), String(r.read(3)), String(r.read()), r.read());
  r.push(null);
  r.on('end', () => console.log('end', r.readableEnded, r.readable));
  r.read();
  await wait(r, 'close');
});

step('events in order', async () => {
  const w = new Writable({ highWaterMark: 3, write(chunk, encoding, cb) { console.log('write', String(chunk)); setImmediate(cb); }, final(cb) { console.log('final'); cb(); } });
  for (const e of ['drain', 'prefinish', 'finish', 'close', 'pipe', 'unpipe']) w.on(e, () => console.log(e));
  console.log(w.write('ab'), w.write('cd'), w.writableNeedDrain, w.writableLength);
  await wait(w, 'drain');
  w.end('last', () => console.log('ended', w.writableFinished));
  await wait(w, 'close');
});

step('write errors', async () => {
  const w = new Writable({ write(chunk, encoding, cb) { cb(new Error('broken')); } });
  w.on('error', (e) => console.log('error', e.message)).on('close', () => console.log('close'));
  w.write('x', (e) => console.log('callback', e.message));
  await wait(w, 'close');
  w.write('y', (e) => console.log(e.code));
  const ended = new Writable({ write(c, e, cb) { cb(); } });
  ended.on('error', (e) => console.log(e.code, e.message));
  ended.end();
  ended.write('late');
  await wait(ended, 'close');
  for (const bad of [null, 5, undefined, {}]) {
    try { new Writable({ write() {} }).write(bad); } catch (e) { console.log(e.name, e.code, e.message); }
  }
});

step('cork and writev', async () => {
  const w = new Writable({ writev(chunks, cb) { console.log(chunks.map((c) => String(c.chunk))); cb(); } });
  w.cork();
  w.write('1');
  w.write('2');
  console.log(w.writableCorked, w._writableState.bufferedRequestCount);
  w.uncork();
  w.end('3');
  await wait(w, 'finish');
});

step('transform and pipe', async () => {
  const upper = new Transform({ transform(chunk, encoding, cb) { cb(null, String(chunk).toUpperCase()); }, flush(cb) { cb(null, '.'); } });
  const out = [];
  const sink = new Writable({ highWaterMark: 1, write(chunk, encoding, cb) { out.push(String(chunk)); setImmediate(cb); } });
  Readable.from(['a', 'b', 'c']).pipe(upper).pipe(sink);
  await wait(sink, 'finish');
  console.log(out);
});

step('object mode', async () => {
  const t = new Transform({ objectMode: true, transform(n, encoding, cb) { if (n % 2) this.push({ n }); cb(); } });
  for (let i = 0; i < 6; i++) t.write(i);
  t.end();
  console.log(await t.toArray());
});

step('encoding', async () => {
  const r = Readable.from([Buffer.from([0xe2, 0x82]), Buffer.from([0xac])], { objectMode: false });
  r.setEncoding('utf8');
  console.log(await r.toArray(), r.readableEncoding);
});

step('unshift and pause', async () => {
  const r = new Readable({ read() {} });
  r.push('world');
  r.unshift('hello ');
  r.on('pause', () => console.log('pause')).on('resume', () => console.log('resume'));
  r.pause();
  console.log(r.isPaused());
  r.on('data', (d) => console.log(String(d)));
  r.resume();
  r.push(null);
  await wait(r, 'end');
});

step('destroy', async () => {
  const d = new Duplex({ read() {}, write(c, e, cb) { cb(); }, destroy(err, cb) { console.log('_destroy', err.message); cb(err); } });
  d.on('error', (e) => console.log('error', e.message)).on('close', () => console.log('close', d.destroyed, d.errored.message, d.closed));
  console.log(d.destroy(new Error('gone')) === d, d.destroyed);
  await wait(d, 'close');
  console.log(d.readable, d.writable, d.push('x'));
});

step('construct', async () => {
  const w = new Writable({ construct(cb) { console.log('construct'); setImmediate(cb); }, write(c, e, cb) { console.log('write', String(c)); cb(); } });
  w.write('early');
  w.end();
  await wait(w, 'close');
});

step('pipeline', async () => {
  await promises.pipeline(Readable.from(['x', 'y']), (src) => src.map((c) => c + c), async (src) => {
    const all = [];
    await each(src, (c) => { all.push(String(c)); });
    console.log(all);
  });
  const bad = new PassThrough();
  const source = new Readable({ read() { this.push('a'); } });
  process.nextTick(() => bad.destroy(new Error('middle')));
  const err = await new Promise((resolve) => { pipeline(source, bad, new Writable({ write(c, e, cb) { cb(); } }), resolve); });
  console.log(err.message, source.destroyed);
  try { pipeline(source, () => {}); } catch (e) { console.log(e.code); }
  try { pipeline(source); } catch (e) { console.log(e.code); }
});

step('finished', async () => {
  const r = new Readable({ read() {} });
  setImmediate(() => r.destroy());
  await promises.finished(r).catch((e) => console.log(e.code, e.message));
  const w = new Writable({ write(c, e, cb) { cb(); } });
  w.end();
  finished(w, (e) => console.log('finished', e));
  await wait(w, 'close');
  await promises.finished(w);
});

step('abort', async () => {
  const c = new AbortController();
  const r = addAbortSignal(c.signal, new Readable({ read() {} }));
  setImmediate(() => c.abort());
  try { await each(r, console.log); } catch (e) { console.log(e.name, e.code); }
});

step('operators', async () => {
  const numbers = () => Readable.from([1, 2, 3, 4, 5]);
  console.log(await numbers().map((n) => n * 2).toArray());
  console.log(await numbers().map(async (n) => n, { concurrency: 3 }).filter((n) => n > 2).toArray());
  console.log(await numbers().reduce((a, b) => a + b, 0), await numbers().some((n) => n > 4), await numbers().every((n) => n > 4));
  console.log(await numbers().find((n) => n > 2), await numbers().take(2).toArray(), await numbers().drop(3).toArray());
  console.log(await numbers().flatMap((n) => [n, n]).take(4).toArray());
  const seen = [];
  await numbers().forEach((n) => { seen.push(n); });
  console.log(seen);
  try { numbers().map(5); } catch (e) { console.log(e.code); }
  await numbers().map(() => { throw new Error('in map'); }).toArray().catch((e) => console.log(e.message));
});

step('early leave', async () => {
  const r = Readable.from([1, 2, 3]);
  await each(r, (n) => { console.log(n); return true; });
  console.log(r.destroyed);
  const kept = Readable.from([1, 2, 3]);
  await each(kept.iterator({ destroyOnReturn: false }), (n) => { console.log(n); return true; });
  console.log(kept.destroyed);
});

step('compose and from', async () => {
  const double = new Transform({ objectMode: true, transform(c, e, cb) { cb(null, c + c); } });
  const both = compose(double, new Transform({ objectMode: true, transform(c, e, cb) { cb(null, `${c}!`); } }));
  both.end('ab');
  console.log((await both.toArray()).map(String));
  console.log(await Duplex.from(Promise.resolve('p')).toArray());
  console.log((await Readable.from(Buffer.from('whole')).toArray()).map(String));
  await Readable.from((function* fail() { yield 1; throw new Error('from'); })()).toArray().catch((e) => console.log(e.message));
});

step('old ways', async () => {
  const util = require('util');
  function Old() { Readable.call(this); this.n = 0; }
  util.inherits(Old, Readable);
  Old.prototype._read = function read() { this.push(this.n++ < 2 ? String(this.n) : null); };
  const chunks = [];
  const r = new Old();
  r.on('data', (d) => chunks.push(String(d)));
  await wait(r, 'end');
  console.log(chunks, r instanceof require('stream'), new PassThrough() instanceof Writable);
});

(async () => {
  for (const [name, fn] of steps) {
    console.log(`-- ${name}`);
    await fn();
  }
})();
