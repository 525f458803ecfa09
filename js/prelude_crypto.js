/**
 * The module "crypto", as far as it needs no keys of others: digests, HMAC, random numbers, comparison. It holds no
 * ciphers, no signatures and no key derivation: those take time that a task cannot be stopped in.
 */
const { Buffer } = require('buffer');
const { codes } = require('errors');

const fail = (name, code, message, Class = Error) => { throw Object.assign(new Class(`${name}: ${message}`), { code }); };

/** The bytes of a string, in the given encoding, or of any view or ArrayBuffer. */
function bytesOf(name, value, encoding) {
  if (typeof value === 'string') return Buffer.from(value, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(value)) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], value);
}

/** node's spellings of one name: SHA256, RSA-SHA256, sha-256. */
const algorithm = (name) => String(name).toLowerCase().replace(/^rsa-/, '').replace(/^sha-/, 'sha').replace('/', '-');

const encoded = (bytes, encoding) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding === undefined || encoding === 'buffer' ? buffer : buffer.toString(encoding);
};

/** What createHash and createHmac return: update any number of times, then digest once. */
class Digest {
  #native;
  #done = false;

  constructor(native) { this.#native = native; }

  update(data, encoding) {
    if (this.#done) fail('update', 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    this.#native.update(bytesOf('data', data, encoding));
    return this;
  }

  digest(encoding) {
    if (this.#done) fail('digest', 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    this.#done = true;
    return encoded(this.#native.digest(), encoding);
  }

  copy() {
    if (this.#done) fail('copy', 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    if (!this.#native.copy) fail('copy', 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', 'an Hmac cannot be copied');
    return new Hash(this.#native.copy());
  }
}
class Hash extends Digest {}
class Hmac extends Digest {}

function native(call, name, key) {
  if (typeof name !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('algorithm', 'string', name);
  return binding.create(algorithm(name), key)
    ?? fail(call, 'ERR_CRYPTO_INVALID_DIGEST', `no digest "${name}"; there are ${binding.names().join(', ')}`);
}

const createHash = (name) => new Hash(native('createHash', name));
const createHmac = (name, key) => new Hmac(native('createHmac', name, bytesOf('key', key, 'utf8')));
const hash = (name, data, encoding = 'hex') => createHash(name).update(data).digest(encoding);

function randomFillSync(view, offset = 0, size = undefined) {
  const all = bytesOf('buf', view);
  const bytes = new Uint8Array(all.buffer, all.byteOffset, all.byteLength);
  if (!(offset >= 0 && offset <= bytes.length)) throw new codes.ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${bytes.length}`, offset);
  const end = size === undefined ? bytes.length : offset + size;
  if (!(end >= offset && end <= bytes.length)) throw new codes.ERR_OUT_OF_RANGE('size', `>= 0 && <= ${bytes.length - offset}`, size);
  binding.fill(bytes.subarray(offset, end));
  return view;
}

function randomBytes(size, callback) {
  if (typeof size !== 'number') throw new codes.ERR_INVALID_ARG_TYPE('size', 'number', size);
  if (!(size >= 0 && size <= 2 ** 31 - 1)) throw new codes.ERR_OUT_OF_RANGE('size', '>= 0 && <= 2147483647', size);
  const bytes = randomFillSync(Buffer.alloc(size));
  if (typeof callback !== 'function') return bytes;
  setImmediate(callback, null, bytes);
  return undefined;
}

/** An integer from min (0) to max, without max; evenly, since what would favour small ones is drawn again. */
function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') return randomInt(0, min, max);
  const range = max - min;
  if (!Number.isSafeInteger(min)) throw new codes.ERR_INVALID_ARG_TYPE('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw new codes.ERR_INVALID_ARG_TYPE('max', 'a safe integer', max);
  if (!(range > 0 && range <= 2 ** 48 - 1)) throw new codes.ERR_OUT_OF_RANGE('max', `greater than ${min} and at most 2 ** 48 - 1 more`, max);
  const limit = 2 ** 48 - (2 ** 48 % range);
  let drawn;
  do drawn = randomFillSync(Buffer.alloc(6)).readUIntBE(0, 6); while (drawn >= limit);
  const result = min + (drawn % range);
  if (typeof callback !== 'function') return result;
  setImmediate(callback, null, result);
  return undefined;
}

function timingSafeEqual(a, b) {
  const [x, y] = [bytesOf('buf1', a), bytesOf('buf2', b)];
  if (x.byteLength !== y.byteLength) {
    fail('timingSafeEqual', 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length', RangeError);
  }
  return binding.equal(x, y);
}

/** crypto.subtle, of which there is digest: https://w3c.github.io/webcrypto/#SubtleCrypto-method-digest */
const subtle = {
  async digest(name, data) {
    const given = typeof name === 'string' ? name : name?.name;
    if (!/^sha-(1|256|384|512)$/i.test(given)) fail('subtle.digest', 'ERR_CRYPTO_INVALID_DIGEST', `no digest "${given}"`);
    const hasher = native('subtle.digest', given);
    hasher.update(bytesOf('data', data));
    return hasher.digest().buffer;
  },
};

Object.assign(exports, {
  Hash, Hmac, createHash, createHmac, hash, getHashes: () => binding.names(), randomBytes, randomFillSync, randomInt,
  randomUUID: () => crypto.randomUUID(), getRandomValues: (view) => crypto.getRandomValues(view), timingSafeEqual, subtle,
});
Object.defineProperty(exports, 'webcrypto', { get: () => crypto, enumerable: true, configurable: true });
