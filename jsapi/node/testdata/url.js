// url: the legacy functions, files, and what of the URL classes scripts print.
'use strict';
const url = require('url');
const show = (label, fn) => {
  try {
    console.log(label, fn());
  } catch (err) {
    console.log(label, 'throws', err.name, err.code, err.message);
  }
};
const urls = ['http://user:pass@Sub.Example.com:8080/p/a/t/h?query=string&a=1#hash', 'https://example.com', 'http://example.com?x', 'HTTP://EXAMPLE.com/A b', '/path?x=1#h', '//host/path', 'mailto:a@b.c', 'javascript:alert(1)', 'file:///etc/passwd', 'a/b/c', '', '?q=1', '#h', 'http://[::1]:80/x', 'http://a.com:/x', 'x:1', 'http:\\\\a.com\\b', ' http://trim.me ', 'http://ex.com/?a[]=1&b={}', 'ws://h/p', 'ftp://u@h', 'http://münchen.de/ü', 'http://a.b/c?d?e#f#g', 'git+ssh://git@github.com:user/repo.git', 'http://a%20b.com/', 'coap:u:p@::1:61616/.well-known', 'dash-test:foo/bar'];
for (const u of urls) {
  show(`parse ${u}`, () => url.parse(u));
  show(`query ${u}`, () => { const p = url.parse(u, true, true); return [p.host, p.query, p.search, p.pathname, p.href]; });
  show(`format ${u}`, () => url.format(url.parse(u)));
}
const bases = ['http://example.com/one/two?x#y', '/one/two/three', 'http://a.com', 'mailto:x@y.z', 'file:///a/b/c'];
const refs = ['../four', '/four', 'four', '', '?q', '#h', '//other.com/p', 'http://z.com/', 'https:', '.', '..', './x/../y', '../../../../z', 'mailto:q@w.e', 'a/b/../c/./d', 'http:foo', '/..//x'];
for (const b of bases) for (const r of refs) show(`resolve ${b} ${r}`, () => url.resolve(b, r));
show('format object', () => [url.format({ protocol: 'http', host: 'a.com', pathname: 'x', query: { a: 1, b: [2, 3] }, hash: 'h' }), url.format({ hostname: '::1', port: 80, protocol: 'http:' }), url.format({ pathname: '/a?b#c', search: 'q#' }), url.format({ auth: 'u:p@', host: 'h', slashes: true })]);
show('format bad', () => url.format(5));
show('parse bad', () => url.parse(5));
show('fileURLToPath', () => [url.fileURLToPath('file:///a/b%20c'), url.fileURLToPath(new URL('file:///x/%C3%A9'))]);
show('fileURLToPath http', () => url.fileURLToPath('http://a'));
show('fileURLToPath host', () => url.fileURLToPath('file://host/a'));
show('fileURLToPath slash', () => url.fileURLToPath('file:///a%2fb'));
show('fileURLToPath bad', () => url.fileURLToPath(5));
show('pathToFileURL', () => [url.pathToFileURL('/a b/ü#?%.txt').href, url.pathToFileURL('/dir/').href]);
show('domains', () => [url.domainToASCII('español.com'), url.domainToASCII('xn--iñvalid.com'), url.domainToUnicode('xn--espaol-zwa.com'), url.domainToUnicode('xn--fsq.com')]);
show('options', () => { const o = url.urlToHttpOptions(new URL('https://a:b@測試.com:81/p?q#h')); return { ...o }; });
show('format URL', () => [url.format(new URL('https://u:p@測試.com/p?q#h'), { fragment: false, unicode: true, auth: false, search: false }), url.format(new URL('https://a.com/x'))]);
const u = new URL('https://user:pw@example.org:8080/a/b?x=1&y=2#frag');
show('URL parts', () => [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash, String(u), JSON.stringify({ u })]);
show('URL set', () => { u.pathname = '/ü'; u.searchParams.append('z', 'a b'); u.hash = ''; u.port = '443'; return u.href; });
show('URL base', () => [new URL('../x', 'http://a/b/c/d').href, new URL('?q', 'http://a/b').href]);
show('URL bad', () => new URL('nope'));
show('canParse', () => [URL.canParse('http://a'), URL.canParse('x')]);
console.log(new URL('http://a:b@h.com:81/p?q=1#f'));
console.log([new URL('http://h.com')], { u: { v: { w: new URL('http://x') } } });
const p = new URLSearchParams('a=1&b=2&a=3');
console.log(p, [...p], p.get('a'), p.getAll('a'), p.has('b'), p.toString(), p.size);
console.log(p.keys(), new URLSearchParams({ x: '1', y: 'ü&' }).toString(), new URLSearchParams([['q', 'w']]).toString(), new URLSearchParams());
