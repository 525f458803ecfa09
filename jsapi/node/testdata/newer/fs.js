// Edges of fs: arguments that are looked at before the callback, signals, flush, closed handles, data in pieces.
'use strict';
const fs = require('fs');
const path = require('path');
const dir = fs.mkdtempSync(path.join(require('os').tmpdir(), 'edges-'));
const at = (name) => path.join(dir, name);
process.on('warning', (warning) => console.log('warning', warning.code, warning.message.split('\n')[0]));
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message.replaceAll(dir, 'DIR'));
  }
};
fs.writeFileSync(at('a'), 'abcdef', { flush: true });
const fd = fs.openSync(at('a'), 'r');
for (const options of [{ length: 2 }, null, {}, new String('xy')]) show('read', () => fs.readSync(fd, Buffer.alloc(3), options));
for (const options of [false, 'text', 5, [], 7n]) show('read', () => fs.readSync(fd, Buffer.alloc(3), options));
show('read', () => fs.readSync(fd, new Uint8Array(0), 0, 10, 0));
show('read', () => fs.readSync(fd, { buffer: null }));
show('read', () => fs.read(null, Buffer.alloc(1), 0, 1, 0));
for (const position of ['1', 2n ** 63n, -2n, 1.5]) show('position', () => fs.readSync(fd, Buffer.alloc(1), 0, 1, position));
show('readv', () => fs.readvSync(fd, ['x']));
show('writev', () => fs.writevSync(fd, null));
fs.closeSync(fd);
show('ftruncate', () => fs.ftruncate(3, 'x'));
show('truncate', () => fs.truncateSync(at('a'), null));
show('symlink', () => fs.symlinkSync('a', at('b'), 'odd'));
show('flush', () => fs.writeFileSync(at('a'), 'x', { flush: 1 }));
show('statfs', () => Object.entries(fs.statfsSync(dir)).every(([, value]) => typeof value === 'number') && typeof fs.statfsSync(dir, { bigint: true }).bsize);
show('Dir', () => new fs.Dir());
show('Dir', () => fs.Dir.prototype.path);
show('opendir', () => fs.opendirSync(dir, { bufferSize: 0 }));
show('opendir', () => fs.opendir(dir));
show('Stats', () => { const made = new fs.Stats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14); return [made instanceof fs.Stats, made.ino, made.mtimeMs, made.atime.toISOString()]; });
show('time', () => fs._toUnixTimestamp(new Date(1500)));
show('time', () => fs._toUnixTimestamp(Infinity));
show('exists', () => fs.existsSync({}));
show('folder', () => { const made = fs.mkdtempDisposableSync(at('t-')); const there = fs.existsSync(made.path); made.remove(); made[Symbol.dispose](); return [there, fs.existsSync(made.path)]; });
show('inherited', () => { const stream = fs.createReadStream(at('a'), { __proto__: { start: 1, end: 2 } }); stream.on('data', (chunk) => console.log('part', String(chunk))); return [stream.start, stream.end]; });
(async () => {
  const abort = new AbortController();
  fs.writeFile(at('w'), 'x', { signal: AbortSignal.abort() }, (err) => console.log('callback', err.name));
  const late = fs.promises.writeFile(at('w'), Buffer.alloc(10), { signal: abort.signal });
  abort.abort();
  await late.catch((err) => console.log('promise', err.name, err.code));
  await fs.promises.writeFile(at('pieces'), ['one ', Buffer.from('two '), 'three']);
  await fs.promises.appendFile(at('pieces'), require('stream').Readable.from([' and', ' four']));
  console.log(await fs.promises.readFile(at('pieces'), 'utf8'));
  const handle = await fs.promises.open(at('a'));
  await handle.close();
  await handle.stat().catch((err) => console.log(err.code, err.syscall, err.message));
  function Old(...args) { fs.ReadStream.call(this, ...args); }
  Object.setPrototypeOf(Old.prototype, fs.ReadStream.prototype);
  Old.prototype.open = function open() {
    fs.open(this.path, this.flags, this.mode, (err, number) => {
      this.fd = number;
      this.emit('open', number);
    });
  };
  let text = '';
  await new Promise((resolve) => { new Old(at('a')).on('data', (chunk) => { text += chunk; }).on('close', resolve); });
  console.log('old stream', text);
  fs.rmSync(dir, { recursive: true });
})();
