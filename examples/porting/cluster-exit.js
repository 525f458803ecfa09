// Workers that end by process.exit, by an error and by a signal, and one put in their place:  sc run cluster-exit.js
// Prints: 1 exit 3, 2 exit 1, 3 SIGTERM, 4 exit 0 (in the place of 2); crashed before: 1 worker
const cluster = require('cluster');

const HOW = {
  1: () => process.exit(3),
  2: () => process.stderr.write('', () => process.exit(1)),
  3: () => setInterval(() => {}, 1000),
  4: () => process.disconnect(),
};

if (cluster.isMaster) {
  const ended = {};
  let crashed = 0;
  cluster.on('message', (worker, { ready }) => {
    if (ready === 3) worker.kill('SIGTERM');
    else worker.send('go');
  });
  cluster.on('exit', (worker, code, signal) => {
    ended[worker.id] = signal || `exit ${code}`;
    if (code === 1) {
      crashed += 1;
      cluster.fork();
    }
    if (Object.keys(ended).length < 4) return;
    const list = Object.keys(ended).map((id) => `${id} ${ended[id]}`).join(', ');
    console.log(`${list} (in the place of 2); crashed before: ${crashed} worker`);
  });
  for (let i = 0; i < 3; i++) cluster.fork();
} else {
  const { id } = cluster.worker;
  if (id === 3) HOW[3]();
  process.on('message', () => HOW[id]());
  process.send({ ready: id });
}
