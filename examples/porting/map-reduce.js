// Counts words with threads: each maps a part of the text, the main thread reduces:  sc run map-reduce.js
// Prints: be: 2, to: 2, is: 1, not: 1, or: 1, question: 1, that: 1, the: 1
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

if (isMainThread) {
  const lines = ['to be or not', 'to be that is', 'the question'];
  const total = new Map();
  const mapped = lines.map((line) => new Promise((resolve, reject) => {
    new Worker(__filename, { workerData: line }).on('message', resolve).on('error', reject);
  }));
  Promise.all(mapped).then((parts) => {
    for (const part of parts) for (const [word, n] of part) total.set(word, (total.get(word) || 0) + n);
    console.log([...total].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([word, n]) => `${word}: ${n}`).join(', '));
  });
} else {
  const counts = new Map();
  for (const word of workerData.split(' ')) counts.set(word, (counts.get(word) || 0) + 1);
  parentPort.postMessage(counts);
}
