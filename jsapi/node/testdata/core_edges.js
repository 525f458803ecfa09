// Edges of small modules: receivers, classes that extend Console, tables, paths of devices, streams' events and ends.
'use strict';
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message);
  }
};
const { isAscii, isUtf8, transcode } = require('buffer');
show('isAscii', () => [isAscii(Buffer.from('abc')), isAscii(Buffer.from('é')), isAscii(new Uint16Array([0x4141])), isAscii(new ArrayBuffer(2))]);
show('isUtf8', () => [isUtf8(Buffer.from('é')), isUtf8(Buffer.from([0xc3])), isUtf8(new ArrayBuffer(0))]);
show('isAscii', () => isAscii('abc'));
show('transcode', () => [transcode(Buffer.from('€a'), 'utf8', 'latin1').toString('hex'), transcode(Buffer.from('é'), 'utf8', 'ucs2')]);
show('transcode', () => transcode(Buffer.from('a'), 'b', 'hex'));
show('transcode', () => transcode('a', 'utf8', 'latin1'));
show('fake memory', () => { function AB() {} Object.setPrototypeOf(AB.prototype, ArrayBuffer.prototype); return Buffer.from(new AB()); });
for (const name of ['readFloatLE', 'readUInt16BE', 'readDoubleLE']) show(name, () => Buffer.alloc(8)[name](Infinity));
show('byteLength', () => Buffer.alloc(8).readUIntLE(0, Infinity));
show('concat', () => Buffer.concat([Buffer.alloc(1)], -2));
show('concat', () => Buffer.concat([], 100).length);
show('bigint', () => Buffer.alloc(8).writeBigInt64LE('bad'));
const params = new URLSearchParams('a=1&b=2');
for (const name of ['get', 'set', 'has', 'append', 'keys', 'toString', 'forEach']) show(name, () => params[name].call({}));
show('size', () => Object.getOwnPropertyDescriptor(URLSearchParams.prototype, 'size').get.call(null));
show('next', () => params.keys().next.call(undefined));
show('lone', () => new URLSearchParams([['a', '\ud83d']]).toString());
show('descriptors', () => ['canParse', 'createObjectURL', 'revokeObjectURL'].map((name) => Object.getOwnPropertyDescriptor(URL, name).enumerable));
show('revoke', () => URL.revokeObjectURL());
show('EOL', () => { try { require('os').EOL = 5; } catch (err) { return err.name; } });
const { Console } = require('console');
class Loud extends Console {
  log(...args) { super.log('LOUD', ...args); return 'said'; }
  extra() { return this.log('extra'); }
}
const loud = new Loud(process.stdout);
console.log(loud instanceof Console, loud.extra(), (0, loud.log)('bound'), loud[Symbol.toStringTag]);
for (const colorMode of [0, null, 'yes', {}]) show('colorMode', () => new Console({ stdout: process.stdout, colorMode }));
show('colors', () => new Console({ stdout: process.stdout, colorMode: true, inspectOptions: { colors: true } }));
show('indent', () => new Console({ stdout: process.stdout, groupIndentation: -1 }));
console.table(new Map([[1, 'a'], [2, 'b']]).entries());
console.table(new Map([[1, 'a']]).keys());
console.table(new Set(['x']).values());
console.table({ a: 1, b: { c: 2 } }, ['c']);
console.table(() => {});
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
console.dir(proxy);
console.log([proxy]);
const { Readable, Writable, Duplex } = require('stream');
const readable = new Readable({ read() {} });
readable.on('other', () => {});
readable.on('end', () => {});
readable.on('error', () => {});
console.log(readable.eventNames(), readable._events === undefined);
readable.removeAllListeners('error');
console.log(readable.eventNames());
for (const Class of [Readable, Writable, Duplex]) show(Class.name, () => new Class({ defaultEncoding: 'none' }));
show('encoding', () => new Writable().setDefaultEncoding({}));
console.log(require('_stream_readable') === Readable, require('_stream_passthrough') === require('stream').PassThrough);
const failing = new Console(new Writable({ write(chunk, encoding, callback) { setTimeout(callback, 1, new Error('broken')); } }));
failing.log('nobody reads this');
