// A master that keeps tasks going until SIGINT, then waits for all callbacks
// and prints what became of them. Workers that come and go are lines of JSON.
const master = require('supercluster').createMaster();
const IN_FLIGHT = 40;
const say = (o) => console.log(JSON.stringify(o));
const names = new Map();
const downAt = new Map();
const sum = { submitted: 0, called: 0, doubled: 0, wrong: 0, ranTwice: 0, lost: 0, errors: {}, failovers: [] };
const open = new Map();
const ran = new Map();
let stopping = false;

master.on('workerAvailable', (w) => { names.set(w.id, w.data.name); say({ e: 'up', w: w.data.name, t: Date.now() }); });
master.on('workerUnavailable', (id) => { downAt.set(id, Date.now()); say({ e: 'down', w: names.get(id), t: Date.now() }); });
master.on('ran', (i) => {
  const n = (ran.get(i) || 0) + 1;
  ran.set(i, n);
  if (n > 1) sum.ranTwice++;
});

function submit() {
  const i = sum.submitted++;
  const once = i % 4 === 0;
  const task = { calls: 0 };
  open.set(i, task);
  const work = async (n, ms, tell) => {
    if (tell) require('supercluster').task.sendToMaster('ran', n);
    await new Promise((r) => setTimeout(r, ms));
    return n * 2;
  };
  master.sendTaskTo(null, work, [i, (i * 37) % 150, once], { idempotent: !once }, (err, results) => {
    sum.called++;
    if (++task.calls > 1) sum.doubled++;
    open.delete(i);
    if (err) {
      const code = ((err.errors || [])[0] || err).code || err.code || String(err);
      sum.errors[code] = (sum.errors[code] || 0) + 1;
    } else if (results[0] !== i * 2) sum.wrong++;
    if (!stopping) submit();
  }).on('state', (state, w) => {
    if (state !== 'started') return;
    if (task.worker && task.worker !== w.id && downAt.has(task.worker)) sum.failovers.push(Date.now() - downAt.get(task.worker));
    task.worker = w.id;
  });
}
for (let i = 0; i < IN_FLIGHT; i++) submit();

process.on('SIGINT', () => {
  stopping = true;
  const until = Date.now() + 90000;
  (function wait() {
    if (open.size > 0 && Date.now() < until) { setTimeout(wait, 50); return; }
    sum.lost = open.size;
    say({ e: 'end', ...sum });
    process.exit(0);
  })();
});
