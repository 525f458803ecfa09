/** KeyObject of the module "crypto", and how keys are made and written. */
const { native, sync, bytesOf, given, isBytes } = require('crypto_native');
const { asymmetric, passphraseOf, fromJWK } = require('crypto_key_input');
const { codes } = require('errors');
const { validateString, validateObject, validateOneOf } = require('validators');

const handles = new WeakMap(); // KeyObject → native key
const wrapped = new WeakMap(); // CryptoKey → KeyObject

const nativeOf = (object) => handles.get(object);
const keyOfCryptoKey = (key) => wrapped.get(key);

class KeyObject {
  constructor(type, handle) {
    if (type !== 'secret' && type !== 'public' && type !== 'private') throw new codes.ERR_INVALID_ARG_VALUE('type', type);
    if (handle === null || typeof handle !== 'object' || !Array.isArray(native.keyInfo(handle))) throw new codes.ERR_INVALID_ARG_TYPE('handle', 'object', handle);
    Object.defineProperty(this, 'type', { value: type, enumerable: false, configurable: true, writable: false });
    handles.set(this, handle);
  }

  static from(key) {
    const object = key !== null && typeof key === 'object' ? wrapped.get(key) : undefined;
    if (object === undefined) throw new codes.ERR_INVALID_ARG_TYPE('key', 'CryptoKey', key);
    return object;
  }

  get [Symbol.toStringTag]() { return 'KeyObject'; }

  equals(other) {
    if (!(other instanceof KeyObject)) throw new codes.ERR_INVALID_ARG_TYPE('otherKeyObject', 'KeyObject', other);
    return other.type === this.type && native.sameKey(nativeOf(this), nativeOf(other));
  }

  toCryptoKey(algorithm, extractable, usages) {
    return require('webcrypto_key').fromKeyObject(this, algorithm, extractable, usages);
  }
}

class SecretKeyObject extends KeyObject {
  constructor(handle) { super('secret', handle); }

  get symmetricKeySize() { return native.keyInfo(nativeOf(this))[4]; }

  export(options = undefined) {
    if (options !== undefined) {
      validateObject(options, 'options');
      validateOneOf(options.format, 'options.format', [undefined, 'buffer', 'jwk']);
      if (options.format === 'jwk') return { kty: 'oct', k: given(sync.secretBytes(nativeOf(this)), 'base64url') };
    }
    return given(sync.secretBytes(nativeOf(this)));
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType() { return native.keyInfo(nativeOf(this))[0]; }

  get asymmetricKeyDetails() {
    const [, modulusLength, exponent, namedCurve] = native.keyInfo(nativeOf(this));
    if (modulusLength !== undefined) return { modulusLength, publicExponent: BigInt(exponent) };
    return namedCurve === undefined ? {} : { namedCurve };
  }
}

class PublicKeyObject extends AsymmetricKeyObject {
  constructor(handle) { super('public', handle); }

  export(options) {
    if (options?.format === 'jwk') return exportJWK(nativeOf(this));
    return write(nativeOf(this), false, encodingOf(options, false, 'options'));
  }
}

class PrivateKeyObject extends AsymmetricKeyObject {
  constructor(handle) { super('private', handle); }

  export(options) {
    if (options?.format === 'jwk') {
      if (options.passphrase !== undefined) throw new codes.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS('jwk', 'does not support encryption');
      return exportJWK(nativeOf(this));
    }
    return write(nativeOf(this), true, encodingOf(options, true, 'options', nativeOf(this)));
  }
}

/** What a key's encoding options say, checked: {format, type, cipher, passphrase}. */
function encodingOf(options, isPrivate, name, key = undefined) {
  validateObject(options, name);
  const { format, type, cipher } = options;
  if (format !== 'pem' && format !== 'der') throw new codes.ERR_INVALID_ARG_VALUE(`${name}.format`, format);
  const rsaOnly = key === undefined || native.keyInfo(key)[0] === 'rsa';
  if (!(isPrivate ? ['pkcs1', 'pkcs8', 'sec1'] : ['pkcs1', 'spki']).includes(type)) throw new codes.ERR_INVALID_ARG_VALUE(`${name}.type`, type);
  if (type === 'pkcs1' && !rsaOnly) throw new codes.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS('pkcs1', 'can only be used for RSA keys');
  if (type === 'sec1' && key !== undefined && native.keyInfo(key)[0] !== 'ec') throw new codes.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS('sec1', 'can only be used for EC keys');
  if (!isPrivate || cipher === undefined || cipher === null) {
    if (isPrivate && options.passphrase !== undefined) throw new codes.ERR_INVALID_ARG_VALUE(`${name}.cipher`, cipher);
    return { format, type };
  }
  if (typeof cipher !== 'string') throw new codes.ERR_INVALID_ARG_VALUE(`${name}.cipher`, cipher);
  if (format === 'der' && (type === 'pkcs1' || type === 'sec1')) throw new codes.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(type, 'does not support encryption');
  if (native.cipherInfo(cipher) === undefined) throw new codes.ERR_CRYPTO_UNKNOWN_CIPHER();
  if (typeof options.passphrase !== 'string' && !isBytes(options.passphrase)) throw new codes.ERR_INVALID_ARG_VALUE(`${name}.passphrase`, options.passphrase);
  return { format, type, cipher, passphrase: passphraseOf(options) };
}

function write(key, isPrivate, { format, type, cipher, passphrase }) {
  const bytes = sync.export(key, isPrivate, format, type, cipher, passphrase);
  return given(bytes, format === 'pem' ? 'utf8' : undefined);
}

/** The members of a key's JWK, in node's order. */
const JWK_ORDER = { RSA: ['kty', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'], EC: ['kty', 'x', 'y', 'crv', 'd'], OKP: ['crv', 'd', 'x', 'kty'] };

function exportJWK(key) {
  const [kty, crv, ...fields] = sync.exportJWK(key);
  const members = { kty, crv };
  for (let i = 0; i < fields.length; i += 2) members[fields[i]] = given(fields[i + 1], 'base64url');
  const jwk = {};
  for (const name of JWK_ORDER[kty]) if (members[name]) jwk[name] = members[name];
  return jwk;
}

function createSecretKey(key, encoding = undefined) {
  if (typeof key === 'string') validateEncodingName(encoding);
  const bytes = bytesOf(key, 'key', encoding, ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView']);
  return new SecretKeyObject(sync.secretKey(bytes));
}

function validateEncodingName(encoding) {
  if (encoding !== undefined) validateString(encoding, 'encoding');
}

function createPublicKey(key) {
  const object = key instanceof KeyObject ? key : key?.key instanceof KeyObject ? key.key : undefined;
  if (object !== undefined && object.type !== 'private') throw new codes.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(object.type, 'private');
  return new PublicKeyObject(sync.publicHalf(asymmetric(key, 'public')));
}

function createPrivateKey(key) {
  const object = key instanceof KeyObject ? key : key?.key instanceof KeyObject ? key.key : undefined;
  if (object !== undefined) throw new codes.ERR_INVALID_ARG_TYPE('key', ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], object);
  return new PrivateKeyObject(asymmetric(key, 'private'));
}

module.exports = {
  KeyObject, SecretKeyObject, PublicKeyObject, PrivateKeyObject, createSecretKey, createPublicKey, createPrivateKey,
  nativeOf, keyOfCryptoKey, wrapped, encodingOf, write, exportJWK, fromJWK,
};
