// What scripts and tasks have beyond the language. Each function gives the same in a task as in node; a third element
// is what it must give where node 20 does not have it.
(() => {
  const list = [];
  const add = (name, fn, want) => list.push([name, fn, want]);

  add('EventTarget', () => {
    const out = [], t = new EventTarget();
    const f = (e) => out.push(e.type, e.target === t, e.currentTarget === t, e.eventPhase);
    t.addEventListener('a', f); t.addEventListener('a', f); t.addEventListener('a', { handleEvent(e) { out.push('object', this !== t); } });
    t.addEventListener('a', () => out.push('once'), { once: true });
    const e = new Event('a');
    out.push(t.dispatchEvent(e), t.dispatchEvent(e), e.target === t, e.currentTarget, e.eventPhase);
    t.removeEventListener('a', f);
    t.dispatchEvent(new Event('a'));
    return out;
  });
  add('cancelling', () => {
    const t = new EventTarget(), out = [];
    t.addEventListener('a', (e) => e.preventDefault());
    t.addEventListener('p', (e) => e.preventDefault(), { passive: true });
    t.addEventListener('s', (e) => { out.push(1); e.stopImmediatePropagation(); });
    t.addEventListener('s', () => out.push(2));
    out.push(t.dispatchEvent(new Event('a')), t.dispatchEvent(new Event('a', { cancelable: true })), t.dispatchEvent(new Event('s')));
    return out;
  });
  add('signal of a listener', () => {
    const t = new EventTarget(), c = new AbortController(), out = [];
    t.addEventListener('a', () => out.push(1), { signal: c.signal });
    t.dispatchEvent(new Event('a')); c.abort(); t.dispatchEvent(new Event('a'));
    return out;
  });
  add('events', () => {
    const e = new CustomEvent('x', { detail: { a: 1 }, bubbles: true, cancelable: true });
    return [e.type, e.detail, e.bubbles, e.cancelable, e.composed, e.defaultPrevented, e.isTrusted, typeof e.timeStamp, e instanceof Event, new CustomEvent('y').detail, Event.AT_TARGET];
  });
  add('bad events', () => {
    const out = [];
    for (const f of [() => new Event(), () => new EventTarget().dispatchEvent({}), () => new EventTarget().addEventListener('a')]) {
      try { f(); out.push('none'); } catch (e) { out.push(e.name, e.code); }
    }
    return out;
  });
  add('listeners that are added and removed while it runs', () => {
    const t = new EventTarget(), out = [];
    const b = () => out.push('b');
    t.addEventListener('a', () => { out.push('a'); t.removeEventListener('a', b); t.addEventListener('a', () => out.push('c')); });
    t.addEventListener('a', b);
    t.dispatchEvent(new Event('a'));
    return out;
  });
  add('abort', () => {
    const c = new AbortController(), out = [];
    c.signal.onabort = (e) => out.push('on', e.type);
    c.signal.addEventListener('abort', () => out.push('listener'));
    c.abort('why'); c.abort('again');
    return [out, c.signal.reason, c.signal.aborted, Object.prototype.toString.call(c.signal), Object.prototype.toString.call(c)];
  });
  add('abort reasons', () => {
    const c = new AbortController(); c.abort();
    const s = AbortSignal.abort(5);
    let thrown; try { s.throwIfAborted(); } catch (e) { thrown = e; }
    return [c.signal.reason.name, c.signal.reason.code, c.signal.reason.message, c.signal.reason instanceof DOMException, s.reason, thrown];
  });
  add('abort by time', () => new Promise((r) => {
    const s = AbortSignal.timeout(2);
    s.onabort = () => r([s.aborted, s.reason.name, s.reason.code]);
    setTimeout(() => {}, 50);
  }));
  add('abort of any', () => {
    const a = new AbortController(), b = new AbortController();
    const s = AbortSignal.any([a.signal, b.signal]), t = AbortSignal.any([s, AbortSignal.abort(1)]), u = AbortSignal.any([s]);
    b.abort('b'); a.abort('a');
    return [s.aborted, s.reason, t.reason, u.reason];
  });
  add('no signal by hand', () => { try { new AbortSignal(); } catch (e) { return [e.name, e.code]; } });
  add('DOMException', () => {
    const e = new DOMException('m', 'DataCloneError'), f = new DOMException(), g = new DOMException('m', { name: 'X', cause: 1 });
    return [e.name, e.code, e.message, String(e), e instanceof Error, e.stack.split('\n')[0], f.name, f.code, f.message, g.name, g.cause, Object.keys(e), Object.prototype.toString.call(e)];
  });
  add('structuredClone', () => {
    const v = { a: [1, , 3], b: new Map([[{ k: 1 }, new Set([1n])]]), d: new Date(NaN), r: /x/gi, e: new RangeError('r', { cause: 5 }), u: undefined, z: -0, t: new Uint16Array([1, 2]), w: Object(1) };
    v.self = v; v.again = v.a;
    const c = structuredClone(v);
    class A { x = 1; #y = 2; get z() { return 3; } }
    const i = structuredClone(new A());
    return [c.self === c, c.again === c.a, 1 in c.a, c.b instanceof Map, [...c.b.values()][0].has(1n), isNaN(c.d), String(c.r), c.e.name, c.e.message, 'u' in c, c.z, c.t.length, typeof c.w, i instanceof A, Object.keys(i)];
  });
  add('structuredClone refuses', () => {
    const out = [];
    for (const v of [() => {}, Symbol('s'), { a: [() => {}] }, new WeakMap(), Promise.resolve()]) {
      try { structuredClone(v); out.push('none'); } catch (e) { out.push(e.name, e.code); }
    }
    try { structuredClone(); } catch (e) { out.push(e.name, e.code); }
    return out;
  });
  add('TextEncoder', () => {
    const e = new TextEncoder(), target = new Uint8Array(5);
    return [[...e.encode('aß€🙂')], [...e.encode('\ud800x')], [...e.encode()], e.encoding, e.encodeInto('aß€', target), [...target], e.encodeInto('🙂🙂', new Uint8Array(6))];
  });
  add('TextDecoder', () => {
    const d = (bytes, label, o) => new TextDecoder(label, o).decode(new Uint8Array(bytes));
    return [
      d([0xef, 0xbb, 0xbf, 0x61]), d([0xef, 0xbb, 0xbf, 0x61], 'utf-8', { ignoreBOM: true }).length, d([0xe2, 0x82]), d([0xe2, 0x82, 0x61]), d([0xff, 0xfe]), d([0xf0, 0x9f, 0x99, 0x82]),
      d([0xf0, 0x9f, 0x61]), d([0xed, 0xa0, 0x80]), d([0xc0, 0x80]), d([0xf4, 0x90, 0x80, 0x80]), d([0xe0, 0x80, 0x80]), d([0x61, 0x00, 0x3d, 0xd8, 0x42, 0xde], 'utf-16le'), d([0x3d, 0xd8, 0x61, 0x00], 'utf-16le'),
      d([0x00, 0x61], 'utf-16be'), d([0x41, 0xe9, 0xff], 'latin1'), d([0x61], ' UTF8 '), new TextDecoder('Latin1').encoding, new TextDecoder().fatal,
      new TextDecoder().decode(new Uint8Array([0, 0x61, 0x62]).subarray(1)), new TextDecoder().decode(new Uint8Array([0x61]).buffer), new TextDecoder().decode(new DataView(new ArrayBuffer(1))), new TextDecoder().decode(),
    ];
  });
  add('TextDecoder in pieces', () => {
    const d = new TextDecoder(), out = [];
    for (const b of [[0xef], [0xbb], [0xbf, 0x61], [0xf0, 0x9f], [0x99], [0x82, 0x62]]) out.push(d.decode(new Uint8Array(b), { stream: true }));
    out.push(d.decode(), d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), d.decode(), d.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x63])));
    const u = new TextDecoder('utf-16le');
    for (const b of [[0x3d], [0xd8, 0x42], [0xde], [0x61]]) out.push(u.decode(new Uint8Array(b), { stream: true }));
    out.push(u.decode());
    return out;
  });
  add('TextDecoder refuses', () => {
    const out = [];
    for (const f of [() => new TextDecoder('nonsense'), () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])), () => new TextDecoder().decode('text')]) {
      try { f(); out.push('none'); } catch (e) { out.push(e.name, e.code); }
    }
    return out;
  });
  add('base64', () => {
    const out = [btoa(''), btoa('\xff\xfe'), btoa(1.5), atob(' Y W\nI='), atob('YWI'), atob('YQ=='), atob('//79').length, atob(''), atob(null).length];
    for (const f of [() => btoa('ÿ€'), () => atob('a'), () => atob('ab=c'), () => atob('a==='), () => atob('YQ='), () => atob('*'), () => atob('YWI==')]) {
      try { out.push(f()); } catch (e) { out.push(e.name, e.code); }
    }
    for (const f of [() => btoa(), () => atob()]) try { f(); } catch (e) { out.push(e.name, e.code); }
    return out;
  });
  add('URL', () => {
    const u = new URL('HTTP://user:pw@EXAMPLE.com:80/a/./b/../c%20d?x=1&y=a+b&x=2#frag');
    u.searchParams.append('z', 'é&=');
    return [u.href, u.protocol, u.username, u.host, u.port, u.pathname, u.search, u.hash, u.origin, u.searchParams.getAll('x'), [...u.searchParams.keys()], JSON.stringify(u), String(u) === u.href];
  });
  add('URL relative and setters', () => {
    const u = new URL('../x/y?q', 'https://h.org/a/b/c');
    u.pathname = '/p q'; u.hash = 'h'; u.port = '8080'; u.search = '?k=v';
    return [u.href, URL.canParse('nonsense'), URL.canParse('http://a'), new URL('file:///C:/a').pathname];
  });
  add('URL refuses', () => { try { new URL('nonsense'); } catch (e) { return [e.name, e.code]; } });
  add('URLSearchParams', () => {
    const p = new URLSearchParams('?b=2&a=1&b=3&c');
    p.sort(); p.delete('c'); p.set('a', 'x y');
    return [p.toString(), p.get('b'), p.has('c'), [...p], new URLSearchParams([['k', 'v']]).toString(), new URLSearchParams({ k: 'a&b' }).toString(), p.size];
  });
  add('performance', () => {
    const a = performance.now(), m = performance.mark('m', { detail: 1 }), s = performance.measure('s', { start: 1, end: 3 });
    const r = [performance.now() >= a, m.name, m.entryType, m.duration, m.detail, s.duration, s.startTime, performance.getEntriesByName('m').length, performance.getEntriesByType('measure').length];
    performance.clearMarks(); performance.clearMeasures();
    try { performance.measure('x', 'missing'); } catch (e) { r.push(e.name, e.code); }
    return [...r, performance.getEntriesByType('mark').length];
  });
  add('crypto', () => {
    const out = [/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), crypto.randomUUID() !== crypto.randomUUID()];
    const a = new Uint8Array(100); out.push(crypto.getRandomValues(a) === a, a.some((x) => x));
    const b = new Uint8Array(100).subarray(10, 20); crypto.getRandomValues(b); out.push(new Uint8Array(b.buffer).slice(0, 10).every((x) => x === 0));
    try { crypto.getRandomValues(new Uint8Array(65537)); } catch (e) { out.push(e.name, e.code); }
    return out;
  });
  add('weak references', () => { const o = {}; const r = new FinalizationRegistry(() => {}); r.register(o, 1, o); return [new WeakRef(o).deref() === o, r.unregister(o), r.unregister(o)]; });
  add('timers', () => new Promise((r) => {
    const out = [];
    const t = setTimeout((...a) => out.push(a), 5, 1, 2);
    out.push(t.hasRef(), typeof t[Symbol.toPrimitive](), t.ref() === t);
    const i = setImmediate(() => out.push('immediate')); out.push(i.hasRef(), i.unref() === i, i.hasRef());
    i.ref();
    clearTimeout(setTimeout(() => out.push('no'), 1));
    const v = setInterval(() => { if (out.push('tick') > 9) { clearInterval(v); r(out); } }, 20);
  }));
  add('names and lengths', () => [setTimeout, clearTimeout, queueMicrotask, structuredClone, atob, btoa].map((f) => f.name));
  add('Object.groupBy', () => [Object.groupBy([1, 2, 3], (x, i) => (i ? 'b' : 'a')), Object.getPrototypeOf(Object.groupBy([], () => 1)), [...Map.groupBy([1, 2, 3], (x) => x % 2).entries()]],
    '[{a:[1],b:[2,3]},null,[[1,[1,3]],[0,[2]]]]');
  add('Promise.withResolvers', async () => { const { promise, resolve } = Promise.withResolvers(); resolve(4); return promise; }, '4');
  add('Promise.try', async () => [await Promise.try((a, b) => a + b, 1, 2), await Promise.try(() => { throw new Error('t'); }).catch((e) => e.message)], '[3,"t"]');
  add('Array.fromAsync', async () => [await Array.fromAsync([1, Promise.resolve(2)], (x) => x * 2), await Array.fromAsync({ length: 2, 0: 'a', 1: Promise.resolve('b') })], '[[2,4],["a","b"]]');
  add('RegExp.escape', () => [RegExp.escape('a.b*c'), RegExp.escape('-1 \n'), RegExp.escape('é/')], '["\\\\x61\\\\.b\\\\*c","\\\\x2d1\\\\x20\\\\n","é\\\\/"]');
  add('well-formed strings', () => ['a🙂'.isWellFormed(), '\ud83d'.isWellFormed(), '\ude42\ud83d'.toWellFormed(), '🙂'.toWellFormed()]);
  add('old accessors', () => { const o = {}; o.__defineGetter__('a', () => 1); return [o.a, Object.keys(o)]; });
  add('captureStackTrace', () => { const o = {}; Error.captureStackTrace(o); return [typeof o.stack, Object.keys(o), Error.stackTraceLimit]; });
  add('iterator helpers', () => {
    const closed = [];
    function* g() { try { yield 1; yield 2; yield 3; yield 4; } finally { closed.push('closed'); } }
    return [
      g().map((x, i) => x * i).toArray(), g().filter((x) => x % 2).toArray(), g().take(2).toArray(), g().drop(2).toArray(), g().flatMap((x) => [x, x]).take(3).toArray(),
      g().reduce((a, b) => a + b), g().reduce((a, b) => a + b, 'x'), g().some((x) => x === 2), g().every((x) => x === 1), g().find((x) => x > 2), closed.length,
      new Map([[1, 2]]).entries().map(([k, v]) => k + v).toArray(), Iterator.from({ next: () => ({ done: true }) }).toArray(), [1].values() instanceof Iterator,
    ];
  }, '[[0,2,6,12],[1,3],[1,2],[3,4],[1,1,2],10,"x1234",true,false,3,10,[3],[],true]');
  add('numbers as people read them', () => [
    [0, -0, 1.005, 2.5, 999.9995, 5e-7, 1e21, NaN, -Infinity, -1234567.891].map((n) => n.toLocaleString()),
    [1.005, 1.45, 2.5, -1234.5].map((n) => n.toLocaleString('en-US', { style: 'currency', currency: 'USD' })),
    new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 }).format(123456), Intl.NumberFormat('en-US', { style: 'percent' }).format(0.256),
    (12).toLocaleString('en-US', { minimumIntegerDigits: 4 }), (1234.5).toLocaleString('de-DE'), (1234.5).toLocaleString('es-ES'), 12345678901234567890n.toLocaleString(),
  ]);
  add('dates as people read them', () => {
    const d = new Date(Date.UTC(2026, 10, 4, 5, 6, 7, 89));
    const s = (o) => new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...o }).format(d);
    return [
      d.toLocaleString('en-US', { timeZone: 'UTC' }), d.toLocaleDateString('en-US', { timeZone: 'UTC' }), d.toLocaleTimeString('en-US', { timeZone: 'UTC' }),
      s({ dateStyle: 'full', timeStyle: 'short' }), s({ dateStyle: 'medium' }), s({ timeStyle: 'long', timeZone: 'America/New_York' }),
      s({ weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' }), s({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
      s({ hour: 'numeric', hour12: false }), s({ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', timeZone: 'Asia/Kolkata', timeZoneName: 'short' }),
      new Date(NaN).toLocaleString(), new Intl.DateTimeFormat('en-US', { timeZone: 'UTC' }) instanceof Intl.DateTimeFormat, new Intl.PluralRules('en', { type: 'ordinal' }).select(22),
    ];
  });
  add('what is not known of a language is an error', () => [() => new Date(0).toLocaleString('de-DE'), () => (1).toLocaleString('he'), () => (1).toLocaleString('en-US', { style: 'unit', unit: 'liter' })]
    .map((fn) => { try { return fn(); } catch (e) { return [e.name, e.code].join(' '); } }),
  '["RangeError ERR_INTL_UNAVAILABLE","RangeError ERR_INTL_UNAVAILABLE","RangeError ERR_INTL_UNAVAILABLE"]');
  return list;
})()
