// fs: sync, callback and promise calls; errors with code, errno, syscall, path and text.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const fsp = require('fs/promises');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sc-fs-'));
const clean = (text) => String(text).split(dir).join('DIR');
const p = (...names) => path.join(dir, ...names);
const show = (label, fn) => {
  try {
    const v = fn();
    console.log(label, typeof v === 'string' ? clean(v) : v);
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.errno, err.syscall, clean(err.path), clean(err.dest), clean(err.message));
  }
};
const stat = (s) => [s.isFile(), s.isDirectory(), s.isSymbolicLink(), s.size, (s.mode & 0o777).toString(8), s.mtime instanceof Date, s.mtimeMs === s.mtime.getTime() || Math.abs(s.mtimeMs - s.mtime.getTime()) < 1];

show('write', () => fs.writeFileSync(p('a.txt'), 'héllo'));
show('read', () => [fs.readFileSync(p('a.txt'), 'utf8'), fs.readFileSync(p('a.txt')), fs.readFileSync(p('a.txt'), { encoding: 'hex' }), fs.readFileSync(p('a.txt'), 'latin1').length]);
show('append', () => { fs.appendFileSync(p('a.txt'), ' world'); fs.writeFileSync(p('a.txt'), Buffer.from('!'), { flag: 'a' }); return fs.readFileSync(p('a.txt'), 'utf8'); });
show('write encoding', () => { fs.writeFileSync(p('h'), 'ff00', 'hex'); return fs.readFileSync(p('h')); });
show('write typed', () => { fs.writeFileSync(p('t'), new Uint16Array([1, 2])); return fs.readFileSync(p('t')); });
show('wx', () => fs.writeFileSync(p('a.txt'), 'x', { flag: 'wx' }));
show('mode', () => { fs.writeFileSync(p('m'), 'x', { mode: 0o600 }); return stat(fs.statSync(p('m'))); });
show('stat', () => [stat(fs.statSync(p('a.txt'))), stat(fs.statSync(dir))]);
show('stat keys', () => Object.keys(fs.statSync(dir)));
show('bigint', () => { const s = fs.statSync(p('a.txt'), { bigint: true }); return [typeof s.size, typeof s.mtimeNs, s.size, s.isFile()]; });
show('throwIfNoEntry', () => [fs.statSync(p('no'), { throwIfNoEntry: false }), fs.lstatSync(p('no'), { throwIfNoEntry: false })]);
show('exists', () => [fs.existsSync(p('a.txt')), fs.existsSync(p('no')), fs.existsSync(dir), fs.existsSync()]);
show('access', () => fs.accessSync(p('a.txt'), fs.constants.R_OK));
show('mkdir', () => fs.mkdirSync(p('d')));
show('mkdir recursive', () => [clean(fs.mkdirSync(p('d/e/f'), { recursive: true })), fs.mkdirSync(p('d/e/f'), { recursive: true })]);
show('readdir', () => { fs.writeFileSync(p('d/one'), '1'); fs.symlinkSync('one', p('d/link')); return [fs.readdirSync(p('d')), fs.readdirSync(p('d'), { recursive: true }), fs.readdirSync(p('d'), 'buffer').length]; });
show('dirents', () => fs.readdirSync(p('d'), { withFileTypes: true }).map((e) => [e.name, e.isFile(), e.isDirectory(), e.isSymbolicLink(), clean(e.path)]));
show('links', () => [fs.readlinkSync(p('d/link')), clean(fs.realpathSync(p('d/link'))), stat(fs.lstatSync(p('d/link')))[2], stat(fs.statSync(p('d/link')))[2]]);
show('hard link', () => { fs.linkSync(p('d/one'), p('d/two')); return fs.statSync(p('d/one')).nlink; });
show('rename', () => { fs.renameSync(p('d/two'), p('d/three')); return fs.readdirSync(p('d')); });
show('copy', () => { fs.copyFileSync(p('a.txt'), p('c.txt')); return fs.readFileSync(p('c.txt'), 'utf8'); });
show('copy excl', () => fs.copyFileSync(p('a.txt'), p('c.txt'), fs.constants.COPYFILE_EXCL));
show('chmod', () => { fs.chmodSync(p('c.txt'), 0o640); fs.chmodSync(p('m'), '644'); return [stat(fs.statSync(p('c.txt')))[4], stat(fs.statSync(p('m')))[4]]; });
show('utimes', () => { fs.utimesSync(p('c.txt'), 1000, new Date(2000000)); const s = fs.statSync(p('c.txt')); return [s.atimeMs, s.mtimeMs, s.mtime]; });
show('truncate', () => { fs.truncateSync(p('c.txt'), 3); return fs.readFileSync(p('c.txt')); });
show('fd', () => {
  const fd = fs.openSync(p('fd'), 'w+');
  const out = [typeof fd, fs.writeSync(fd, 'abcdef'), fs.writeSync(fd, Buffer.from('XYZ'), 1, 1, 2), fs.writeSync(fd, 'q', 5)];
  const b = Buffer.alloc(10);
  out.push(fs.readSync(fd, b, 0, 4, 0), b.toString('latin1'), fs.readSync(fd, b), fs.readSync(fd, b, { position: 2, length: 3 }), b.toString('latin1', 0, 3));
  fs.ftruncateSync(fd, 2);
  out.push(fs.fstatSync(fd).size, fs.readFileSync(fd, 'utf8'));
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  return out;
});
show('rm', () => { fs.rmSync(p('c.txt')); fs.rmSync(p('nothing'), { force: true }); return fs.existsSync(p('c.txt')); });
show('rm tree', () => { fs.mkdirSync(p('x/y'), { recursive: true }); fs.rmSync(p('x'), { recursive: true }); return fs.existsSync(p('x')); });
show('cp', () => { fs.cpSync(p('d'), p('copy'), { recursive: true }); return fs.readdirSync(p('copy')); });
show('opendir', () => { const d = fs.opendirSync(p('d')); const names = []; for (let e = d.readSync(); e; e = d.readSync()) names.push(e.name); d.closeSync(); return names.sort(); });
show('unlink', () => fs.unlinkSync(p('m')));
show('rmdir', () => fs.rmdirSync(p('d/e/f')));
show('url', () => fs.readFileSync(new URL(`file://${p('a.txt')}`), 'utf8'));
show('buffer path', () => fs.readFileSync(Buffer.from(p('a.txt')), 'utf8'));

