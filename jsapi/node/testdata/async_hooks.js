// AsyncLocalStorage goes along with timers, ticks, promises, streams and callbacks; channels tell their subscribers.
const { AsyncLocalStorage, AsyncResource, executionAsyncId } = require('async_hooks');
const fs = require('fs');
const { EventEmitter } = require('events');
const channels = require('diagnostics_channel');

const a = new AsyncLocalStorage();
const b = new AsyncLocalStorage();
const log = (...args) => console.log(...args, a.getStore(), b.getStore());

async function steps(name) {
  await null;
  log(name, 'after await');
  await new Promise((resolve) => { setTimeout(resolve, 1); });
  log(name, 'after a timer');
  await Promise.all([1, 2].map(async (n) => { await n; b.run(n, () => log(name, 'inner')); }));
  return name;
}

(async () => {
  log('outside');
  await Promise.all([a.run('one', steps, 'first'), a.run('two', steps, 'second')]);
  log('outside again');
  await a.run('three', () => new Promise((resolve) => {
    process.nextTick(() => log('tick'));
    queueMicrotask(() => log('microtask'));
    fs.stat('.', () => { log('callback'); setImmediate(() => { log('immediate'); resolve(); }); });
    a.exit(() => log('exit'));
  }));
  a.run('four', () => { try { a.run('five', () => { throw new Error('x'); }); } catch { log('caught'); } });
  const bound = a.run('six', () => AsyncResource.bind((n) => log('bound', n)));
  const snapshot = a.run('seven', () => AsyncLocalStorage.snapshot());
  bound(1);
  snapshot((n) => log('snapshot', n), 2);
  const emitter = new EventEmitter();
  a.run('eight', () => emitter.on('x', () => log('listener')));
  a.run('nine', () => emitter.emit('x'));
  await (async () => { a.enterWith('ten'); await null; log('entered'); })();
  a.disable();
  log('disabled', executionAsyncId() > 0);
  try {
    new AsyncResource(5);
  } catch (err) {
    console.log(err.code, err.message);
  }

  const c = channels.channel('news');
  console.log(c.hasSubscribers, channels.hasSubscribers('news'), c === channels.channel('news'));
  const hear = (data, name) => console.log('heard', data, name);
  channels.subscribe('news', hear);
  c.publish({ n: 1 });
  c.bindStore(b, (data) => data.n * 2);
  console.log(c.runStores({ n: 2 }, function (x) { return [this.y, x, b.getStore()]; }, { y: 1 }, 3));
  console.log(c.unsubscribe(hear), c.unsubscribe(hear), c.hasSubscribers);
  const t = channels.tracingChannel('work');
  const seen = [];
  t.subscribe(Object.fromEntries(['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((name) => [name, (ctx) => seen.push([name, { ...ctx }])])));
  console.log(t.traceSync((x) => x + 1, { id: 1 }, null, 4), await t.tracePromise(async () => 'p', { id: 2 }));
  t.traceCallback((cb) => cb(new Error('bad')), 0, { id: 3 }, null, () => {});
  console.log(seen.map(([name, ctx]) => `${name} ${ctx.id} ${ctx.result ?? ''}${ctx.error?.message ?? ''}`).join('; '));
})();
