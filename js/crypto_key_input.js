/** What the functions of crypto take for a key: KeyObject, CryptoKey, PEM, DER, JWK, bytes. */
const { sync, bytesOf, isBytes } = require('crypto_native');
const { codes } = require('errors');
const { validateObject, validateString, validateOneOf } = require('validators');

const SECRET = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'string', 'KeyObject', 'CryptoKey'];
const ASYMMETRIC = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'string', 'KeyObject', 'CryptoKey', 'Object'];

const keys = () => require('crypto_keys');

/** The KeyObject of a KeyObject or CryptoKey, else undefined. */
function objectOf(value) {
  const { KeyObject } = keys();
  if (value instanceof KeyObject) return value;
  return value !== null && typeof value === 'object' ? keys().keyOfCryptoKey(value) : undefined;
}

/** The bytes of a secret key. */
function secretBytes(value, encoding = 'utf8', name = 'key') {
  const object = objectOf(value);
  if (object !== undefined) {
    if (object.type !== 'secret') throw new codes.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(object.type, 'secret');
    return new Uint8Array(sync.secretBytes(keys().nativeOf(object)));
  }
  return bytesOf(value, name, encoding, SECRET);
}

/** The passphrase among options, as bytes, undefined if there is none. */
function passphraseOf({ passphrase, encoding }, name = 'key.passphrase') {
  return passphrase === undefined || passphrase === null ? undefined : bytesOf(passphrase, name, encoding);
}

const B64 = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x', 'y'];

function fromJWK(jwk, isPrivate) {
  validateObject(jwk, 'key.key');
  validateOneOf(jwk.kty, 'key.kty', ['RSA', 'EC', 'OKP']);
  const needed = { RSA: isPrivate ? B64.slice(0, 8) : ['n', 'e'], EC: ['x', 'y'], OKP: ['x'] }[jwk.kty];
  for (const name of isPrivate && jwk.kty !== 'RSA' ? [...needed, 'd'] : needed) validateString(jwk[name], `key.${name}`);
  if (jwk.kty !== 'RSA') validateString(jwk.crv, 'key.crv');
  const fields = [];
  for (const name of B64) if (typeof jwk[name] === 'string') fields.push(name, bytesOf(jwk[name], name, 'base64url'));
  return sync.parseJWK(isPrivate, jwk.kty, jwk.crv, ...fields);
}

/**
 * The native key of what was given for an asymmetric key.
 * @param {'private'|'public'} want public takes a private key too, whose public half it means
 */
function asymmetric(value, want, name = 'key') {
  const object = objectOf(value);
  if (object !== undefined) return ofObject(object, want);
  if (typeof value === 'string' || isBytes(value)) return parse(value, 'utf8', want, { format: 'pem' }, name);
  if (value === null || typeof value !== 'object') throw new codes.ERR_INVALID_ARG_TYPE(name, ASYMMETRIC, value);
  const { key, encoding, format } = value;
  const inner = objectOf(key);
  if (inner !== undefined) return ofObject(inner, want);
  if (format === 'jwk') return fromJWK(key, want === 'private' || (want === 'either' && key?.d !== undefined));
  if (typeof key !== 'string' && !isBytes(key)) throw new codes.ERR_INVALID_ARG_TYPE(`${name}.key`, ASYMMETRIC.slice(0, -1), key);
  return parse(key, encoding, want, value, name);
}

function ofObject(object, want) {
  if (object.type === 'secret') throw new codes.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE('secret', want === 'private' ? 'private' : 'private or public');
  if (want === 'private' && object.type !== 'private') throw new codes.ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(object.type, 'private');
  return keys().nativeOf(object);
}

function parse(key, encoding, want, options, name) {
  const { format = 'pem', type } = options;
  if (format !== 'pem' && format !== 'der') throw new codes.ERR_INVALID_ARG_VALUE(`${name}.format`, format);
  const types = want === 'private' ? ['pkcs1', 'pkcs8', 'sec1'] : ['pkcs1', 'spki', 'pkcs8', 'sec1'];
  if (format === 'der' ? !types.includes(type) : type !== undefined && type !== null && !types.includes(type)) {
    throw new codes.ERR_INVALID_ARG_VALUE(`${name}.type`, type);
  }
  const bytes = bytesOf(key, `${name}.key`, encoding);
  const isPrivate = want === 'private' || (format === 'der' && (type === 'pkcs8' || type === 'sec1'));
  return sync.parse(bytes, isPrivate, format, type, passphraseOf(options));
}

module.exports = { secretBytes, asymmetric, passphraseOf, objectOf, fromJWK };
