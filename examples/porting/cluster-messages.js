// Messages both ways between the primary of a cluster and its workers:  sc run cluster-messages.js
// Prints: 1 says hello, told 10; 2 says hello, told 20; both left with 0
const cluster = require('cluster');

if (cluster.isPrimary) {
  const said = [];
  let left = 0;
  for (let i = 0; i < 2; i++) {
    const worker = cluster.fork({ NAME: String(i + 1) });
    worker.on('message', (m) => {
      if (m.hello) worker.send({ value: m.hello * 10 });
      else said[m.id - 1] = `${m.id} says hello, told ${m.value}`;
    });
    worker.on('exit', (code) => {
      left += 1;
      if (left === 2) console.log(`${said.join('; ')}; both left with ${code}`);
    });
  }
} else {
  const id = Number(process.env.NAME);
  process.on('message', ({ value }) => process.send({ id, value }, () => process.exit(0)));
  process.send({ hello: id });
}
