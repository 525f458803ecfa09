/** Key agreement of the module "crypto". */
const { Buffer } = require('buffer');
const { callable, native, sync, bytesOf, given, isBytes, run } = require('crypto_native');
const { codes } = require('errors');
const { validateString, validateFunction, validateObject, validateInt32 } = require('validators');

const kNative = Symbol('native');

/** A number of bits, or the bytes of a prime. */
function primeOf(value, encoding) {
  if (typeof value === 'number') {
    validateInt32(value, 'sizeOrKey', 2);
    return given(sync.generatePrime(value, true));
  }
  if (typeof value !== 'string' && !isBytes(value)) {
    throw new codes.ERR_INVALID_ARG_TYPE('sizeOrKey', ['number', 'string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], value);
  }
  return Buffer.from(bytesOf(value, 'sizeOrKey', encoding));
}

function generatorOf(value, encoding) {
  if (value === undefined || value === null) return Buffer.from([2]);
  if (typeof value === 'number') {
    validateInt32(value, 'generator');
    if (value < 2) throw Object.assign(new Error('error:0280007A:Diffie-Hellman routines::bad generator'), { code: 'ERR_OSSL_DH_BAD_GENERATOR' });
    return Buffer.from(value.toString(16).padStart(8, '0'), 'hex');
  }
  const bytes = bytesOf(value, 'generator', encoding, ['number', 'string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView']);
  if (!bytes.some((b, i) => b > (i === bytes.length - 1 ? 1 : 0))) {
    throw Object.assign(new Error('error:0280007A:Diffie-Hellman routines::bad generator'), { code: 'ERR_OSSL_DH_BAD_GENERATOR' });
  }
  return Buffer.from(bytes);
}

class Agreement {
  computeSecret(key, inputEncoding, outputEncoding) {
    return given(this[kNative].secret(bytesOf(key, 'otherPublicKey', inputEncoding)), outputEncoding);
  }

  getPrivateKey(encoding) {
    const key = this[kNative].private();
    if (key === undefined) throw Object.assign(new Error('No private key - did you forget to generate one?'), { code: 'ERR_CRYPTO_INVALID_STATE' });
    return given(key, encoding);
  }

  setPrivateKey(key, encoding) {
    this[kNative].setPrivate(bytesOf(key, 'key', encoding));
    return this;
  }

  setPublicKey(key, encoding) {
    this[kNative].setPublic(bytesOf(key, 'key', encoding));
    return this;
  }
}

const none = () => Object.assign(new Error('No public key - did you forget to generate one?'), { code: 'ERR_CRYPTO_INVALID_STATE' });
const kPrime = Symbol('prime');
const kGenerator = Symbol('generator');

class DiffieHellmanGroup extends Agreement {
  constructor(name) {
    super();
    validateString(name, 'name');
    const prime = native.groupPrime(name);
    if (prime === undefined) throw new codes.ERR_CRYPTO_UNKNOWN_DH_GROUP();
    this[kPrime] = Buffer.from(prime);
    this[kGenerator] = Buffer.from([2]);
    this[kNative] = native.dh(this[kPrime], this[kGenerator]);
    this.verifyError = this[kNative].verifyError;
  }

  generateKeys(encoding) {
    this[kNative].generate();
    return this.getPublicKey(encoding);
  }

  getPublicKey(encoding) {
    const key = this[kNative].public();
    if (key === undefined) throw none();
    return given(key, encoding);
  }

  getPrime(encoding) { return given(this[kPrime].buffer.slice(this[kPrime].byteOffset, this[kPrime].byteOffset + this[kPrime].length), encoding); }

  getGenerator(encoding) {
    const bytes = this[kGenerator];
    const first = bytes.findIndex((b) => b !== 0);
    return given(Uint8Array.from(bytes.subarray(first < 0 ? 0 : first)).buffer, encoding);
  }
}
for (const name of ['setPublicKey', 'setPrivateKey']) Object.defineProperty(DiffieHellmanGroup.prototype, name, { value: undefined, configurable: true, writable: true });

class DiffieHellman extends DiffieHellmanGroup {
  constructor(size, keyEncoding, generator, generatorEncoding) {
    super('modp1');
    if (typeof keyEncoding !== 'string' || !Buffer.isEncoding(keyEncoding)) {
      if (keyEncoding !== 'buffer' && keyEncoding !== undefined) [generator, generatorEncoding] = [keyEncoding, generator];
      keyEncoding = 'buffer';
    }
    this[kPrime] = primeOf(size, keyEncoding);
    this[kGenerator] = generatorOf(generator, generatorEncoding);
    this[kNative] = native.dh(this[kPrime], this[kGenerator]);
    Object.defineProperty(this, 'verifyError', { value: this[kNative].verifyError, enumerable: true });
  }
}
DiffieHellman.prototype.setPublicKey = Agreement.prototype.setPublicKey;
DiffieHellman.prototype.setPrivateKey = Agreement.prototype.setPrivateKey;

const FORMATS = ['compressed', 'uncompressed', 'hybrid'];

function pointFormat(format = 'uncompressed') {
  if (!FORMATS.includes(format)) throw new codes.ERR_CRYPTO_ECDH_INVALID_FORMAT(format);
  return format;
}

class ECDH extends Agreement {
  constructor(curve) {
    super();
    validateString(curve, 'curve');
    this[kNative] = native.ecdh(curve);
  }

  static convertKey(key, curve, inputEncoding, outputEncoding, format) {
    validateString(curve, 'curve');
    const bytes = bytesOf(key, 'key', inputEncoding);
    if (!native.curves.includes(curve)) throw new codes.ERR_CRYPTO_INVALID_CURVE();
    return given(sync.convertPoint(bytes, curve, pointFormat(format)), outputEncoding);
  }

  generateKeys(encoding, format) {
    this[kNative].generate();
    return this.getPublicKey(encoding, format);
  }

  getPublicKey(encoding, format) {
    const key = this[kNative].public(pointFormat(format));
    if (key === undefined) throw none();
    return given(key, encoding);
  }
}

function diffieHellman(options, callback = undefined) {
  validateObject(options, 'options');
  if (callback !== undefined) validateFunction(callback, 'callback');
  const { KeyObject, nativeOf } = require('crypto_keys');
  const { privateKey, publicKey } = options;
  if (!(privateKey instanceof KeyObject)) throw new codes.ERR_INVALID_ARG_VALUE('options.privateKey', privateKey);
  if (!(publicKey instanceof KeyObject)) throw new codes.ERR_INVALID_ARG_VALUE('options.publicKey', publicKey);
  if (privateKey.type !== 'private') throw new codes.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(privateKey.type, 'private');
  if (publicKey.type === 'secret') throw new codes.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(publicKey.type, 'private or public');
  if (privateKey.asymmetricKeyType !== publicKey.asymmetricKeyType) throw new codes.ERR_CRYPTO_INCOMPATIBLE_KEY('key types for Diffie-Hellman', `${privateKey.asymmetricKeyType} and ${publicKey.asymmetricKeyType}`);
  return run(callback, 'agree', [nativeOf(privateKey), nativeOf(publicKey)], (bytes) => [given(bytes)]);
}

module.exports = {
  DiffieHellman: callable(DiffieHellman), DiffieHellmanGroup: callable(DiffieHellmanGroup), ECDH: callable(ECDH), diffieHellman,
  createDiffieHellman: (...args) => new DiffieHellman(...args),
  createDiffieHellmanGroup: (name) => new DiffieHellmanGroup(name),
  getDiffieHellman: (name) => new DiffieHellmanGroup(name),
  createECDH: (curve) => new ECDH(curve),
  getCurves: () => [...native.curves],
};
