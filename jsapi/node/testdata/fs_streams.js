'use strict';
// Streams over files, and stdout as one.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { pipeline } = require('stream/promises');
const { Writable, Readable } = require('stream');

const wait = (stream, event) => new Promise((resolve) => { stream.once(event, (...args) => resolve(args)); });

(async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'streams-'));
  const file = path.join(dir, 'a.txt');
  const w = fs.createWriteStream(file);
  console.log(w.fd, w.pending, w.path === file, w.flags, w.bytesWritten);
  for (const e of ['open', 'ready', 'finish', 'close']) w.on(e, (v) => console.log(e, typeof v));
  w.write('0123');
  w.write(Buffer.from('4567'));
  w.end('89', 'latin1');
  await wait(w, 'close');
  console.log(w.bytesWritten, fs.readFileSync(file, 'utf8'), w.closed, w.fd);

  const r = fs.createReadStream(file, { start: 2, end: 7, highWaterMark: 4, encoding: 'utf8' });
  const parts = [];
  r.on('data', (d) => parts.push(d));
  await wait(r, 'close');
  console.log(parts, r.bytesRead, r.pos);

  const at = fs.createWriteStream(file, { flags: 'r+', start: 4 });
  at.end('XY');
  await wait(at, 'close');
  const added = fs.createWriteStream(file, { flags: 'a' });
  added.end('!');
  await wait(added, 'close');
  console.log(fs.readFileSync(file, 'utf8'));

  const [missing] = await wait(fs.createReadStream(path.join(dir, 'none')), 'error');
  console.log(missing.code, missing.syscall);
  const [isDir] = await wait(fs.createWriteStream(dir), 'error');
  console.log(isDir.code, isDir.syscall);
  for (const bad of [() => fs.createReadStream(5), () => fs.createReadStream(file, { start: 5, end: 2 }), () => fs.createReadStream(file, { start: '1' }), () => fs.createWriteStream(file, { encoding: 'odd' })]) {
    try { bad(); console.log('no error'); } catch (e) { console.log(e.name, e.code, e.message.replace(/\. Received.*|"end".*/s, '')); }
  }

  const big = path.join(dir, 'big');
  await pipeline(Readable.from(Array.from({ length: 40 }, (_, i) => Buffer.alloc(10000, i))), fs.createWriteStream(big));
  let size = 0;
  await pipeline(fs.createReadStream(big), new Writable({ write(chunk, e, cb) { size += chunk.length; setImmediate(cb); } }));
  console.log(size, fs.statSync(big).size);

  const handle = await fs.promises.open(file, 'r');
  const through = handle.createReadStream({ encoding: 'utf8' });
  console.log(await through.toArray(), handle.fd);
  const fd = fs.openSync(file, 'r');
  const kept = fs.createReadStream(null, { fd, autoClose: false });
  kept.resume();
  await wait(kept, 'end');
  fs.closeSync(fd);
  const early = fs.createReadStream(big);
  early.destroy();
  console.log(await wait(early, 'close'), early.destroyed);
  fs.rmSync(dir, { recursive: true });

  console.log(process.stdout instanceof Writable, process.stdin instanceof Readable, process.stdout.fd, process.stdout.writable);
  await pipeline(Readable.from(['to ', 'stdout', '\n']), process.stdout, { end: false });
  process.stdout.cork();
  process.stdout.write('corked ');
  process.stdout.write('text\n', () => console.log('written'));
  process.stdout.uncork();
})();
