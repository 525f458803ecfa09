/**
 * Deep equality, for assert.deepEqual (loose: ==) and assert.deepStrictEqual (strict: Object.is and prototypes).
 */
const { brand, typedArrayTag } = require('types');

const enumerable = Object.prototype.propertyIsEnumerable;
const hasOwn = Object.prototype.hasOwnProperty;
const BOXED = ['Number', 'String', 'Boolean', 'BigInt', 'Symbol'];

function ownKeys(object, strict) {
  const keys = Object.keys(object);
  if (!strict) return keys;
  return keys.concat(Object.getOwnPropertySymbols(object).filter((s) => enumerable.call(object, s)));
}

function bytesOf(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function sameElements(a, b, strict) {
  if (a.length !== b.length) return false;
  if (strict && /^Big|^(Ui|I)nt/.test(typedArrayTag.call(a))) return sameBytes(bytesOf(a), bytesOf(b));
  for (let i = 0; i < a.length; i++) if (strict ? !Object.is(a[i], b[i]) : a[i] !== b[i] && !(a[i] !== a[i] && b[i] !== b[i])) return false;
  return true;
}

/** Compares by class what properties do not show; undefined: go on with the properties. */
function sameContents(a, b, kind, strict) {
  switch (kind) {
    case 'Date': return Date.prototype.getTime.call(a) === Date.prototype.getTime.call(b)
      || (Number.isNaN(a.getTime()) && Number.isNaN(b.getTime())) ? undefined : false;
    case 'RegExp': return a.source === b.source && a.flags === b.flags && a.lastIndex === b.lastIndex ? undefined : false;
    case 'Error': return a.message === b.message && a.name === b.name ? undefined : false;
    case 'TypedArray': return sameElements(a, b, strict) ? undefined : false;
    case 'DataView': return sameBytes(bytesOf(a), bytesOf(b)) ? undefined : false;
    case 'ArrayBuffer': return sameBytes(new Uint8Array(a), new Uint8Array(b)) ? undefined : false;
    default:
      if (!BOXED.includes(kind)) return undefined;
      return Object.is(a.valueOf(), b.valueOf()) || (typeof a.valueOf() === 'symbol' && a.valueOf() === b.valueOf()) ? undefined : false;
  }
}

/** Compares two Sets: same members, objects by depth. */
function sameSets(a, b, strict, memo) {
  if (a.size !== b.size) return false;
  const left = [];
  for (const item of a) {
    if (b.has(item)) continue;
    if (strict && (typeof item !== 'object' || item === null)) return false;
    left.push(item);
  }
  const right = [...b].filter((item) => !a.has(item));
  for (const item of left) {
    const at = right.findIndex((other) => equal(item, other, strict, memo));
    if (at < 0) return false;
    right.splice(at, 1);
  }
  return true;
}

function sameMaps(a, b, strict, memo) {
  if (a.size !== b.size) return false;
  const left = [];
  for (const [key, value] of a) {
    if (b.has(key) && (typeof key === 'object' || equal(value, b.get(key), strict, memo))) {
      if (typeof key !== 'object' || equal(value, b.get(key), strict, memo)) continue;
      return false;
    }
    if (strict && (typeof key !== 'object' || key === null)) return false;
    left.push([key, value]);
  }
  const right = [...b].filter(([key]) => !a.has(key) || left.some(([k]) => k === key));
  for (const [key, value] of left) {
    const at = right.findIndex(([k, v]) => equal(key, k, strict, memo) && equal(value, v, strict, memo));
    if (at < 0) return false;
    right.splice(at, 1);
  }
  return true;
}

function sameProperties(a, b, keys, strict, memo) {
  for (const key of keys) if (!equal(a[key], b[key], strict, memo)) return false;
  return true;
}

/** Compares objects that are of one class; memo holds the pairs that are being compared, for cycles. */
function sameObjects(a, b, kind, strict, memo) {
  if (sameContents(a, b, kind, strict) === false) return false;
  const skip = kind === 'TypedArray' || (kind === 'String');
  let keys = ownKeys(a, strict);
  let others = ownKeys(b, strict);
  if (skip) {
    keys = keys.filter((key) => !/^\d+$/.test(String(key)));
    others = others.filter((key) => !/^\d+$/.test(String(key)));
  }
  if (kind === 'Error') {
    for (const key of ['cause', 'errors']) {
      if (hasOwn.call(a, key) !== hasOwn.call(b, key)) return false;
      if (hasOwn.call(a, key) && !enumerable.call(a, key)) keys.push(key);
      if (hasOwn.call(b, key) && !enumerable.call(b, key)) others.push(key);
    }
  }
  if (keys.length !== others.length) return false;
  for (const key of keys) if (!hasOwn.call(b, key)) return false;
  const before = memo.get(a);
  if (before && before.has(b)) return true;
  const partners = before || new Set();
  partners.add(b);
  memo.set(a, partners);
  let same = sameProperties(a, b, keys, strict, memo);
  if (same && kind === 'Set') same = sameSets(a, b, strict, memo);
  if (same && kind === 'Map') same = sameMaps(a, b, strict, memo);
  partners.delete(b);
  return same;
}

function equal(a, b, strict, memo) {
  if (a === b) return a !== 0 || !strict || Object.is(a, b);
  if (strict) {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Number.isNaN(a) && Number.isNaN(b);
    if (!memo.anyPrototype && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  } else {
    if (a === null || typeof a !== 'object') {
      return (b === null || typeof b !== 'object') && (a == b || (a !== a && b !== b));
    }
    if (b === null || typeof b !== 'object') return false;
  }
  const kind = brand(a);
  if (kind !== brand(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (Array.isArray(a) && a.length !== b.length) return false;
  return sameObjects(a, b, kind, strict, memo);
}

const isDeepEqual = (a, b) => equal(a, b, false, new Map());

/** skipPrototype: objects of other classes may be equal, too. */
function isDeepStrictEqual(a, b, skipPrototype = undefined) {
  return equal(a, b, true, Object.assign(new Map(), skipPrototype ? { anyPrototype: true } : undefined));
}

module.exports = { isDeepEqual, isDeepStrictEqual };
