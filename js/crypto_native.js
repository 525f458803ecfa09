/** The native half of crypto, and what all its files need of bytes. */
const { Buffer } = require('buffer');
const { codes } = require('errors');

const VIEWS = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

/** @returns {boolean} value holds bytes */
const isBytes = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer
  || (typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer);

/** A Uint8Array on the bytes of any view or ArrayBuffer. */
const viewOf = (value) => (ArrayBuffer.isView(value)
  ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value));

/** The bytes of a string, in the encoding, or of any view or ArrayBuffer; ERR_INVALID_ARG_TYPE for the rest. */
function bytesOf(value, name, encoding = 'utf8', types = ['string', ...VIEWS]) {
  if (typeof value === 'string') return Buffer.from(value, encoding === 'buffer' || encoding === null ? 'utf8' : encoding);
  if (isBytes(value)) return viewOf(value);
  throw new codes.ERR_INVALID_ARG_TYPE(name, types, value);
}

/** A hex string has an even length. */
function validateEncoding(data, encoding) {
  if (String(encoding).toLowerCase() === 'hex' && data.length % 2 !== 0) {
    throw new codes.ERR_INVALID_ARG_VALUE('encoding', encoding, `is invalid for data of length ${data.length}`);
  }
}

/** A Buffer on an ArrayBuffer, or its text in the encoding. */
function given(buffer, encoding = undefined) {
  const bytes = Buffer.from(buffer);
  return encoding && encoding !== 'buffer' ? bytes.toString(encoding) : bytes;
}

/** Calls callback(err, …) with what a promise of an operation gives; map makes the list of results. */
function answer(promise, callback, map = (value) => [value]) {
  promise.then((value) => [null, ...map(value)], (err) => [err]).then((args) => process.nextTick(callback, ...args));
}

/** Runs an operation now, or beside the script if there is a callback. */
function run(callback, name, args, map = (value) => [value]) {
  if (typeof callback !== 'function') return map(binding.sync[name](...args))[0];
  answer(binding.async[name](...args), callback, map);
  return undefined;
}

/** A class that may be called without new, as node's old ones may. */
function callable(Class) {
  const made = new Proxy(Class, { apply: (target, self, args) => new target(...args) });
  Object.defineProperty(Class.prototype, 'constructor', { value: made, writable: true, configurable: true });
  return made;
}

module.exports = {
  callable, native: binding, sync: binding.sync, async: binding.async, VIEWS, isBytes, viewOf, bytesOf, validateEncoding, given, answer, run,
};
