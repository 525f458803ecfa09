/** Hash and Hmac of the module "crypto". */
const { Transform } = require('stream');
const { native, validateEncoding, bytesOf, given, VIEWS } = require('crypto_native');
const { codes } = require('errors');
const { validateString, validateUint32 } = require('validators');

const kNative = Symbol('native');
const kDone = Symbol('finalized');

/** What createHash and createHmac return: a stream, or update any number of times and then digest. */
class Digest extends Transform {
  update(data, encoding) {
    if (this[kDone]) throw new codes.ERR_CRYPTO_HASH_FINALIZED();
    if (typeof data === 'string') validateEncoding(data, encoding);
    this[kNative].update(bytesOf(data, 'data', encoding, ['string', 'Buffer', 'TypedArray', 'DataView']));
    return this;
  }

  _transform(chunk, encoding, callback) {
    this[kNative].update(bytesOf(chunk, 'chunk', encoding));
    callback();
  }

  _flush(callback) {
    this.push(given(this[kNative].digest()));
    callback();
  }
}

function Hash(algorithm, options) {
  if (!new.target) return new Hash(algorithm, options);
  const made = Reflect.construct(Digest, [options], new.target);
  if (algorithm instanceof Hash) {
    made[kNative] = algorithm[kNative].copy();
    return made;
  }
  validateString(algorithm, 'algorithm');
  const length = options && typeof options === 'object' ? options.outputLength : undefined;
  if (length !== undefined) validateUint32(length, 'options.outputLength');
  made[kNative] = native.digest(algorithm, undefined, length);
  if (made[kNative] === undefined) {
    throw new Error('Digest method not supported');
  }
  if (length !== undefined && length !== made[kNative].size) {
    throw Object.assign(new Error('Unsupported state or unable to set the output length'), { code: 'ERR_OSSL_EVP_NOT_XOF_OR_INVALID_LENGTH' });
  }
  return made;
}
Object.setPrototypeOf(Hash, Digest);
Hash.prototype = Object.create(Digest.prototype, { constructor: { value: Hash, writable: true, configurable: true } });

Hash.prototype.copy = function copy(options) {
  if (this[kDone]) throw new codes.ERR_CRYPTO_HASH_FINALIZED();
  return new Hash(this, options);
};

Hash.prototype.digest = function digest(encoding) {
  if (this[kDone]) throw new codes.ERR_CRYPTO_HASH_FINALIZED();
  const text = encoding !== undefined && encoding !== null ? String(encoding) : undefined;
  this[kDone] = true;
  return given(this[kNative].digest(), text);
};

function Hmac(algorithm, key, options) {
  if (!new.target) return new Hmac(algorithm, key, options);
  validateString(algorithm, 'hmac');
  const { encoding } = options ?? {};
  const secret = require('crypto_key_input').secretBytes(key, encoding);
  const made = Reflect.construct(Digest, [options], new.target);
  made[kNative] = native.digest(algorithm, secret);
  if (made[kNative] === undefined) throw new codes.ERR_CRYPTO_INVALID_DIGEST(algorithm);
  return made;
}
Object.setPrototypeOf(Hmac, Digest);
Hmac.prototype = Object.create(Digest.prototype, { constructor: { value: Hmac, writable: true, configurable: true } });

/** A second digest gives nothing, as node's does. */
Hmac.prototype.digest = function digest(encoding) {
  const text = encoding !== undefined && encoding !== null ? String(encoding) : undefined;
  if (this[kDone]) return given(new ArrayBuffer(0), text);
  this[kDone] = true;
  return given(this[kNative].digest(), text);
};

function hash(algorithm, input, options = 'hex') {
  validateString(algorithm, 'algorithm');
  const { outputEncoding = 'hex', outputLength } = typeof options === 'string' ? { outputEncoding: options } : options ?? {};
  if (typeof input !== 'string') bytesOf(input, 'input', 'utf8', ['Buffer', 'TypedArray', 'DataView', 'string']);
  validateString(outputEncoding, 'outputEncoding');
  if (outputEncoding !== 'buffer') require('buffer').Buffer.from('').toString(outputEncoding);
  return new Hash(algorithm, { outputLength }).update(input).digest(outputEncoding);
}

module.exports = {
  Hash, Hmac, hash, VIEWS,
  createHash: (algorithm, options) => new Hash(algorithm, options),
  createHmac: (algorithm, key, options) => new Hmac(algorithm, key, options),
};
