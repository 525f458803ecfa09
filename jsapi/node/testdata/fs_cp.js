// fs.cp: what it refuses, filters, links, times, modes; and fs.watch and watchFile.
'use strict';
const fs = require('fs');
const path = require('path');
const dir = fs.mkdtempSync(path.join(require('os').tmpdir(), 'cp-'));
const at = (...names) => path.join(dir, ...names);
const text = (message) => message.replaceAll(dir, 'DIR');
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, text(err.message), err.errno, err.syscall);
  }
};
fs.mkdirSync(at('src/sub'), { recursive: true });
fs.writeFileSync(at('src/a.txt'), 'a', { mode: 0o640 });
fs.writeFileSync(at('src/sub/b.js'), 'b');
fs.symlinkSync('a.txt', at('src/link'));
fs.utimesSync(at('src/a.txt'), 1000, 2000);
const tree = (name) => fs.readdirSync(at(name), { recursive: true }).sort();
show('not recursive', () => fs.cpSync(at('src'), at('x')));
show('recursive', () => { fs.cpSync(at('src'), at('new/deep'), { recursive: true, preserveTimestamps: true }); return tree('new'); });
show('kept', () => [fs.statSync(at('new/deep/a.txt')).mtimeMs, (fs.statSync(at('new/deep/a.txt')).mode & 0o777).toString(8), text(fs.readlinkSync(at('new/deep/link')))]);
show('self', () => fs.cpSync(at('src'), at('src'), { recursive: true }));
show('below', () => fs.cpSync(at('src'), at('src/sub/c'), { recursive: true }));
show('to file', () => fs.cpSync(at('src'), at('new/deep/a.txt'), { recursive: true }));
show('to folder', () => fs.cpSync(at('src/a.txt'), at('new'), {}));
show('there', () => fs.cpSync(at('src/a.txt'), at('new/deep/a.txt'), { force: false, errorOnExist: true }));
show('left', () => { fs.writeFileSync(at('y'), 'old'); fs.cpSync(at('src/a.txt'), at('y'), { force: false }); return fs.readFileSync(at('y'), 'utf8'); });
show('forced', () => { fs.cpSync(at('src/a.txt'), at('y')); return fs.readFileSync(at('y'), 'utf8'); });
show('filter', () => { fs.cpSync(at('src'), at('f'), { recursive: true, filter: (from) => !from.endsWith('.js') }); return tree('f'); });
show('verbatim', () => { fs.cpSync(at('src'), at('v'), { recursive: true, verbatimSymlinks: true }); return fs.readlinkSync(at('v/link')); });
show('followed', () => { fs.cpSync(at('src'), at('d'), { recursive: true, dereference: true }); return fs.lstatSync(at('d/link')).isFile(); });
for (const options of [{ recursive: 1 }, { verbatimSymlinks: null }, { filter: 'x' }, { dereference: true, verbatimSymlinks: true }, { mode: 8 }, 'x']) {
  show('options', () => fs.cpSync(at('src'), at('o'), options));
}
show('missing', () => fs.cpSync(at('nothing'), at('o')));
show('watch', () => fs.watch(at('nothing')));
show('watch', () => fs.watch(at('src'), { recursive: 'yes' }));
show('watch', () => fs.watch(5));
show('watchFile', () => fs.watchFile(at('src')));
show('watchFile', () => fs.watchFile(at('src'), { interval: -1 }, () => {}));
(async () => {
  await new Promise((resolve) => {
    fs.cp(at('src'), at('p'), { recursive: true, filter: async (from) => !from.endsWith('a.txt') }, (err) => {
      console.log('async filter', err, tree('p'));
      resolve();
    });
  });
  await fs.promises.cp(at('src'), at('src/sub'), { recursive: true }).catch((err) => console.log(err.code, text(err.message)));
  await new Promise((resolve) => {
    const watcher = fs.watch(at('src'), (type, name) => {
      if (name !== 'fresh.txt') return;
      console.log('event', type, name);
      watcher.close();
    });
    watcher.on('close', resolve);
    fs.writeFileSync(at('src/fresh.txt'), '1');
  });
  await new Promise((resolve) => {
    const watcher = fs.watch(at('src/fresh.txt'), { encoding: 'buffer' });
    watcher.on('change', (type, name) => {
      console.log('event', type, String(name), Buffer.isBuffer(name));
      watcher.removeAllListeners('change').close();
      watcher.close();
      resolve();
    });
    fs.appendFileSync(at('src/fresh.txt'), '2');
  });
  const abort = new AbortController();
  const events = fs.promises.watch(at('src'), { signal: abort.signal });
  setTimeout(() => fs.writeFileSync(at('src/other.txt'), '1'), 20);
  try {
    const { value } = await events.next();
    console.log('promised', value.eventType, value.filename);
    abort.abort();
    while (!(await events.next()).done);
  } catch (err) {
    console.log(err.name, err.code);
  }
  await new Promise((resolve) => {
    const stats = fs.watchFile(at('later'), { interval: 5 }, (now, before) => {
      if (now.ino === 0) {
        console.log('not there', now.mtimeMs, before.size);
        fs.writeFileSync(at('later'), 'x');
        return;
      }
      console.log('there', now.size, before.ino);
      fs.unwatchFile(at('later'));
      stats.on('stop', resolve);
    });
  });
  fs.rmSync(dir, { recursive: true });
})();
