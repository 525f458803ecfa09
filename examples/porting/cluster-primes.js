// Counts primes in ranges, a worker of cluster for each:  node cluster-primes.js  or  sc run cluster-primes.js
// Prints: 1..1000: 168, 1001..2000: 135, 2001..3000: 127, in all 430
const cluster = require('cluster');

const RANGES = [[1, 1000], [1001, 2000], [2001, 3000]];
const isPrime = (n) => {
  if (n < 2) return false;
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return true;
};

if (cluster.isMaster) {
  const found = [];
  RANGES.forEach((range, i) => {
    const worker = cluster.fork();
    worker.on('online', () => worker.send(range));
    worker.on('message', ({ count }) => {
      found[i] = `${range[0]}..${range[1]}: ${count}`;
      found.total = (found.total || 0) + count;
      worker.disconnect();
    });
  });
  let left = RANGES.length;
  cluster.on('exit', () => {
    left -= 1;
    if (left === 0) console.log(`${found.join(', ')}, in all ${found.total}`);
  });
} else {
  process.on('message', ([from, to]) => {
    let count = 0;
    for (let n = from; n <= to; n++) if (isPrime(n)) count += 1;
    process.send({ count });
  });
}
