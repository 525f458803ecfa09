// string_decoder and querystring.
'use strict';
const { StringDecoder } = require('string_decoder');
const qs = require('querystring');
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message);
  }
};
const samples = ['héllo 日本 \u{1f600}!', 'a', '', '\u{1f600}\u{1f601}'];
for (const enc of ['utf8', 'utf16le', 'latin1', 'base64', 'base64url', 'hex', 'ascii', 'ucs2', 'binary']) {
  for (const text of samples) {
    for (const step of [1, 2, 3, 5]) {
      if (step % 2 && /^u(tf1|cs)/.test(enc)) continue; // node cuts surrogate pairs there
      const bytes = Buffer.from(text, enc === 'utf16le' || enc === 'ucs2' ? 'utf16le' : 'utf8');
      const d = new StringDecoder(enc);
      const out = [];
      for (let i = 0; i < bytes.length; i += step) out.push(d.write(bytes.subarray(i, i + step)));
      out.push(d.end());
      console.log(enc, step, d.encoding, JSON.stringify(out));
    }
  }
}
const bad = [[0xff], [0xe2, 0x82], [0xe2], [0xe2, 0x41], [0xf0, 0x9f, 0x98], [0xf0, 0x41, 0x42], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80], [0x80, 0x80]];
for (const bytes of bad) {
  const d = new StringDecoder();
  console.log(bytes, JSON.stringify([d.write(Buffer.from(bytes)), d.lastNeed, d.lastTotal, d.end(), d.write(Buffer.from('ok'))]));
  const e = new StringDecoder('utf8');
  console.log(JSON.stringify([...bytes.map((x) => e.write(Buffer.from([x]))), e.end(Buffer.from('z'))]));
}
show('bad', () => new StringDecoder('nope'));
show('bad chunk', () => new StringDecoder().write(5));
show('string chunk', () => new StringDecoder().write('str'));

const queries = ['a=1&b=2', 'a=1&a=2&a=3', 'a', '=b', 'a=', '&&a=1&&', 'a=b=c', 'a+b=c+d', 'a%20b=%C3%A9', 'bad=%zz%', 'a=%E9', '__proto__=1', 'x[]=1&x[]=2', 'a=1;b=2', ' x = y ', '%', 'toString=1', 'a%3Db=1', 'q=%F0%9F%98%80', '', '?a=1'];
for (const q of queries) show(`parse ${q}`, () => qs.parse(q));
show('sep', () => qs.parse('a:1;b:2', ';', ':'));
show('long sep', () => qs.parse('a==1&&b==2', '&&', '=='));
show('maxKeys', () => [qs.parse('a=1&b=2&c=3', null, null, { maxKeys: 2 }), Object.keys(qs.parse(Array.from({ length: 1100 }, (_, i) => `k${i}`).join('&'))).length]);
show('decode', () => qs.parse('a=%20+x', '&', '=', { decodeURIComponent: (s) => `<${s}>` }));
show('parse other', () => [qs.parse(undefined), qs.parse(5), qs.parse(null)]);
for (const o of [{ a: 1, b: 'x y' }, { a: [1, 2, 'é'] }, { a: '', b: null, c: undefined, d: true, e: NaN, f: Infinity, g: {} }, { 'k&': 'v=' }, [1, 2], 'str', null, undefined, { big: 10n }, { s: '\u{1f600}' }, { f() {} }, { "it's": '(x)!*~' }]) {
  show('stringify', () => qs.stringify(o));
}
show('stringify sep', () => qs.stringify({ a: 1, b: [2, 3] }, ';', ':'));
show('stringify encode', () => qs.stringify({ a: 'x y' }, '&', '=', { encodeURIComponent: (s) => `<${s}>` }));
show('lone', () => qs.stringify({ a: '\ud800' }));
show('escape', () => [qs.escape('a b&c/é'), qs.escape(5), qs.escape({}), qs.unescape('a%20b'), qs.unescape('%zz'), qs.unescapeBuffer('a%20%zz').toString()]);
show('same', () => [qs.encode === qs.stringify, qs.decode === qs.parse]);