for (const [name, ...args] of [['readFile', 'no'], ['readFile', 'd'], ['stat', 'no'], ['lstat', 'no'], ['readdir', 'no'], ['readdir', 'a.txt'], ['mkdir', 'd'], ['mkdir', 'no/x'], ['rmdir', 'd'], ['rmdir', 'no'], ['rmdir', 'a.txt'], ['unlink', 'no'], ['unlink', 'd'], ['open', 'no'], ['access', 'no'], ['readlink', 'a.txt'], ['realpath', 'no'], ['chmod', 'no'], ['truncate', 'no'], ['rm', 'no'], ['rm', 'd'], ['mkdir', 'a.txt/x'], ['utimes', 'no']]) {
  show(`${name} ${args}`, () => fs[`${name}Sync`](p(...args), ...(name === 'chmod' ? [0o644] : name === 'utimes' ? [1, 1] : [])));
}
for (const name of ['rename', 'copyFile', 'link', 'symlink']) show(name, () => fs[`${name}Sync`](p('no'), p('a.txt', 'z')));
show('mkdtemp', () => fs.mkdtempSync(p('no', 'x-')));
show('close', () => fs.closeSync(9999));
show('fstat', () => fs.fstatSync(9999));
show('read bad', () => fs.readSync(9999, Buffer.alloc(1)));
for (const bad of [undefined, null, 5.5, {}, true, 'a\0b']) {
  show('readFileSync bad', () => fs.readFileSync(bad));
  show('statSync bad', () => fs.statSync(bad));
  show('renameSync bad', () => fs.renameSync('a', bad));
  show('mkdirSync bad', () => fs.mkdirSync(bad));
}
show('data bad', () => fs.writeFileSync(p('z'), 5));
show('encoding bad', () => fs.readFileSync(p('a.txt'), 'nope'));
show('flags bad', () => fs.openSync(p('a.txt'), 'q'));
show('fd bad', () => fs.closeSync('x'));
show('fd bad', () => fs.closeSync(-1));
show('mode bad', () => fs.chmodSync(p('a.txt'), 'x'));
show('no callback', () => fs.readFile(p('a.txt')));
show('no callback', () => fs.stat(p('a.txt'), 5));
show('options bad', () => fs.readFileSync(p('a.txt'), 5));
show('time bad', () => fs.utimesSync(p('a.txt'), {}, 1));
show('length bad', () => fs.readSync(0, Buffer.alloc(2), 0, 5));
console.log(fs.constants.O_RDONLY, fs.constants.S_IFMT, fs.F_OK, fs.R_OK, fs.promises === fsp, typeof fs.Stats);

