/**
 * The module "buffer": Buffer, a Uint8Array with node's methods. Texts are in buffer_codec, numbers in
 * buffer_numbers, searching and copying in buffer_bytes.
 */
const { codes } = require('errors');
const { validateNumber } = require('validators');
const native = require('buffer_native');
const { decode, byteLength, encodingOf } = require('buffer_codec');

const MAX_LENGTH = 2 ** 32;
const MAX_STRING_LENGTH = 2 ** 29 - 24;

class FastBuffer extends Uint8Array {}

let warned = false; // that Buffer() was called

/** Warns of the constructor, unless a package calls it: that is not for the user to mend. */
function warnOld() {
  if (typeof process !== 'object') return;
  for (const [, file] of String(new Error().stack).matchAll(/^\s*at (?:[^\n]*\()?([^\n]*?):\d+:\d+/gm)) {
    if (file.startsWith('node:')) continue;
    if (/[/\\]node_modules[/\\]/.test(file)) return;
    break;
  }
  warned = true;
  process.emitWarning('Buffer() is deprecated due to security and usability issues. Please use the Buffer.alloc(), '
    + 'Buffer.allocUnsafe(), or Buffer.from() methods instead.', 'DeprecationWarning', 'DEP0005');
}

/** new Buffer and Buffer() are deprecated in node, not gone. */
function Buffer(value, encodingOrOffset, length) {
  if (!warned) warnOld();
  if (typeof value === 'number') {
    if (typeof encodingOrOffset === 'string') throw new codes.ERR_INVALID_ARG_TYPE('string', 'string', value);
    return Buffer.alloc(value);
  }
  return Buffer.from(value, encodingOrOffset, length);
}
Buffer.prototype = FastBuffer.prototype;
Object.defineProperty(FastBuffer.prototype, 'constructor', { value: Buffer, writable: true, configurable: true });
Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(Buffer, Symbol.species, { configurable: true, get: () => FastBuffer });

native.adopt(Buffer);

const isBytes = (value) => value instanceof Uint8Array;
const { isMemory } = native;

function checkSize(size) {
  validateNumber(size, 'size', 0, MAX_LENGTH);
}

function fromMemory(memory, byteOffset, length) {
  let offset = byteOffset === undefined ? 0 : +byteOffset;
  if (Number.isNaN(offset)) offset = 0;
  const rest = memory.byteLength - offset;
  if (rest < 0) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('offset');
  let size = rest;
  if (length !== undefined) {
    size = +length > 0 ? +length : 0;
    if (size > rest) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('length');
  }
  return new FastBuffer(memory, offset, size);
}

/** Arrays, Buffers as JSON, typed arrays; undefined for anything else. */
function fromObject(value) {
  if (value.length !== undefined || isMemory(value.buffer)) {
    if (typeof value.length !== 'number') return new FastBuffer(0);
    if (isBytes(value)) return new FastBuffer(value);
    const buffer = new FastBuffer(Math.max(0, value.length));
    for (let i = 0; i < buffer.length; i++) buffer[i] = value[i];
    return buffer;
  }
  if (value.type === 'Buffer' && Array.isArray(value.data)) return new FastBuffer(value.data);
  return undefined;
}

function fromString(text, encoding) {
  const name = typeof encoding === 'string' && encoding.length > 0 ? encodingOf(encoding) : 'utf8';
  if (name === undefined) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
  return decode(text, name);
}

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return fromString(value, encodingOrOffset);
  if (typeof value === 'object' && value !== null) {
    if (isMemory(value)) return fromMemory(value, encodingOrOffset, length);
    const primitive = value.valueOf && value.valueOf();
    if (primitive !== null && primitive !== undefined && primitive !== value
      && (typeof primitive === 'string' || typeof primitive === 'object')) return from(primitive, encodingOrOffset, length);
    const buffer = fromObject(value);
    if (buffer !== undefined) return buffer;
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const text = value[Symbol.toPrimitive]('string');
      if (typeof text === 'string') return fromString(text, encodingOrOffset);
    }
  }
  throw new codes.ERR_INVALID_ARG_TYPE('first argument', ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value);
};

