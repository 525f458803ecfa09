// punycode: labels and domains, both ways.
'use strict';
const p = require('punycode');
for (const text of ['mañana', 'bücher', 'München-Ost', '日本語', 'abc', '☃-⌘', '\u{1f600}', 'ü', '']) {
  console.log(JSON.stringify(text), p.encode(text), p.decode(p.encode(text)) === text);
}
console.log(p.toASCII('mañana.com'), p.toASCII('джумла@джpумлатест.bрфa'), p.toUnicode('xn--maana-pta.com'), p.toUnicode('example.com'), p.toASCII('a。b'));
console.log(p.ucs2.decode('a\u{1f600}'), p.ucs2.encode([97, 0x1f600]));
for (const bad of ['\x80', 'ls8h=']) {
  try {
    console.log(p.decode(bad));
  } catch (err) {
    console.log(err.name);
  }
}
