/** The methods of Buffer that compare, search, copy and fill. */
const { codes } = require('errors');
const native = require('buffer_native');
const { decode } = require('buffer_codec');
const { validateInteger, validateNumber } = require('validators');

const { search } = require('buffer_search');

const isBytes = (value) => value instanceof Uint8Array;

const { order } = native;

function compare(a, b) {
  if (!isBytes(a)) throw new codes.ERR_INVALID_ARG_TYPE('buf1', ['Buffer', 'Uint8Array'], a);
  if (!isBytes(b)) throw new codes.ERR_INVALID_ARG_TYPE('buf2', ['Buffer', 'Uint8Array'], b);
  return order(a, b);
}

function swap(buffer, size) {
  if (buffer.length % size !== 0) throw new codes.ERR_INVALID_BUFFER_SIZE(`${size * 8}-bits`);
  for (let i = 0; i < buffer.length; i += size) Uint8Array.prototype.reverse.call(buffer.subarray(i, i + size));
  return buffer;
}

/** The bytes to fill with, of a string, number or Uint8Array. */
function pattern(value, encoding) {
  if (typeof value === 'string') {
    const bytes = decode(value, require('buffer_text').knownEncoding(encoding));
    if (value.length > 0 && bytes.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('value', value);
    return bytes.length === 0 ? [0] : bytes;
  }
  if (isBytes(value)) {
    if (value.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('value', value);
    return value;
  }
  if (typeof value === 'boolean') return [+value];
  return [value & 255];
}

/** A bound of subarray as an integer that fits in 53 bits. */
const whole = (value) => Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(value) || 0));

const methods = {
  equals(other) {
    if (!isBytes(other)) throw new codes.ERR_INVALID_ARG_TYPE('otherBuffer', ['Buffer', 'Uint8Array'], other);
    return this === other || order(this, other) === 0;
  },

  compare(target, targetStart = 0, targetEnd = target.length, sourceStart = 0, sourceEnd = this.length) {
    if (!isBytes(target)) throw new codes.ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
    validateInteger(targetStart, 'targetStart', 0);
    validateInteger(targetEnd, 'targetEnd', 0, target.length);
    validateInteger(sourceStart, 'sourceStart', 0);
    validateInteger(sourceEnd, 'sourceEnd', 0, this.length);
    if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1;
    if (targetStart >= targetEnd) return 1;
    return order(this.subarray(sourceStart, sourceEnd), target.subarray(targetStart, targetEnd));
  },

  indexOf(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, true); },
  lastIndexOf(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, false); },
  includes(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, true) !== -1; },

  fill(value, offset, end, encoding) {
    let from = offset;
    let to = end;
    let name = encoding;
    if (typeof value === 'string') {
      if (typeof from === 'string') [name, from, to] = [from, undefined, undefined];
      else if (typeof to === 'string') [name, to] = [to, undefined];
    }
    if (from === undefined) from = 0;
    else validateNumber(from, 'offset', 0, this.length);
    if (to === undefined) to = this.length;
    else validateNumber(to, 'end', 0, this.length);
    if (from >= to) return this;
    const bytes = pattern(value, name);
    if (bytes.length === 1) return Uint8Array.prototype.fill.call(this, bytes[0], from, to);
    if (native.fill(this, bytes, from, to)) return this;
    for (let i = from; i < to; i++) this[i] = bytes[(i - from) % bytes.length];
    return this;
  },

  copy(target, targetStart = 0, sourceStart = 0, sourceEnd = this.length) {
    if (!isBytes(target)) throw new codes.ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
    const at = Math.trunc(targetStart) || 0;
    if (at < 0) throw new codes.ERR_OUT_OF_RANGE('targetStart', '>= 0', at);
    const from = Math.trunc(sourceStart) || 0;
    if (from < 0 || from > this.length) throw new codes.ERR_OUT_OF_RANGE('sourceStart', `>= 0 && <= ${this.length}`, from);
    const to = Math.trunc(sourceEnd) || 0;
    if (to < 0) throw new codes.ERR_OUT_OF_RANGE('sourceEnd', '>= 0', to);
    if (at >= target.length || from >= to) return 0;
    const count = Math.min(to - from, target.length - at, this.length - from);
    if (native.copy(this, target, at, from, count) === undefined) target.set(this.subarray(from, from + count), at);
    return count;
  },

  /** A view of the same memory, as subarray. */
  slice(start, end) { return this.subarray(start, end); },

  subarray(start, end) {
    return native.slice(this, start, end) ?? native.slice(this, whole(start), end === undefined ? end : whole(end));
  },

  swap16() { return swap(this, 2); },
  swap32() { return swap(this, 4); },
  swap64() { return swap(this, 8); },

  get parent() { return this instanceof require('buffer').Buffer ? this.buffer : undefined; },
  get offset() { return this instanceof require('buffer').Buffer ? this.byteOffset : undefined; },
};

module.exports = { compare, methods };
