// timers, timers/promises, perf_hooks, os and the modules that are there at all.
'use strict';
const timers = require('timers');
const tp = require('timers/promises');
const os = require('os');
const { performance, createHistogram } = require('perf_hooks');
console.log(timers.setTimeout === setTimeout, timers.clearImmediate === clearImmediate, timers.promises === tp);
console.log(typeof performance.now(), performance.now() >= 0, performance === globalThis.performance, typeof createHistogram);
console.log(os.EOL === '\n', os.platform() === process.platform, os.arch() === process.arch, os.cpus().length > 0, Object.keys(os.cpus()[0]), Object.keys(os.cpus()[0].times));
console.log(os.totalmem() >= os.freemem(), os.loadavg().length, os.uptime() > 0, typeof os.hostname(), os.type(), typeof os.release(), typeof os.version(), os.endianness(), os.homedir() === process.env.HOME);
console.log(os.constants.signals.SIGINT, os.constants.errno.ENOENT, os.constants.priority.PRIORITY_LOW, os.devNull, `${os.hostname}` === os.hostname(), os.availableParallelism() > 0);
console.log(Object.values(os.networkInterfaces()).flat().filter((i) => i.address === '127.0.0.1').map((i) => [i.netmask, i.family, i.internal, i.cidr]));
const user = os.userInfo();
console.log(Object.keys(user), user.uid === process.getuid(), typeof user.username);
const ac = new AbortController();
(async () => {
  console.log(await tp.setTimeout(1, 'value'), await tp.setImmediate('now'));
  const aborted = tp.setTimeout(10000, 'never', { signal: ac.signal }).catch((err) => console.log(err.name, err.code, err.message));
  ac.abort();
  await aborted;
  await tp.setImmediate(1, { signal: ac.signal }).catch((err) => console.log(err.code));
  await tp.setTimeout(1, 1, 'bad').catch((err) => console.log(err.code));
  const ticks = tp.setInterval(1, 'tick');
  console.log(await ticks.next(), await ticks.next(), await ticks.return());
  await tp.scheduler.wait(1);
  const t = setTimeout(() => {}, 1000);
  console.log(typeof t.ref, t.hasRef(), t.unref() === t, t.hasRef(), typeof t[Symbol.toPrimitive]());
})();
for (const name of ['assert', 'assert/strict', 'buffer', 'console', 'constants', 'events', 'fs', 'fs/promises', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'querystring', 'readline', 'readline/promises', 'string_decoder', 'timers', 'timers/promises', 'url', 'util', 'util/types', 'node:fs']) {
  const m = require(name);
  console.log(name, typeof m, require(name) === m);
}
console.log(require('process') === process, require('console') === console, require('buffer').Buffer === Buffer, require('url').URL === URL, require('events').EventEmitter === require('events'));
