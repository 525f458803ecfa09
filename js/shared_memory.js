/** SharedArrayBuffer and Atomics: memory that several threads have. A SharedArrayBuffer is an ArrayBuffer of the engine
 *  with another prototype, so typed arrays and DataViews work on it. */
const getLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
const bufferOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'buffer').get;
const nameOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

function check(value, name) {
  if (!binding.isShared(value)) throw new TypeError(`Method SharedArrayBuffer.prototype.${name} called on incompatible receiver ${String(value)}`);
}

function SharedArrayBuffer(length = 0) {
  if (new.target === undefined) throw new TypeError("Constructor SharedArrayBuffer requires 'new'");
  const size = Math.trunc(Number(length)) || 0;
  if (size < 0 || size > 2 ** 32) throw new RangeError('Array buffer allocation failed');
  return Object.setPrototypeOf(binding.make(size), new.target.prototype);
}
const define = (proto, members) => Object.defineProperties(proto, Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(members))
  .map(([name, desc]) => [name, { ...desc, enumerable: false }])));
define(SharedArrayBuffer.prototype, {
  get byteLength() {
    check(this, 'byteLength');
    return getLength.call(this);
  },
  get growable() { return false; },
  get maxByteLength() { return this.byteLength; },
  slice(start = 0, end = undefined) {
    check(this, 'slice');
    const part = new Uint8Array(this).slice(start, end);
    const made = new SharedArrayBuffer(part.length);
    new Uint8Array(made).set(part);
    return made;
  },
});
Object.defineProperty(SharedArrayBuffer.prototype, Symbol.toStringTag, { value: 'SharedArrayBuffer', configurable: true });
Object.defineProperty(SharedArrayBuffer, Symbol.species, { get() { return this; }, configurable: true });
Object.defineProperty(SharedArrayBuffer, 'prototype', { writable: false });
binding.setPrototype(SharedArrayBuffer.prototype);

const SIZES = {
  Int8Array: [1, true], Uint8Array: [1, false], Int16Array: [2, true], Uint16Array: [2, false], Int32Array: [4, true], Uint32Array: [4, false],
  BigInt64Array: [8, true], BigUint64Array: [8, false],
};

/** [buffer, offset, size, signed] of an element. */
function element(array, index, waitable = false) {
  const name = typeof array === 'object' && array !== null ? nameOf.call(array) : undefined;
  const kind = SIZES[name];
  if (kind === undefined || (waitable && name !== 'Int32Array' && name !== 'BigInt64Array')) {
    throw new TypeError(`[object ${name === undefined ? 'Object' : 'Array'}] is not an ${waitable ? 'int32 or BigInt64' : 'integer'} typed array.`);
  }
  const at = index === undefined ? 0 : Math.trunc(Number(index)) || 0;
  if (at < 0 || at >= array.length) throw new RangeError('Invalid atomic access index');
  return [bufferOf.call(array), array.byteOffset + at * kind[0], kind[0], kind[1]];
}

/** A value as an element of that size: a BigInt, or an integer. */
const operand = (value, size) => {
  if (size === 8) return BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(value));
  const n = Math.trunc(Number(value)) || 0;
  return n % 2 ** 32;
};

const Atomics = {};
const change = (op) => (array, index, value) => {
  const [buffer, offset, size, signed] = element(array, index);
  return binding.change(buffer, offset, size, signed, op, operand(value, size));
};
define(Atomics, {
  ...Object.fromEntries(['add', 'and', 'exchange', 'or', 'sub', 'xor'].map((op) => [op, change(op)])),
  load(array, index) {
    const [buffer, offset, size, signed] = element(array, index);
    return binding.change(buffer, offset, size, signed, 'load', 0);
  },
  store(array, index, value) {
    const [buffer, offset, size, signed] = element(array, index);
    const kept = size === 8 ? BigInt(value) : Math.trunc(Number(value)) || 0;
    binding.change(buffer, offset, size, signed, 'store', operand(value, size));
    return kept;
  },
  compareExchange(array, index, expected, replacement) {
    const [buffer, offset, size, signed] = element(array, index);
    return binding.change(buffer, offset, size, signed, 'compareExchange', operand(expected, size), operand(replacement, size));
  },
  isLockFree: (size) => size === 1 || size === 2 || size === 4 || size === 8,
  wait(array, index, value, timeout = Infinity) {
    const [buffer, offset, size] = element(array, index, true);
    if (!binding.isShared(buffer)) throw new TypeError('[object Int32Array] is not a shared typed array.');
    const ms = Number(timeout);
    return binding.wait(buffer, offset, size, operand(value, size), Number.isNaN(ms) ? Infinity : Math.max(ms, 0));
  },
  notify(array, index, count = Infinity) {
    const [buffer, offset] = element(array, index, true);
    return binding.isShared(buffer) ? binding.notify(buffer, offset, Number(count) === Infinity ? Infinity : Math.max(Math.trunc(Number(count)) || 0, 0)) : 0;
  },
});
Object.defineProperty(Atomics, Symbol.toStringTag, { value: 'Atomics', configurable: true });

module.exports = { SharedArrayBuffer, Atomics, isShared: binding.isShared };
