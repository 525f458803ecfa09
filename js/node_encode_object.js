// How node_encode.js writes the kinds of objects.
'use strict';

const { types } = require('node:util');

const VIEWS = { Int8Array: 1, Uint8Array: 2, Uint8ClampedArray: 3, Int16Array: 4, Uint16Array: 5, Int32Array: 6, Uint32Array: 7,
  Float32Array: 8, Float64Array: 9, BigInt64Array: 10, BigUint64Array: 11 };
const BUFFER = 13;

const getter = (proto, name) => Object.getOwnPropertyDescriptor(proto, name).get;
const TypedArray = Object.getPrototypeOf(Uint8Array.prototype);
const tagOf = getter(TypedArray, Symbol.toStringTag);
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
// Our own engine, which looks at this file too, cannot parse an async generator.
const asyncGenerator = new Function('return async function* () {};')();
const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(asyncGenerator.prototype));

/** How many bytes of RegExps one value may hold; compiling them costs the receiver out of proportion. */
const MAX_REGEXPS = 64 * 1024;

/** Estimates what a RegExp costs in bytes of text: repetitions are copied out, deep groups take more than linear time. */
function regexpCost(source) {
  let cost = 64 + Buffer.byteLength(source);
  let depth = 0;
  let deepest = 0;
  for (const [token] of source.matchAll(/\\[^]|[()]|\{[\d,]*/g)) {
    if (token === '(') deepest = Math.max(deepest, ++depth);
    else if (token === ')') depth--;
    else if (token[0] === '{') {
      const n = Math.max(...token.slice(1).split(',').map(Number));
      cost += 8 * (n > 1 << 20 ? 0 : n);
    }
  }
  return deepest > 100 ? Infinity : cost;
}

exports.regexp = (e, o) => {
  e.number(o);
  if ((e.regexps += regexpCost(o.source)) > MAX_REGEXPS) e.fail('RegExps of this size cannot be sent');
  e.nested(1, () => {
    e.w.begin(7, 2);
    e.string(o.source);
    e.string(o.flags);
  });
};

exports.map = (e, o) => {
  e.number(o);
  e.nested(1, () => {
    const pairs = [...Map.prototype.entries.call(o)];
    e.w.begin(5, 2 * pairs.length);
    pairs.forEach(([key, value], i) => {
      e.at(`.key(${i})`, key);
      const named = typeof key === 'string' || typeof key === 'number';
      e.at(named ? `.get(${JSON.stringify(key)})` : `.value(${i})`, value);
    });
    e.size();
  });
};

exports.set = (e, o) => {
  e.number(o);
  e.nested(1, () => {
    const items = [...Set.prototype.values.call(o)];
    e.w.begin(6, items.length);
    items.forEach((item, i) => e.at(`.value(${i})`, item));
    e.size();
  });
};

exports.buffer = (e, o) => {
  if (e.reference(o)) return;
  let bytes;
  try { bytes = new Uint8Array(o); } catch { e.fail('a detached ArrayBuffer cannot be sent'); }
  e.number(o);
  e.w.leaf(10, bytes);
  e.size();
};

exports.view = (e, o) => {
  const type = Buffer.isBuffer(o) ? BUFFER : types.isDataView(o) ? 12 : VIEWS[tagOf.call(o)];
  if (!type || !types.isArrayBuffer(o.buffer)) e.fail('a host object cannot be sent');
  const { buffer } = o;
  const begin = (offset) => {
    e.w.array(4);
    e.w.leaf(9, [type]);
    e.w.number(offset);
    e.w.number(o.byteLength);
  };
  e.nested(1, () => {
    const known = e.seen.has(buffer);
    e.number(o);
    if (type === 2 && !known && o.byteOffset === 0 && o.byteLength === buffer.byteLength) {
      e.number(buffer);
      e.w.bin(o);
    } else if (type === BUFFER) { // cut from a pool, it travels by itself
      e.numbers++;
      begin(0);
      e.w.leaf(10, o);
    } else {
      begin(o.byteOffset);
      exports.buffer(e, buffer);
    }
    e.size();
  });
};

exports.boxed = (e, o) => {
  const value = types.isStringObject(o) ? String.prototype.valueOf.call(o) : o.valueOf();
  if (typeof value === 'symbol') e.fail('a symbol cannot be sent');
  e.number(o);
  e.nested(1, () => {
    e.w.begin(14, 1);
    e.value(value);
  });
};

/** An object that is nothing more than its properties, or a class instance. */
exports.plain = (e, o) => {
  const what = unsendable(o);
  if (what) e.fail(what);
  e.number(o);
  e.properties(o);
};

function unsendable(o) {
  if (types.isWeakMap(o)) return 'a WeakMap cannot be sent';
  if (types.isWeakSet(o)) return 'a WeakSet cannot be sent';
  if (types.isSharedArrayBuffer(o) || types.isExternal(o) || o instanceof WeakRef) return 'a host object cannot be sent';
  for (let p = Object.getPrototypeOf(o), n = 0; p !== null && n < 1000 && !types.isProxy(p); p = Object.getPrototypeOf(p), n++) {
    if (p === IteratorPrototype || p === AsyncIteratorPrototype) return 'an iterator cannot be sent; make an array of it';
  }
  return '';
}

exports.error = require('node_encode_error').error;
