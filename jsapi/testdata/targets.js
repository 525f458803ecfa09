// Every kind of target, with three workers of this process.
// want: any: 2
// want: worker: [ 'b' ]
// want: id: [ 'c' ]
// want: array: [ 'c', 'a' ]
// want: predicate: [ 'b', 'c' ]
// want: query: [ 'a', 'b' ]
// want: facts: 3
// want: all: [ 'a', 'b', 'c' ]
// want: nobody: ERR_NO_WORKER sendTaskTo: the query {"n":{"$gt":9}} holds for none; available: N1, N2, N3
// want: operator: createless: unknown
// want: gone: ERR_NO_WORKER
// want: kind: sendTaskTo: argument 1 (target) must be a worker, an id, an array of these, or a query, not a value of type number
const { createMaster, createWorker } = require('supercluster');
const workers = ['a', 'b', 'c'].map((name, i) => createWorker({ data: { name, n: i }, isolation: 'vm', slots: 1 }));
const master = createMaster();
const name = () => task.worker.data.name;

function ready() {
  return new Promise((resolve) => master.on('workerAvailable', () => { if (master.peers().length === 3) resolve(); }));
}

async function say(what, f) {
  try { console.log(what + ':', await f()); } catch (err) {
    const text = err.message.replace(/[0-9a-z]{7} \{"name":"\w","n":(\d)\}/g, (_, n) => `N${+n + 1}`);
    console.log(`${what}: ${err.code === 'ERR_NO_WORKER' ? err.code + (what === 'gone' ? '' : ' ') : ''}${what === 'gone' ? '' : text}`);
  }
}

ready().then(async () => {
  const by = Object.fromEntries(master.peers().map((p) => [p.data.name, p]));
  await say('any', () => master.sendTaskTo(null, () => 1 + 1).then(([v]) => v));
  await say('worker', () => master.sendTaskTo(by.b, name));
  await say('id', () => master.sendTaskTo(by.c.id, name));
  await say('array', () => master.sendTaskTo([by.c, by.a.id], name));
  await say('predicate', () => master.sendTaskTo((data, w) => data.n > 0 && w.slots === 1, name).then((r) => r.sort()));
  await say('query', () => master.sendTaskTo({ $or: [{ name: 'a' }, { n: { $eq: 1 } }] }, name).then((r) => r.sort()));
  await say('facts', () => master.sendTaskTo({ '$.cpus': { $gte: 1 } }, name).then((r) => r.length));
  await say('all', () => master.sendTaskToAll(name).then((r) => r.sort()));
  try { await master.sendTaskTo({ n: { $gt: 9 } }, name); } catch (err) {
    const names = err.message.match(/"n":\d/g).length;
    console.log(`nobody: ${err.code} ${err.message.split('; available')[0]}; available: ${Array.from({ length: names }, (_, i) => 'N' + (i + 1)).join(', ')}`);
  }
  try { await master.sendTaskTo({ n: { $gtt: 9 } }, name); } catch (err) {
    console.log('operator:', /unknown operator "\$gtt"/.test(err.message) ? 'createless: unknown' : err.message);
  }
  await say('gone', () => master.sendTaskTo('nosuchid', name));
  await say('kind', () => master.sendTaskTo(7, name));
  await Promise.all([master, ...workers].map((n) => n.leave()));
});
