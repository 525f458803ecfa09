// Workers of a cluster that serve one port, a question of primes per request:  sc run cluster-http.js
// Prints: 25 46 62 78 95 109 from 2 workers, at least one cpu: true, left by disconnect: true
const cluster = require('cluster');
const http = require('http');
const os = require('os');
const url = require('url');

const WORKERS = Math.min(2, os.cpus().length + 1);

function primes(limit) {
  let count = 0;
  for (let n = 2; n <= limit; n++) {
    let i = 2;
    while (i * i <= n && n % i !== 0) i++;
    if (i * i > n) count++;
  }
  return count;
}

function ask(port, limit, done) {
  http.get({ host: '127.0.0.1', port, path: `/?limit=${limit}`, agent: false }, (res) => {
    let text = '';
    res.on('data', (chunk) => { text += chunk; });
    res.on('end', () => done(Number(text), res.headers['x-worker']));
  });
}

if (cluster.isMaster) {
  const counts = [];
  const seen = new Set();
  const listening = [];
  cluster.on('listening', (worker, { port }) => {
    listening.push(port);
    if (listening.length < WORKERS) return;
    let left = 6;
    for (let i = 0; i < 6; i++) {
      ask(port, (i + 1) * 100, (count, worker) => {
        counts[i] = count;
        seen.add(worker);
        if (--left === 0) cluster.disconnect();
      });
    }
  });
  let voluntary = true;
  let alive = WORKERS;
  cluster.on('exit', (worker) => {
    voluntary = voluntary && worker.exitedAfterDisconnect;
    if (--alive > 0) return;
    console.log(`${counts.join(' ')} from ${seen.size} workers, at least one cpu: ${os.cpus().length > 0}, left by disconnect: ${voluntary}`);
  });
  for (let i = 0; i < WORKERS; i++) cluster.fork();
} else {
  http.createServer((req, res) => {
    const { limit } = url.parse(req.url, true).query;
    res.setHeader('X-Worker', cluster.worker.id);
    res.end(String(primes(Number(limit))));
  }).listen(0, '127.0.0.1');
}
