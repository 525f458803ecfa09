// dump(v) writes any value as a text that shows all that a copy must keep, in ASCII, the same in every engine.
// Run by node it answers a JSON array of sources with the dumps of structuredClone's copies.
'use strict';

function quote(s) {
  const out = [];
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    out.push(c < 32 || c > 126 || c === 34 || c === 92 ? '\\u' + c.toString(16).padStart(4, '0') : s[i]);
  }
  return '"' + out.join('') + '"';
}

function bytes(buffer, from, length) {
  return Array.from(new Uint8Array(buffer, from, length), (b) => b.toString(16).padStart(2, '0')).join('');
}

/** dump one value; seen holds the objects so far, in order. */
function dump(v, seen = []) {
  switch (typeof v) {
    case 'string': return quote(v);
    case 'number': return Object.is(v, -0) ? '-0' : String(v);
    case 'bigint': return v + 'n';
    case 'symbol': return 'symbol';
    case 'function': return 'function ' + v;
    case 'object': break;
    default: return String(v);
  }
  if (v === null) return 'null';
  if (seen.includes(v)) return '#' + seen.indexOf(v);
  seen.push(v);
  const sub = (x) => dump(x, seen);
  const props = (skip = []) => Object.keys(v).filter((k) => !skip.includes(k)).map((k) => quote(k) + ':' + sub(v[k])).join();
  const hidden = (k) => Object.prototype.hasOwnProperty.call(v, k) ? ' ' + k + ' ' + sub(v[k]) : '';
  if (Array.isArray(v)) return 'array' + v.length + '{' + props() + '}';
  if (v instanceof Date) return 'date ' + v.getTime();
  // goja shows a slash within brackets as an escape.
  if (v instanceof RegExp) return 'regexp ' + quote(v.source.split('\\u002f').join('/')) + v.flags + v.lastIndex;
  if (v instanceof Map) return 'map{' + [...v].map(([k, x]) => sub(k) + '=>' + sub(x)).join() + '}';
  if (v instanceof Set) return 'set{' + [...v].map(sub).join() + '}';
  if (v instanceof ArrayBuffer) return 'buffer ' + bytes(v, 0, v.byteLength);
  if (ArrayBuffer.isView(v)) {
    const tag = Object.prototype.toString.call(v);
    return (v.constructor && v.constructor.name === 'Buffer' ? 'Buffer' : tag) + v.byteOffset + '+' + v.byteLength + ' ' +
      (v.constructor && v.constructor.name === 'Buffer' ? bytes(v.buffer, v.byteOffset, v.byteLength) : sub(v.buffer));
  }
  if (v instanceof Error) {
    const base = Object.getPrototypeOf(v).name;
    return 'error ' + base + ' ' + quote(v.name) + quote(v.message) + hidden('cause') + hidden('errors') +
      '{' + props(['cause', 'errors', 'name', 'message', 'stack']) + '}';
  }
  if (v instanceof Number || v instanceof Boolean || v instanceof String || v instanceof BigInt) {
    return 'boxed ' + sub(v.valueOf());
  }
  return (Object.getPrototypeOf(v) === Object.prototype ? '' : 'odd') + '{' + props() + '}';
}

if (typeof process !== 'undefined' && process.argv[2] === 'clone') {
  const sources = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  process.stdout.write(JSON.stringify(sources.map((s) => dump(structuredClone((0, eval)(s))))));
}
