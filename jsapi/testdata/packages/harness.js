// What the cases have in common. Under node there is no library, and functions run where they are.
'use strict';

let master;
try { master = require('supercluster').createMaster(); } catch { /* node */ }

exports.run = master ? (fn, ...args) => master.run(fn, args) : async (fn, ...args) => fn(...args);

function show(v, seen = []) {
  if (typeof v === 'string') return JSON.stringify(v);
  if (typeof v === 'bigint') return `${v}n`;
  if (Object.is(v, -0)) return '-0';
  if (v === null || typeof v !== 'object') return String(v);
  if (seen.includes(v)) return '[circular]';
  const inner = (x) => show(x, [...seen, v]);
  if (Array.isArray(v)) return `[${v.map(inner).join(',')}]`;
  if (v instanceof Date) return `Date(${v.getTime()})`;
  if (v instanceof RegExp) return String(v);
  if (v instanceof Map) return `Map{${[...v].map(([k, x]) => `${inner(k)}=>${inner(x)}`).join(',')}}`;
  if (v instanceof Set) return `Set{${[...v].map(inner).join(',')}}`;
  if (v instanceof Error) return `${v.name}(${v.message})`;
  if (ArrayBuffer.isView(v)) return `bytes(${Array.from(v).join(',')})`;
  return `{${Object.keys(v).map((k) => `${k}:${inner(v[k])}`).join(',')}}`;
}

/** Runs cases one after the other, [name, function] each, and prints a line a case. */
exports.cases = async (list) => {
  for (const [name, body] of list) {
    let text;
    try { text = show(await body()); } catch (err) { text = `throws ${err.name}: ${err.message}`; }
    console.log(`${name} = ${text}`);
  }
  if (master) await master.leave();
};