Buffer.copyBytesFrom = function copyBytesFrom(view, offset = 0, length = undefined) {
  if (!ArrayBuffer.isView(view)) throw new codes.ERR_INVALID_ARG_TYPE('view', ['TypedArray'], view);
  const { validateInteger } = require('validators');
  validateInteger(offset, 'offset', 0);
  if (length !== undefined) validateInteger(length, 'length', 0);
  const part = view.subarray(offset, length === undefined ? undefined : offset + length);
  return Buffer.from(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
};
Buffer.of = (...items) => Buffer.from(items);

Buffer.alloc = function alloc(size, fill, encoding) {
  checkSize(size);
  const buffer = native.allocate(size);
  if (fill === undefined || fill === 0 || size === 0) return buffer;
  return buffer.fill(fill, typeof encoding === 'string' ? encoding : undefined);
};
Buffer.allocUnsafe = function allocUnsafe(size) {
  checkSize(size);
  return native.allocate(size);
};
Buffer.allocUnsafeSlow = Buffer.allocUnsafe;

Buffer.isBuffer = (value) => value instanceof Buffer;
Buffer.isEncoding = (name) => typeof name === 'string' && name.length > 0 && encodingOf(name) !== undefined;

Buffer.byteLength = function byteLengthOf(value, encoding) {
  if (typeof value === 'string') return byteLength(value, encodingOf(encoding) || 'utf8');
  if (ArrayBuffer.isView(value) || isMemory(value)) return value.byteLength;
  throw new codes.ERR_INVALID_ARG_TYPE('string', ['string', 'Buffer', 'ArrayBuffer'], value);
};

Buffer.concat = function concat(list, length) {
  const joined = native.join(list, length);
  if (joined !== undefined) return joined;
  require('validators').validateArray(list, 'list');
  if (list.length === 0) return native.allocate(0);
  let size = length;
  if (size === undefined) size = list.reduce((sum, part) => sum + (part.length || 0), 0);
  else require('validators').validateInteger(size, 'length', 0, MAX_LENGTH);
  const buffer = Buffer.alloc(size);
  let at = 0;
  list.forEach((part, i) => {
    if (!isBytes(part)) throw new codes.ERR_INVALID_ARG_TYPE(`list[${i}]`, ['Buffer', 'Uint8Array'], part);
    if (at >= size) return;
    buffer.set(at + part.length > size ? part.subarray(0, size - at) : part, at);
    at += part.length;
  });
  return buffer;
};

Buffer.compare = (a, b) => require('buffer_bytes').compare(a, b);
Buffer.poolSize = 8192;

/** Methods are no properties to be listed, as those of a class. */
function equip(methods) {
  for (const name of Reflect.ownKeys(methods)) {
    Object.defineProperty(Buffer.prototype, name, {
      ...Object.getOwnPropertyDescriptor(methods, name), enumerable: false, configurable: true,
    });
  }
}
equip(require('buffer_text').methods);
equip(require('buffer_bytes').methods);
equip(require('buffer_numbers'));

module.exports = {
  Buffer,
  SlowBuffer: (size) => Buffer.alloc(size),
  kMaxLength: MAX_LENGTH,
  kStringMaxLength: MAX_STRING_LENGTH,
  constants: { MAX_LENGTH, MAX_STRING_LENGTH },
  INSPECT_MAX_BYTES: 50,
  isUtf8: (value) => require('buffer_codec').isUtf8(value),
  isAscii: (value) => require('buffer_codec').isAscii(value),
  transcode: (source, from, to) => require('buffer_codec').transcode(source, from, to),
};
for (const name of ['atob', 'btoa', 'Blob', 'File']) {
  if (name in globalThis) Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get: () => globalThis[name] });
}
