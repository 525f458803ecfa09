// path: every function on both kinds of paths.
'use strict';
const path = require('path');
const show = (label, fn) => {
  try {
    console.log(label, JSON.stringify(fn()));
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message);
  }
};
const samples = ['', '/', '//', 'a', 'a/', '/a/b/c.txt', 'a//b/../c/.', '../..', './x', '.bashrc', 'x.tar.gz', 'a.', '..', 'a/..b', 'C:\\', 'C:', 'c:a\\b.js', 'C:/x/../y', '\\\\srv\\share\\d\\f.txt', '\\\\srv\\share', '\\a\\b', 'a\\b/c', 'file:///x', '/a b/ü.é'];
for (const kind of ['posix', 'win32']) {
  const p = path[kind];
  for (const s of samples) {
    show(`${kind} ${s}`, () => [p.normalize(s), p.dirname(s), p.basename(s), p.basename(s, '.txt'), p.extname(s), p.isAbsolute(s), p.parse(s), p.format(p.parse(s))]);
    show(`${kind} join ${s}`, () => [p.join(s, 'z'), p.join('z', s), p.join(s, '..', 'q'), p.join(s)]);
    show(`${kind} resolve ${s}`, () => [p.resolve('/base', s), p.resolve('C:\\base', s).toLowerCase().includes('base'), p.relative('/a/b', p.resolve('/', s)), p.toNamespacedPath(p.resolve('/', s))]);
  }
  console.log(kind, p.sep, p.delimiter, Object.keys(p).filter((k) => k !== 'matchesGlob'));
  for (const bad of [undefined, null, 5, {}, [], true]) {
    for (const fn of ['normalize', 'dirname', 'basename', 'extname', 'isAbsolute', 'join', 'resolve', 'parse', 'format']) show(`${kind}.${fn}`, () => p[fn](bad));
    show('relative', () => p.relative(bad, 'a'));
    show('relative', () => p.relative('a', bad));
    show('basename', () => p.basename('a', bad));
  }
  show('format', () => [p.format({ root: '/', base: 'a' }), p.format({ dir: '/x', base: 'a' }), p.format({ dir: '/', root: '/', name: 'n', ext: 'e' }), p.format({ name: 'n', ext: '.e' }), p.format({})]);
}
for (const [from, to] of [['/data/a/b', '/data/c'], ['/a', '/a'], ['/a/b/c', '/a'], ['/', '/x'], ['/x', '/'], ['/foo', '/foobar'], ['/a/b', '/a/bc/d']]) show(`relative ${from} ${to}`, () => path.posix.relative(from, to));
for (const [from, to] of [['C:\\a\\b', 'c:\\A\\c'], ['C:\\a', 'D:\\b'], ['C:\\', 'C:\\x'], ['C:\\foo', 'C:\\foobar'], ['\\\\s\\h\\a', '\\\\s\\h\\b'], ['\\\\s\\h', 'C:\\x']]) show(`relative ${from} ${to}`, () => path.win32.relative(from, to));
console.log(path.resolve('x') === `${process.cwd()}/x`, path.posix === path, require('path/posix') === path.posix, require('path/win32') === path.win32);
