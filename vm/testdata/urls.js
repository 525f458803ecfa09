// URLs, relative ones with their base, and what setters do: as node has them. The value is a list of texts.
(() => {
  const out = [];
  const show = (u) => [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash].join(' ');
  const inputs = [
    'http://a', 'http://a/', 'HTTP://A:80/B', 'https://a:443', 'https://a:80', 'ws://a:80', 'wss://a:443/x', 'ftp://a:21', 'http://a:65535', 'http://a:65536', 'http://a:-1', 'http://a:x', 'http://a:', 'http://:80', 'http://', 'http:///a', 'http:a', 'http:/a', 'http:\\\\a\\b', 'http://a\\b',
    ' \t http://a/ b\n ', 'ht\ntp://a', 'http://u@a', 'http://u:p@a', 'http://u:@a', 'http://:p@a', 'http://@a', 'http://u@v@a', 'http://u:p:q@a', 'http://u@', 'http://ü:é@a',
    'http://a/b/../c', 'http://a/../../c', 'http://a/b/.', 'http://a/b/..', 'http://a/b/%2e%2E/c', 'http://a/b/.%2e', 'http://a//b///c', 'http://a/b;c=d', 'http://a/ü?ü#ü', 'http://a/"<>`{}|^', "http://a/?'\"<>#`\"<>", 'http://a?b', 'http://a#b', 'http://a?#', 'http://a/?b?c#d#e', 'http://a/%', 'http://a/%zz%41',
    'http://EXAMPLE.com', 'http://ex%41mple.com', 'http://exa mple.com', 'http://a<b', 'http://a%b', 'http://münchen.de', 'http://xn--mnchen-3ya.de', 'http://日本.jp', 'http://a_b.c', 'http://-a-', 'http://a..b', 'http://a.', 'http://faß.de', 'http://Ａ.com', 'http://a\u00adb.c', 'http://xn--a', 'http://%00',
    'http://1.2.3.4', 'http://1.2.3', 'http://1.2', 'http://1', 'http://0x7f.1', 'http://017.0.0.1', 'http://256.1.1.1', 'http://1.2.3.4.5', 'http://4294967295', 'http://4294967296', 'http://1.2.3.4.', 'http://0x', 'http://1.2.3.0x', 'http://09.1', 'http://a.1', 'http://1.a',
    'http://[::1]', 'http://[::1]:8080/x', 'http://[2001:db8:0:0:1:0:0:1]', 'http://[::ffff:1.2.3.4]', 'http://[1:2:3:4:5:6:7:8]', 'http://[1:0:0:0:0:0:0:0]', 'http://[0:0:1:0:0:0:0:1]', 'http://[::', 'http://[::1', 'http://[:::1]', 'http://[1::2::3]', 'http://[fe80::1%25eth0]', 'http://[g::]', 'http://[::1]x',
    'file:///a/b', 'file://host/a', 'file://localhost/a', 'file:/a', 'file:a', 'file:', 'file://', 'file:///C:/a/..', 'file:///C|/a', 'file://C:/a', 'file:c:/a/../..', 'file:///a/../..', 'file:\\\\h\\x', 'file:///%43:/', 'file://h:80/', 'file://u@h/',
    'mailto:a@b.c', 'data:text/plain,a b#c d', 'javascript:alert(1)', 'urn:a:b?c', 'x:', 'x:/', 'x://', 'x:///', 'x://h', 'x://h/p', 'x://h:80/p', 'x://u:p@h:9', 'x:/a/../b', 'x:a/../b', 'x:/..//p', 'x://h:', 'x://:80', 'x://h\\y', 'x://H%41', 'x://[::1]', 'x://a b', 'x:/.//p', 'blob:https://a.com/1', 'blob:x', 'about:blank', '1x:a', 'x+y-z.1:a', 'a b:c', '//a', '', '/a', 'nonsense', 'tel:1234', 'view-source:http://a',
  ];
  const relative = [
    ['', 'b', './b', '../b', '../../../b', '/b', '//h/b', '?q', '#f', '?', '#', 'b?q#f', 'http:b', 'https:b', 'http://x', '/\\h/b', '\\b', 'b/', '.', '..', './', '../', 'b:c', ' b ', 'a/./b/../c', '%2e%2e/b', '////h/p', ';x', '//', '///', 'file:b'],
    ['http://h:81/p/q/r?s#t', 'http://u:p@h', 'https://h/p', 'file:///a/b/c?d', 'file:///C:/a/b', 'file://h/a', 'x://h/p/q', 'x:/p/q', 'x:opaque', 'mailto:a?b'],
  ];
  const all = inputs.map((i) => [i]);
  for (const base of relative[1]) for (const r of relative[0]) all.push([r, base]);
  for (const drive of ['C:/x', 'C|/x', '/C:/x', '//C:/x', 'C:', '/C|', '..', '/..', '/']) for (const base of ['file:///D:/a/b', 'file:///a', 'file://h/D:/a']) all.push([drive, base]);
  for (const args of all) {
    let line;
    try { line = show(new URL(...args)); } catch (e) { line = e.name + ' ' + e.code; }
    out.push(JSON.stringify(args) + ' ' + line);
  }
  const bases = ['http://u:p@h:81/p?q#f', 'http://h', 'file:///a/b', 'file://h/a', 'x://h/p', 'x:/p', 'mailto:a', 'x://h:9'];
  const values = {
    protocol: ['https', 'https:', 'ftp://x', 'file', 'x', '', '1', 'HTTP', 'wss:junk'],
    username: ['', 'a b', 'ü:@'], password: ['', 'a b', 'ü:@'],
    host: ['a', 'a:90', 'a:80', 'a:x', '', 'a/b', 'a:90/b', '[::1]:5', '1.2', 'a b', ':80', 'A.B', 'a:', 'a?b', 'a\\b', 'localhost'],
    hostname: ['a', 'a:90', '', 'a/b', '[::1]', 'a b', 'Ü.de', 'a@b', 'localhost'],
    port: ['', '80', '90', '90x', 'x', '65536', ' 5', '-1', '0090'],
    pathname: ['', 'a', '/a', '/a b', 'a/../b', '?x#y', '\\a', '//a', '/%2e%2e/x'],
    search: ['', '?', 'a', '?a b', '#x', "'"], hash: ['', '#', 'a', '#a b', '`'],
    href: ['http://new/x', 'nonsense'],
  };
  for (const base of bases) for (const [member, list] of Object.entries(values)) for (const v of list) {
    const u = new URL(base);
    let line = '';
    try { u[member] = v; } catch (e) { line = e.name + ' '; }
    out.push(`${base} ${member}=${JSON.stringify(v)} ${line}${show(u)}`);
  }
  const u = new URL('http://h/?a=1&b=%20+&a=%zz&%C3=x&é=ü&&=&c');
  out.push(JSON.stringify([...u.searchParams]), String(u.searchParams));
  u.searchParams.delete('a', '1'); out.push(u.href);
  u.searchParams.set('n', "!'()*~-_. \u00e9\ud800"); out.push(u.href);
  u.search = '?x=y'; out.push(u.searchParams.get('x'), u.searchParams.size);
  for (const k of [...u.searchParams.keys()]) u.searchParams.delete(k);
  out.push(u.href);
  for (const init of ['?a=b', 'a=b', [['a', 'b'], ['a', 'c']], { a: 1, b: null }, new Map([['x', 'y']]), new URLSearchParams('q=1'), undefined, null, 5]) out.push(String(new URLSearchParams(init)));
  for (const init of [[['a']], [1], [['a', 'b', 'c']]]) try { out.push(String(new URLSearchParams(init))); } catch (e) { out.push(e.name + ' ' + e.code); }
  return out;
})()
