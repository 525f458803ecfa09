// What node has since later versions than 20; the lines it prints are written by hand in core.txt.
'use strict';
const { duplexPair, Readable, Writable } = require('stream');
const util = require('util');
const { win32 } = require('path');
const channel = require('diagnostics_channel');
process.on('warning', (warning) => console.log(warning.name, warning.message.split('\n')));
for (const delay of [NaN, NaN, -5, 2 ** 31, 'x']) clearTimeout(setTimeout(() => console.log('never'), delay));
const timer = setTimeout(() => console.log('never'), 1e6);
console.log(timer._idleTimeout, timer._destroyed, timer._repeat);
clearTimeout(timer);
console.log(timer._idleTimeout, timer._destroyed);
const ended = setInterval(() => { ended._idleTimeout = -1; console.log('once'); }, 1);
const silenced = setInterval(() => { silenced._onTimeout = null; console.log('once more'); }, 1);
console.log(URL.parse('not a url'), URL.parse('/x', 'http://a.b').href, Object.keys(URL).includes('parse'));
console.log(util.isDeepStrictEqual(new (class A {})(), {}), util.isDeepStrictEqual(new (class A {})(), {}, true));
console.log(util.parseEnv('A=1'));
console.log(win32.normalize('\\\\.\\pipe'), win32.join('a', 'CON:..', '..', 'b'), win32.normalize('nul:../x'), win32.join('c:/a', '../b'));
for (const name of ['toString', 'toJSON']) {
  try {
    URL.prototype[name].call({});
  } catch (err) {
    console.log(err.name, err.message);
  }
}
const [a, b] = duplexPair({ encoding: 'utf8' });
a.on('data', (chunk) => console.log('a got', chunk)).on('end', () => console.log('a ended'));
b.on('data', (chunk) => { b.end(`${chunk} back`); });
a.end('there');
Readable.from([{ a: 1 }]).pipe(new Writable({ write() {} })).on('error', (err) => console.log('piped', err.code));
channel.subscribe('console.log', (args) => { if (args[0] === 'heard') args.push('and changed'); });
console.log('heard');
