// What Buffer does quickly, by native functions, and what it leaves to JavaScript: both must be node's.
'use strict';
const { Buffer: Bytes } = require('buffer');
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message);
  }
};
const texts = ['', 'plain', 'é', '日本', '😀', 'a\ud83db', '\udc00', 'x\ud83d', 'ÿ\u0100', 'long '.repeat(30), `long é ${'😀'.repeat(20)}`];
for (const encoding of ['utf8', 'UTF-8', 'utf16le', 'ucs2', 'latin1', 'binary', 'ascii', 'base64', 'base64url', 'hex']) {
  for (const text of texts) {
    show(encoding, () => [Bytes.from(text, encoding).toString('hex'), Bytes.byteLength(text, encoding)]);
    show(encoding, () => JSON.stringify(Bytes.from(text).toString(encoding)));
  }
}
for (const text of ['00', '0', '0g', 'abc', 'AbCd', 'zz', '00 11']) show('hex', () => Bytes.from(text, 'hex'));
for (const text of ['YQ==', 'YQ', 'YWI', 'YW I=', 'YQ==YQ==', '-_-_', '+/+/', 'Y', 'YWJj\n', '\u0130QUI']) show('base64', () => Bytes.from(text, 'base64'));
for (const list of [[0xff], [0xe2, 0x82], [0xe2, 0x82, 0x41], [0xf0, 0x9f, 0x98], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf, 0x41]]) {
  show('broken', () => JSON.stringify(Bytes.from(list).toString()));
}
const b = Bytes.alloc(6);
for (const args of [['é', 5], ['日本'], ['ab', 1, 1], ['zz', 0, 'latin1'], ['😀', 2, 3], ['abcdef', 0, 3, 'utf16le'], ['ff', 'hex'], ['x', 7], ['x', 0.5], ['x', -1], [1]]) {
  show('write', () => [b.fill(0).write(...args), b.toString('hex')]);
}
const c = Bytes.from('0123456789');
for (const args of [[], [2], [2, 5], [-3], [-3, -1], [5, 2], [20], ['2', '5'], [1.9, 3.9], [NaN, Infinity], [undefined, 3], [null, 3], [-Infinity, 2]]) {
  show('subarray', () => [c.subarray(...args).toString(), c.slice(...args).toString()]);
  show('toString', () => c.toString('utf8', ...args));
}
show('shared', () => { const d = c.subarray(2, 4); d[0] = 65; return [c.toString(), d.parent === c.parent, d.offset - c.offset, Bytes.isBuffer(d)]; });
show('concat', () => [Bytes.concat([c, b]).length, Bytes.concat([c], 3).toString(), Bytes.concat([c], 12).toString('latin1'), Bytes.concat([]).length]);
show('concat', () => Bytes.concat([c, 'x']));
show('concat', () => Bytes.concat('x'));
show('concat', () => Bytes.concat([new Uint8Array([1, 2]), c.subarray(0, 1)]));
show('copy', () => { const d = Bytes.alloc(4); return [c.copy(d), c.copy(d, 2), c.copy(d, 1, 8), c.copy(d, 0, 3, 5), d.toString()]; });
show('copy within', () => { const d = Bytes.from('abcdef'); d.copy(d, 2, 0, 4); return d.toString(); });
show('copy', () => c.copy(b, -1));
show('copy', () => c.copy(b, 0, 11));
show('copy', () => c.copy({}));
for (const args of [['3'], ['9', -1], ['4567', 2], ['45', 5], [Bytes.from('67')], [56], [''], ['', 20], [Bytes.alloc(0), 3], ['34', 'latin1'], ['\u3433', 0, 'utf16le'], ['3334', 'hex'], [{}]]) {
  show('indexOf', () => [c.indexOf(...args), c.lastIndexOf(...args), c.includes(...args)]);
}
show('two bytes a step', () => [Bytes.from('a\u0161b', 'utf16le').indexOf('a', 'utf16le'), Bytes.from('00610061', 'hex').indexOf('\u6100', 0, 'utf16le')]);
show('fill', () => [Bytes.alloc(7, 'abc').toString(), Bytes.alloc(5).fill('é').toString('hex'), Bytes.alloc(5).fill('ab', 1, 4).toString('hex')]);
show('fill from itself', () => { const d = Bytes.from('abcdefgh'); d.fill(d.subarray(2, 5)); return d.toString(); });
show('compare', () => [c.compare(b), b.compare(c), c.equals(Bytes.from(c)), Bytes.compare(Bytes.from('a'), Bytes.from('b')), c.compare(b, 0, 2, 3, 4)]);
for (const name of ['UInt8', 'Int8', 'UInt16LE', 'Int16BE', 'UInt32BE', 'Int32LE', 'FloatLE', 'DoubleBE']) {
  const d = Bytes.from('8182838485868788', 'hex');
  show(name, () => [d[`read${name}`](), d[`read${name}`](0), d[`read${name}`].name, d[`write${name}`].name]);
  show(name, () => d[`read${name}`](8));
  show(name, () => d[`read${name}`](0.5));
  show(name, () => d[`read${name}`]('0'));
  show(name, () => [d[`write${name}`](5), d[`write${name}`](7, 0), d.toString('hex')]);
  show(name, () => [d[`write${name}`](1.7), d[`write${name}`]('3', 0), d.toString('hex')]);
  if (!/Float|Double/.test(name)) show(name, () => d[`write${name}`](2 ** 40));
  show(name, () => d[`write${name}`](0, 8));
}
