// Buffer: texts, numbers, searching, filling, errors. Prints what node prints.
'use strict';
const { Buffer, constants } = require('buffer');
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message);
  }
};
const texts = ['', 'a', 'héllo', '日本語', '\u{1f600} smile', 'x'.repeat(70), 'ÿþ\x00\x7f', '\ud800 lone'];
const encodings = ['utf8', 'UTF-8', 'utf16le', 'ucs2', 'latin1', 'binary', 'ascii', 'base64', 'base64url', 'hex'];
for (const text of texts) for (const enc of encodings) if (!enc.startsWith('base64') || !/[^ -~]/.test(text)) show(`${JSON.stringify(text)} ${enc}`, () => Buffer.from(text, enc).toString('hex'));
for (const enc of encodings) show(`bytes ${enc}`, () => Buffer.from([0, 1, 127, 128, 200, 255, 0xe2, 0x82, 0xac, 0xf0, 0x9f]).toString(enc));
for (const t of ['YQ==', 'YQ', 'YWI=', 'YW Jj\n', 'a-_b', 'a+/b', '====', 'Y', '@@YQ']) show(`base64 ${t}`, () => Buffer.from(t, 'base64').toString('hex'));
for (const t of ['0', 'abc', 'zz', '0g11', 'AbCd']) show(`hex ${t}`, () => Buffer.from(t, 'hex'));
for (const t of texts) show('byteLength', () => [Buffer.byteLength(t), Buffer.byteLength(t, 'utf16le'), Buffer.byteLength(t, 'base64'), Buffer.byteLength(t, 'hex')]);
show('from array', () => Buffer.from([1, 256, -1, 1.7, '3', NaN]));
show('from buffer', () => Buffer.from(Buffer.from('abc')));
show('from arraybuffer', () => Buffer.from(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2));
show('from json', () => Buffer.from(JSON.parse(JSON.stringify(Buffer.from('hi')))));
show('from object', () => Buffer.from({ length: 2, 0: 5, 1: 6 }));
show('from String', () => Buffer.from(new String('boxed')));
show('from primitive', () => Buffer.from({ [Symbol.toPrimitive]() { return 'prim'; } }));
for (const bad of [undefined, null, 5, true, {}, () => {}, Symbol('x'), 5n]) show('from bad', () => Buffer.from(bad));
show('bad encoding', () => Buffer.from('a', 'nope'));
show('bad encoding toString', () => Buffer.from('a').toString('nope'));
show('alloc', () => [Buffer.alloc(3), Buffer.alloc(5, 'ab'), Buffer.alloc(4, 7), Buffer.alloc(4, 'YQ==', 'base64')]);
show('alloc bad', () => Buffer.alloc('5'));
show('alloc negative', () => Buffer.alloc(-1));
show('isBuffer', () => [Buffer.isBuffer(Buffer.alloc(1)), Buffer.isBuffer(new Uint8Array(1)), Buffer.isBuffer('')]);
show('isEncoding', () => ['utf8', 'UTF8', 'hex', 'nope', '', 5, undefined].map((e) => Buffer.isEncoding(e)));
show('concat', () => [Buffer.concat([Buffer.from('ab'), Buffer.from('cd')]), Buffer.concat([Buffer.from('abcd')], 2), Buffer.concat([Buffer.from('a')], 3), Buffer.concat([])]);
show('concat bad', () => Buffer.concat(['a']));
show('compare', () => [Buffer.compare(Buffer.from('a'), Buffer.from('b')), Buffer.from('b').compare(Buffer.from('a')), Buffer.from('abc').compare(Buffer.from('xbcx'), 1, 3, 1)]);
const b = Buffer.from('this is a buffer is a');
for (const args of [['is'], ['is', 3], ['is', -5], ['nope'], [98], [''], ['', 5], [Buffer.from('buf')], ['is', NaN], ['is', 'utf8'], ['s', -100]]) {
  show(`indexOf ${JSON.stringify(args)}`, () => [b.indexOf(...args), b.lastIndexOf(...args), b.includes(...args)]);
}
show('indexOf ucs2', () => Buffer.from('\u0391\u0391\u03a3\u0395', 'ucs2').indexOf('\u03a3', 0, 'ucs2'));
show('indexOf bad', () => b.indexOf({}));
show('equals', () => [b.equals(Buffer.from(b)), b.equals(Buffer.from('x'))]);
show('equals bad', () => b.equals('x'));
show('fill', () => [Buffer.alloc(6).fill('abc'), Buffer.alloc(6).fill('é', 1), Buffer.alloc(6).fill(0x101, 2, 4), Buffer.alloc(4).fill('ab', 'latin1'), Buffer.alloc(3).fill('')]);
show('fill range', () => Buffer.alloc(3).fill('a', 0, 9));
show('fill hex', () => Buffer.alloc(3).fill('zz', 'hex'));
show('write', () => { const w = Buffer.alloc(8); return [w.write('abc'), w.write('é', 3), w.write('ffff', 5, 'hex'), w.write('zz', 7, 1), w]; });
show('write cut', () => { const w = Buffer.alloc(4); return [w.write('a日本'), w]; });
show('write bad', () => Buffer.alloc(1).write(5));
show('write range', () => Buffer.alloc(1).write('a', 5));
show('slice', () => { const s = b.slice(5, 7); s[0] = 73; return [b.toString(), s.toString(), b.subarray(-3).toString(), b.slice(3, 1).length]; });
show('copy', () => { const c = Buffer.alloc(5); return [Buffer.from('abcdef').copy(c, 1, 2), c]; });
show('copy range', () => Buffer.from('abc').copy(Buffer.alloc(1), 0, 9));
show('swap', () => [Buffer.from([1, 2, 3, 4]).swap16(), Buffer.from([1, 2, 3, 4]).swap32(), Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]).swap64()]);
show('swap bad', () => Buffer.from([1]).swap16());
show('toJSON', () => JSON.stringify(Buffer.from('ab')));
show('toString range', () => [b.toString('utf8', 5, 7), b.toString('latin1', -3, 4), b.toString('utf8', 50), b.toString(undefined, 1, 3), b.toString('utf8', '5', '7')]);
const n = Buffer.from([0xff, 0x80, 1, 2, 3, 4, 5, 6, 0x7f, 0x80, 0, 0, 0, 0, 0xf0, 0x3f]);
for (const m of ['Int8', 'UInt8', 'Int16LE', 'Int16BE', 'UInt16LE', 'UInt16BE', 'Int32LE', 'Int32BE', 'UInt32LE', 'UInt32BE', 'FloatLE', 'FloatBE', 'DoubleLE', 'DoubleBE', 'BigInt64LE', 'BigInt64BE', 'BigUInt64LE', 'BigUInt64BE']) {
  show(`read${m}`, () => [n[`read${m}`](), n[`read${m}`](8)]);
  show(`read${m} out`, () => n[`read${m}`](16));
  show(`read${m} frac`, () => n[`read${m}`](0.5));
  show(`read${m} type`, () => n[`read${m}`]('0'));
  show(`read${m} short`, () => Buffer.alloc(0)[`read${m}`]());
  const big = m.startsWith('Big');
  for (const v of big ? [1n, -1n, 2n ** 63n, 2n ** 64n] : [1, -1, 127.9, 128, 255, 256, 65536, 2 ** 31, 2 ** 32, 1e10, -(2 ** 31) - 1]) {
    show(`write${m} ${v}`, () => { const w = Buffer.alloc(10); return [w[`write${m}`](v, 1), w]; });
  }
}
for (const size of [1, 2, 3, 4, 5, 6]) {
  show(`sized ${size}`, () => [n.readIntLE(0, size), n.readIntBE(0, size), n.readUIntLE(0, size), n.readUIntBE(0, size)]);
  show(`write sized ${size}`, () => { const w = Buffer.alloc(8); return [w.writeIntLE(-5, 0, size), w.writeUIntBE(200, 1, size), w]; });
  show(`write sized out ${size}`, () => Buffer.alloc(8).writeUIntLE(2 ** 48, 0, size));
  show(`write sized out ${size}`, () => Buffer.alloc(8).writeIntLE(2 ** 48, 0, size));
}
for (const size of [0, 7, 'x', undefined, 1.5]) show(`size ${size}`, () => n.readIntLE(0, size));
show('inspect', () => [Buffer.alloc(60), Buffer.from(''), Object.assign(Buffer.from('a'), { x: 1 }), { b: Buffer.from('abc') }]);
console.log(Buffer.from('abc'), [Buffer.from('abc')], Buffer.name, Buffer.prototype.constructor === Buffer, Buffer.from('a') instanceof Uint8Array);
console.log(Object.prototype.toString.call(Buffer.from('a')), Buffer.poolSize, constants.MAX_STRING_LENGTH);
show('iterate', () => [[...Buffer.from('ab')], [...Buffer.from('ab').entries()], Buffer.from('ab').map((x) => x + 1)]);
show('new', () => [new Buffer('abc'), Buffer('abc', 'hex'), new Buffer(3)]);
show('latin1Slice', () => [Buffer.from('héé').latin1Slice(0, 3), Buffer.from('abc').hexSlice(1), Buffer.alloc(3).utf8Write('ab', 1)]);
show('of', () => Buffer.of(1, 2, 3));
show('readUint8', () => [n.readUint8(0), n.readUint16BE(0), Buffer.alloc(2).writeUint8(3, 1)]);
