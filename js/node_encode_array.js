// How node_encode.js writes arrays: dense, with holes, sparse, or as one block of numbers.
'use strict';

/** Up to this length the elements are written one by one. */
const SMALL = 16;

/** The index that a key is, -1 if it is a name. */
function indexOf(key) {
  const n = Number(key);
  return n >= 0 && n < 0xffffffff && String(n >>> 0) === key ? n : -1;
}

const isIndex = (key, length) => {
  const i = indexOf(key);
  return i >= 0 && i < length;
};

function hole(e, run) { if (run > 0) e.w.uint32(2, run); }

/** An array whose keys are not just 0 to length-1. */
function gaps(e, o, keys, named) {
  const { length } = o;
  if (!named && length <= 2 * keys.length + SMALL) return holes(e, o, keys);
  const { lossy, step } = require('node_encode');
  if (keys.some(lossy)) e.fail('an array with a lone surrogate as property name cannot be sent');
  e.w.begin(13, 1 + 2 * keys.length);
  e.w.number(length);
  for (const key of keys) {
    const index = isIndex(key, length);
    if (index) e.w.number(Number(key));
    else e.w.string(key);
    e.at(step(index ? Number(key) : key), o[key]);
  }
  return undefined;
}

function holes(e, o, keys) {
  const { step } = require('node_encode');
  const indices = keys.map(Number);
  let items = indices.length;
  let next = 0;
  for (const i of indices) {
    if (i > next) items++;
    next = i + 1;
  }
  e.w.array(next < o.length ? items + 1 : items);
  next = 0;
  for (const i of indices) {
    hole(e, i - next);
    e.at(step(i), o[i]);
    next = i + 1;
  }
  hole(e, o.length - next);
}

/** The bytes that a number takes by itself, and the width that it needs in a block. */
function costOf(n) {
  if (!Number.isInteger(n) || Object.is(n, -0)) return [9, 8];
  if (n >= -32 && n < 128) return [1, 1];
  if (n >= -128 && n < 0) return [2, 1];
  if (n >= -32768 && n <= 32767) return [n >= 0 && n < 256 ? 2 : 3, 2];
  if (n >= -0x80000000 && n <= 0x7fffffff) return [n >= 0 && n < 65536 ? 3 : 5, 4];
  return [n >= 0 && n <= 0xffffffff ? 5 : 9, 8];
}

/** Writes the elements as one block if all are numbers and it is no longer than they would be one by one. */
function numbersOnly(e, list) {
  let size = 0;
  let width = 1;
  for (const n of list) {
    if (typeof n !== 'number') return false;
    const [bytes, needs] = costOf(n);
    size += bytes;
    width = Math.max(width, needs);
  }
  if (width * list.length > size) return false;
  const block = Buffer.alloc(1 + width * list.length);
  block[0] = width;
  list.forEach((n, i) => {
    const at = 1 + i * width;
    if (width === 8 && Number.isNaN(n)) block.writeBigUInt64LE(0x7ff8000000000000n, at);
    else if (width === 8) block.writeDoubleLE(n, at);
    else block.writeIntLE(n, at, width);
  });
  e.w.leaf(16, block);
  return true;
}

/** Encodes an array. Its keys tell whether it has holes, or properties that are no elements. */
exports.encodeArray = function encodeArray(e, o) {
  const { step } = require('node_encode');
  e.number(o);
  e.nested(1, () => {
    const keys = Object.keys(o);
    const named = keys.length > 0 && !isIndex(keys[keys.length - 1], o.length);
    if (named || keys.length < o.length) {
      gaps(e, o, keys, named);
      return e.size();
    }
    const list = o.length > SMALL ? Array.from({ length: o.length }, (_, i) => o[i]) : o;
    if (o.length > SMALL && numbersOnly(e, list)) return e.size();
    e.w.array(list.length);
    for (let i = 0; i < list.length; i++) e.at(step(i), list[i]);
    return e.size();
  });
};