(async () => {
  const call = (name, ...args) => new Promise((resolve) => { fs[name](...args, (...r) => resolve(r.map((v) => (v instanceof Error ? [v.name, v.code, clean(v.message), clean(v.stack)] : v)))); });
  console.log('cb', await call('readFile', p('a.txt'), 'utf8'), await call('readFile', p('no')), await call('writeFile', p('w'), 'data'), await call('appendFile', p('w'), '+'));
  console.log('cb', (await call('stat', p('w')))[1].size, await call('mkdir', p('cb')), await call('readdir', p('cb')), await call('rmdir', p('cb')), await call('rmdir', p('cb')));
  console.log('cb', await call('access', p('w')), await call('rename', p('w'), p('w2')), await call('unlink', p('w2')), await call('rm', p('w2'), { force: true }));
  const [, fd] = await call('open', p('o'), 'w+');
  console.log('cb', await call('write', fd, 'hello'), await call('read', fd, Buffer.alloc(3), 0, 3, 1), await call('fstat', fd).then((r) => r[1].size), await call('close', fd));
  console.log('exists', await new Promise((r) => { fs.exists(p('a.txt'), r); }), await new Promise((r) => { fs.exists(p('no'), r); }));
  console.log('promisify', await require('util').promisify(fs.readFile)(p('a.txt'), 'utf8'), await require('util').promisify(fs.exists)(p('no')));
  await fsp.writeFile(p('pf'), 'promised');
  console.log('p', await fsp.readFile(p('pf'), 'utf8'), (await fsp.stat(p('pf'))).size, await fsp.readdir(p('d')), await fsp.access(p('pf')), await fsp.mkdir(p('pd')), await fsp.rm(p('pd'), { recursive: true }));
  await fsp.readFile(p('no')).catch((err) => console.log('p', err.code, clean(err.message), err.syscall));
  await fsp.readFile(5.5).catch((err) => console.log('p', err.code, err.message));
  const h = await fsp.open(p('pf'), 'r+');
  console.log('handle', typeof h.fd, (await h.read(Buffer.alloc(4), 0, 4, 0)).bytesRead, await h.readFile('utf8'), (await h.stat()).size, (await h.write('ZZ', 0)).bytesWritten, await h.close());
  console.log('handle', await fsp.readFile(p('pf'), 'utf8'), h.fd);
  const names = [];
  const d = (await fsp.opendir(p('d')))[Symbol.asyncIterator]();
  for (let e = await d.next(); !e.done; e = await d.next()) names.push(e.value.name);
  console.log(names.sort());
  fs.readFile(p('a.txt'), () => console.log('after'));
  console.log('before');
  fs.rmSync(dir, { recursive: true });
})();
