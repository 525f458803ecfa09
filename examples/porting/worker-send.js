// The primary tells each worker by id, and all of them at once through cluster.workers:  sc run worker-send.js
// Prints: worker 1: hi 1, stop all; worker 2: hi 2, stop all; worker 3: hi 3, stop all
const cluster = require('cluster');

if (cluster.isMaster) {
  const heard = {};
  cluster.setupMaster({ args: ['--role', 'worker'] });
  cluster.on('online', (worker) => worker.send({ text: `hi ${worker.id}` }));
  cluster.on('message', (worker, { id, text }) => {
    (heard[id] = heard[id] || []).push(text);
    const all = Object.values(heard).reduce((n, texts) => n + texts.length, 0);
    if (all === 3) for (const id in cluster.workers) cluster.workers[id].send({ text: 'stop all', last: true });
    if (all === 6) {
      console.log(Object.keys(heard).sort().map((id) => `worker ${id}: ${heard[id].join(', ')}`).join('; '));
      for (const id in cluster.workers) cluster.workers[id].disconnect();
    }
  });
  for (let i = 0; i < 3; i++) cluster.fork();
} else {
  if (process.argv[3] !== 'worker') throw new Error(`started as ${process.argv.slice(2)}`);
  process.on('message', ({ text }) => process.send({ id: cluster.worker.id, text }));
}
