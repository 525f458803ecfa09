// Spreads numbers over forked children and gathers what they answer, in order:  sc run fork-fan-out.js
// Prints: 1 4 9 16 25 36 and the children's exit codes 0 0 0
const { fork } = require('child_process');

if (process.send) {
  process.on('message', (n) => {
    if (n === null) process.disconnect();
    else process.send({ n, square: n * n });
  });
} else {
  const items = [1, 2, 3, 4, 5, 6];
  const results = new Map();
  const codes = [];
  let next = 0;
  for (let i = 0; i < 3; i++) {
    const child = fork(__filename);
    const feed = () => child.send(next < items.length ? items[next++] : null);
    child.on('message', ({ n, square }) => {
      results.set(n, square);
      feed();
    });
    child.on('exit', (code) => {
      codes.push(code);
      if (codes.length === 3) console.log(items.map((n) => results.get(n)).join(' '), 'and the children\'s exit codes', codes.join(' '));
    });
    feed();
  }
}
