/** Random numbers of the module "crypto". */
const { Buffer, kMaxLength } = require('buffer');
const { native, sync, async, isBytes, viewOf, answer } = require('crypto_native');
const { codes } = require('errors');
const { validateFunction, validateNumber, validateBoolean, validateObject } = require('validators');

const MAX = Math.min(2 ** 31 - 1, kMaxLength ?? Infinity);

function sizeOf(value, name, most = MAX) {
  validateNumber(value, name);
  if (Number.isNaN(value) || value > most || value < 0) throw new codes.ERR_OUT_OF_RANGE(name, `>= 0 && <= ${most}`, value);
  return value >>> 0;
}

function randomBytes(size, callback = undefined) {
  const n = sizeOf(size, 'size');
  if (callback === undefined) return Buffer.from(sync.random(n));
  validateFunction(callback, 'callback');
  answer(async.random(n), callback, (bytes) => [Buffer.from(bytes)]);
  return undefined;
}

/** The part of buf that is to be filled: offset and size count elements. */
function part(buf, offset, size) {
  if (!isBytes(buf)) throw new codes.ERR_INVALID_ARG_TYPE('buf', ['ArrayBuffer', 'ArrayBufferView'], buf);
  const width = buf.BYTES_PER_ELEMENT ?? 1;
  const from = offset === undefined ? 0 : sizeOf(offset, 'offset', buf.byteLength) * width;
  if (from > buf.byteLength) throw new codes.ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${buf.byteLength}`, offset);
  const length = size === undefined ? buf.byteLength - from : sizeOf(size, 'size') * width;
  if (from + length > buf.byteLength) throw new codes.ERR_OUT_OF_RANGE('size + offset', `<= ${buf.byteLength}`, from + length);
  return viewOf(buf).subarray(from, from + length);
}

function randomFillSync(buf, offset = 0, size = undefined) {
  sync.fill(part(buf, offset, size));
  return buf;
}

function randomFill(buf, ...rest) {
  if (!isBytes(buf)) throw new codes.ERR_INVALID_ARG_TYPE('buf', ['ArrayBuffer', 'ArrayBufferView'], buf);
  const at = rest.findIndex((value) => typeof value === 'function');
  const callback = at < 0 ? rest[2] : rest[at];
  validateFunction(callback, 'callback');
  const [offset, size] = rest.slice(0, at);
  const view = part(buf, offset, size);
  answer(async.random(view.length), callback, (bytes) => {
    view.set(new Uint8Array(bytes));
    return [buf];
  });
}

const RANGE = 2 ** 48 - 1;

/** An integer from min (0) to max, without max; evenly, since what would favour small ones is drawn again. */
function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') return randomInt(0, min, max);
  const async_ = callback !== undefined;
  if (async_) validateFunction(callback, 'callback');
  if (!Number.isSafeInteger(min)) throw new codes.ERR_INVALID_ARG_TYPE('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw new codes.ERR_INVALID_ARG_TYPE('max', 'a safe integer', max);
  if (max <= min) throw new codes.ERR_OUT_OF_RANGE('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (!(range <= RANGE)) throw new codes.ERR_OUT_OF_RANGE('max - min', `<= ${RANGE}`, range);
  const limit = 2 ** 48 - (2 ** 48 % range);
  let drawn;
  do drawn = Buffer.from(sync.random(6)).readUIntBE(0, 6); while (drawn >= limit);
  const result = min + (drawn % range);
  if (!async_) return result;
  process.nextTick(callback, undefined, result);
  return undefined;
}

function randomUUID(options = undefined) {
  if (options !== undefined) validateObject(options, 'options');
  const { disableEntropyCache = false } = options ?? {};
  validateBoolean(disableEntropyCache, 'options.disableEntropyCache');
  const bytes = Buffer.from(sync.random(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40; // version 4, RFC 9562 §5.4
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function timingSafeEqual(a, b) {
  if (!isBytes(a)) throw new codes.ERR_INVALID_ARG_TYPE('buf1', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], a);
  if (!isBytes(b)) throw new codes.ERR_INVALID_ARG_TYPE('buf2', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], b);
  if (a.byteLength !== b.byteLength) throw new codes.ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH();
  return native.equal(viewOf(a), viewOf(b));
}

module.exports = { randomBytes, pseudoRandomBytes: randomBytes, rng: randomBytes, prng: randomBytes, randomFill, randomFillSync, randomInt, randomUUID, timingSafeEqual };
