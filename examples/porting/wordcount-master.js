// A master with a port, where workers ask for parts of a file and bring counts, line by line:  sc run wordcount-master.js
// Prints: the 4, a 2, dog 2, fox 2 of 15 words, 5 parts, 2 workers
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const readline = require('readline');

const TEXT = ['the fox saw a dog', 'a dog', 'the fox ran', 'the dogs slept', 'the end'];
const job = {
  map: (line) => line.split(' ').map((word) => [word, 1]),
  reduce: (word, counts) => counts.reduce((a, b) => a + b, 0),
};
const say = (socket, message) => socket.write(`${JSON.stringify(message)}\n`);
const hear = (socket, fn) => readline.createInterface({ input: socket }).on('line', (line) => fn(JSON.parse(line)));

function worker(port) {
  const socket = net.connect(port, '127.0.0.1', () => say(socket, { ask: true }));
  hear(socket, ({ part, map, done }) => {
    if (done) return socket.end();
    const pairs = new Function(`return (${map})`)()(part);
    say(socket, { pairs, ask: true });
  });
}

function master(parts, done) {
  const grouped = new Map();
  const seen = new Set();
  let left = parts.length;
  let next = 0;
  const server = net.createServer((socket) => hear(socket, ({ pairs }) => {
    seen.add(socket);
    if (pairs) left -= 1;
    for (const [word, n] of pairs || []) grouped.set(word, [...(grouped.get(word) || []), n]);
    if (next < parts.length) say(socket, { part: parts[next++], map: job.map.toString() });
    else say(socket, { done: true });
    if (left > 0) return;
    server.close();
    done([...grouped].map(([word, counts]) => [word, job.reduce(word, counts)]), seen.size);
  }));
  server.listen(0, '127.0.0.1', () => [1, 2].forEach(() => worker(server.address().port)));
}

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'count-'));
const file = path.join(dir, 'text');
fs.writeFileSync(file, TEXT.join('\n'));
fs.readFile(file, 'utf8', (err, text) => {
  if (err) throw err;
  const parts = text.split('\n');
  master(parts, (counts, workers) => {
    const all = counts.reduce((n, [, count]) => n + count, 0);
    const top = counts.sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, 4);
    console.log(`${top.map((pair) => pair.join(' ')).join(', ')} of ${all} words, ${parts.length} parts, ${workers} workers`);
    fs.rmSync(dir, { recursive: true });
  });
});
