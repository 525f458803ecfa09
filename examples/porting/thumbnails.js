// Thumbnails of a folder: files named by their hash, a child for each, as many at once as there are cpus:  sc run thumbnails.js
// Prints: 3 images, 2 made, 1 there already; at most as many at once as cpus: true; b.pgm -> 2x2 10 30 90 110
const { execFile } = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');

/** A queue of at most limit tasks at once; drained resolves when it is empty. */
function queue(limit, work) {
  const q = { waiting: [], running: 0, most: 0 };
  q.drained = new Promise((resolve, reject) => {
    q.push = (item) => { q.waiting.push(item); q.next(); };
    q.next = () => {
      while (q.running < limit && q.waiting.length > 0) {
        q.most = Math.max(q.most, ++q.running);
        work(q.waiting.shift()).then(() => {
          q.running -= 1;
          if (q.running + q.waiting.length === 0) resolve(q);
          else q.next();
        }, reject);
      }
    };
  });
  return q;
}

/** Every second pixel of every second line, of an image of text (PGM). */
function shrink(text) {
  const [, width, , , ...pixels] = text.trim().split(/\s+/);
  const small = pixels.filter((_, i) => (i % width) % 2 === 0 && Math.floor(i / width) % 2 === 0);
  return `P2\n2 2\n255\n${small.join(' ')}\n`;
}

async function main() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'thumbs-'));
  ['a.pgm', 'b.pgm', 'copy.pgm'].forEach((name) => fs.writeFileSync(path.join(dir, name),
    `P2\n4 4\n255\n${Array.from({ length: 16 }, (_, i) => (name === 'b.pgm' ? i + 1 : i) * 10).join(' ')}\n`));
  const made = new Map();
  let there = 0;
  const q = queue(os.cpus().length, (name) => new Promise((resolve, reject) => {
    const file = path.join(dir, name);
    const hash = crypto.createHash('md5').update(fs.readFileSync(file)).digest('hex');
    if (made.has(hash)) return resolve(there++);
    made.set(hash, name);
    execFile(process.execPath, [__filename, file, path.join(dir, `${hash}.thumb`)], (err) => (err ? reject(err) : resolve()));
  }));
  const images = (await fs.promises.readdir(dir)).filter((name) => path.extname(name) === '.pgm').sort();
  images.forEach(q.push);
  await q.drained;
  const [hash] = [...made].find(([, name]) => name === 'b.pgm');
  const [, w, h, , ...pixels] = fs.readFileSync(path.join(dir, `${hash}.thumb`), 'utf8').trim().split(/\s+/);
  console.log(`${images.length} images, ${made.size} made, ${there} there already; at most as many at once as cpus: ${
    q.most <= os.cpus().length}; b.pgm -> ${w}x${h} ${pixels.join(' ')}`);
  fs.rmSync(dir, { recursive: true });
}

const [from, to] = process.argv.slice(2);
if (from) fs.writeFileSync(to, shrink(fs.readFileSync(from, 'utf8')));
else main();
