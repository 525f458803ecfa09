// Counts the words of all text files below a folder, a file a task, on every
// worker there is.
//
//   sc run --local=2 examples/wordcount.js DIR
//
// Prints the ten most frequent words and the total; how many files each
// worker counted goes to stderr.

const fs = require('fs');
const path = require('path');
const { createMaster } = require('supercluster');

function* textFiles(dir) {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) yield* textFiles(file);
    else if (/\.(go|js|md|txt)$/.test(entry.name)) yield fs.readFileSync(file, 'utf8');
  }
}

function count(text) {
  const words = new Map();
  for (const word of text.toLowerCase().split(/[^a-z]+/)) {
    if (word) words.set(word, (words.get(word) || 0) + 1);
  }
  return { words, worker: task.worker.id };
}

(async () => {
  const master = createMaster();
  const total = new Map(), shares = new Map();
  for await (const { words, worker } of master.map(textFiles(process.argv[2]), count)) {
    for (const [word, n] of words) total.set(word, (total.get(word) || 0) + n);
    shares.set(worker, (shares.get(worker) || 0) + 1);
  }
  const top = [...total].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  for (const [word, n] of top.slice(0, 10)) console.log(`${n}\t${word}`);
  console.log(`${top.reduce((sum, [, n]) => sum + n, 0)} words, ${top.length} of them different`);
  for (const [worker, n] of shares) console.error(`worker ${worker.slice(0, 7)} counted ${n} files`);
  await master.leave();
})();
