// mapred(): map and reduce by source in N processes, grouped by key between the two:  sc run mapred-source.js
// Prints: even 2+4+6+8+10 = 30, odd 1+3+5+7+9 = 25, by 3 processes that map and 2 that reduce
const { fork } = require('child_process');

/** Runs fn on each item of items, spread over n processes; gives what they answer, in order. */
function spread(n, fn, items) {
  const answers = new Array(items.length);
  const workers = Array.from({ length: n }, (_, i) => new Promise((resolve, reject) => {
    const child = fork(__filename, ['worker']);
    const mine = items.map((item, at) => [at, item]).filter(([at]) => at % n === i);
    child.on('message', (results) => {
      for (const [at, value] of results) answers[at] = value;
      child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${code}`))));
    child.send({ source: String(fn), items: mine });
  }));
  return Promise.all(workers).then(() => answers);
}

async function mapred(data, n, map, reduce) {
  const groups = new Map();
  for (const pairs of await spread(n.map, map, data)) {
    for (const [key, value] of pairs) groups.set(key, (groups.get(key) || []).concat(value));
  }
  return spread(n.reduce, reduce, [...groups].sort());
}

if (process.argv[2] === 'worker') {
  process.once('message', ({ source, items }) => {
    const fn = new Function(`return (${source})`)();
    process.send(items.map(([at, item]) => [at, fn(item)]));
  });
} else {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const n = { map: 3, reduce: 2 };
  mapred(numbers, n, (x) => [[x % 2 ? 'odd' : 'even', x]], ([key, values]) => `${key} ${values.join('+')} = ${values.reduce((a, b) => a + b)}`)
    .then((lines) => console.log(`${lines.join(', ')}, by ${n.map} processes that map and ${n.reduce} that reduce`));
}
