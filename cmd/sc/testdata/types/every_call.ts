// Every call of the API, and what must not compile.
import * as sc from 'supercluster';
import { createMaster, createTracker, createWorker, TimeoutError } from 'supercluster';
import type { Handle, MapRun, Peer, Reference } from 'supercluster';

const master = createMaster({ data: { a: [1] }, tracker: ['h:1', { addr: 'x', port: 2 }], broadcast: { port: 1, interval: '1s' }, ttl: 100 });
const worker = createWorker({ slots: 2, isolation: 'vm', resources: { gpu: 1, memory: '4GB' }, join: false });
const tracker = createTracker({ port: 1, bindTo: '127.0.0.1' });
// @ts-expect-error
createWorker({ prot: 1 });

master.on('workerAvailable', (w) => w.slots + w.host.cpus).once('x', () => {}).off('x', () => {});
master.on('workerUnavailable', (id) => id.toUpperCase());
master.on('taskLog', (w, t, log) => log.text + t.name);
worker.on('masterAvailable', (m) => m.id).on('taskReceived', (m, t) => t.name);
tracker.on('workerAvailable', (w) => w.addr).unref().ref();

const n: Promise<number> = master.run((a: number, b: number) => a + b, [1, 2], { timeout: '1s', backoff: { type: 'fixed', delay: 1 } });
const handle: Handle<string> = master.run(async () => 'x', { retryIf: (err, attempt) => attempt < 3, signal: new AbortController().signal });
handle.on('progress', (f, w) => f * w.port).on('state', (s) => s.length).cancel('no').worker?.id;
const table: Reference<number[]> = master.put([1, 2]);
master.run((t: number[]) => t.length, [table]).then((length) => length + table.size);
master.run(() => 1, [], { engine: 'node', where: { '$.engines': 'node' } });
createWorker({ engine: 'goja' });
// @ts-expect-error
master.run(() => 1, [], { engine: 'v8' });
// @ts-expect-error
master.run((a: number) => a, ['text']);

master.sendTaskTo(undefined, () => 1, (err, results) => { if (!err) results![0].toFixed(); });
master.sendTaskTo({ mem: { $gte: 8 } }, (a: string) => a, ['x'], { priority: 1 }).then(([first]) => first.length);
master.sendTaskTo([worker.id], { name: 'n', run: { function: () => 1, args: [] } }).then(([r]) => r.exitCode);
master.sendTaskToAll((a: number) => a, [1], (err) => err?.errors?.[0].worker);
master.sendTo((data, w: Peer) => w.data.x, 'event', new Map()).then(() => {});
master.sendTo(null, () => 1);
master.msgTo('id', 'event');
const squares: MapRun<number> = master.map([1, 2, 3], (x) => x * x, { concurrency: 2, chunk: 'auto', ordered: false });
async function all() {
  for await (const s of squares) s.toFixed();
  const list: number[] = await master.map((async function* () { yield 1; })(), (x) => x);
  await master.msgToAll('x', list);
  await worker.sendToMaster('x');
  await worker.sendTo((await worker.workers())[0], 'x', 1);
  await worker.sendToAll('x');
  await worker.bus.emit('a.b', 1);
  master.bus.on('a.*', (data, sender, event) => sender.id + event).once('**', () => {}).off('a.*');
  worker.setAvailability(false);
  worker.setProgress(0.5);
  await n.catch((err) => err instanceof TimeoutError && err.code);
  await Promise.all([master.leave(), worker.leave(), tracker.leave()]);
}
declare const k: number;
master.run(sc.fn((x: number) => x * k, { k: 2 }), [1]).then((v) => v.toFixed());
master.run(() => { task.setProgress(1); task.sendToMaster('x', 1); return task.worker.data; });
all().then(() => sc.version + sc.task?.id);
