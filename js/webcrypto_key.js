/** CryptoKey, and how keys come into and out of WebCrypto: https://w3c.github.io/webcrypto/ */
const { sync, given, viewOf, isBytes } = require('crypto_native');
const keys = require('crypto_keys');
const { codes } = require('errors');

const kMake = Symbol('make');

/** What WebCrypto throws. */
const fault = (message, name) => new DOMException(message, name);

class CryptoKey {
  #object;
  #algorithm;
  #extractable;
  #usages;

  constructor(token, object, algorithm, extractable, usages) {
    if (token !== kMake) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#object = object;
    this.#algorithm = algorithm;
    this.#extractable = extractable;
    this.#usages = Object.freeze([...new Set(usages)]);
    keys.wrapped.set(this, object);
  }

  get type() { return this.#object.type; }
  get extractable() { return this.#extractable; }
  get algorithm() { return this.#algorithm; }
  get usages() { return this.#usages; }
  get [Symbol.toStringTag]() { return 'CryptoKey'; }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    if (depth < 0) return this;
    const { type, extractable, algorithm, usages } = this;
    return `CryptoKey ${inspect({ type, extractable, algorithm, usages }, { ...options, depth: options.depth === null ? null : options.depth - 1 })}`;
  }
}
for (const name of ['type', 'extractable', 'algorithm', 'usages']) Object.defineProperty(CryptoKey.prototype, name, { enumerable: true });

const USAGES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'];

/** The usages that each kind of key may have: of a secret or private key, and of a public one. */
const ALLOWED = {
  'AES-CBC': [['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']], 'AES-CTR': [['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']],
  'AES-GCM': [['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']], HMAC: [['sign', 'verify']],
  PBKDF2: [['deriveKey', 'deriveBits']], HKDF: [['deriveKey', 'deriveBits']],
  'RSASSA-PKCS1-v1_5': [['sign'], ['verify']], 'RSA-PSS': [['sign'], ['verify']], 'RSA-OAEP': [['decrypt', 'unwrapKey'], ['encrypt', 'wrapKey']],
  ECDSA: [['sign'], ['verify']], ECDH: [['deriveKey', 'deriveBits'], []], Ed25519: [['sign'], ['verify']], X25519: [['deriveKey', 'deriveBits'], []],
};
const NAMES = new Map(Object.keys(ALLOWED).map((name) => [name.toLowerCase(), name]));
for (const name of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) NAMES.set(name.toLowerCase(), name);

/** The algorithm with its name spelled as it should be, and its hash as an object. */
function normal(algorithm) {
  const given_ = typeof algorithm === 'string' ? { name: algorithm } : algorithm;
  if (given_ === null || typeof given_ !== 'object' || typeof given_.name !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('algorithm', ['string', 'Object'], algorithm);
  const name = NAMES.get(given_.name.toLowerCase());
  if (name === undefined) throw fault('Unrecognized algorithm name', 'NotSupportedError');
  const result = { ...given_, name };
  if (given_.hash !== undefined) result.hash = normal(given_.hash);
  return result;
}

function make(object, algorithm, extractable, usages) {
  const allowed = ALLOWED[algorithm.name][object.type === 'public' ? 1 : 0];
  for (const usage of usages) {
    if (!USAGES.includes(usage)) throw new TypeError(`Invalid key usage "${usage}"`);
    if (!allowed.includes(usage)) throw fault(`Unsupported key usage for a ${algorithm.name} key`, 'SyntaxError');
  }
  if (object.type !== 'public' && usages.length === 0) throw fault('Usages cannot be empty when creating a key.', 'SyntaxError');
  return new CryptoKey(kMake, object, algorithm, object.type === 'public' ? true : !!extractable, usages);
}

/** What a key's algorithm says of it. */
function described({ name, hash, namedCurve }, object) {
  if (name.startsWith('RSA')) {
    const { modulusLength, publicExponent } = object.asymmetricKeyDetails;
    const exponent = publicExponent.toString(16);
    return { name, modulusLength, publicExponent: new Uint8Array(Buffer.from(exponent.length % 2 ? `0${exponent}` : exponent, 'hex')), hash: { name: hash.name } };
  }
  if (name.startsWith('EC')) return { name, namedCurve };
  if (name === 'HMAC') return { name, hash: { name: hash.name }, length: object.symmetricKeySize * 8 };
  return name.startsWith('AES') ? { name, length: object.symmetricKeySize * 8 } : { name };
}

const { Buffer } = require('buffer');
const CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };

function secretFrom(format, data, algorithm) {
  let bytes;
  if (format === 'raw') bytes = viewOf(data);
  else if (format === 'jwk' && data?.kty === 'oct') bytes = Buffer.from(data.k, 'base64url');
  else throw fault(`Unable to import ${algorithm.name} key with format ${format}`, 'NotSupportedError');
  if (algorithm.name.startsWith('AES') && ![16, 24, 32].includes(bytes.byteLength)) throw fault('Invalid key length', 'DataError');
  if (algorithm.name === 'HMAC' && bytes.byteLength === 0) throw fault('Zero-length key is not supported', 'DataError');
  return new keys.SecretKeyObject(sync.secretKey(bytes));
}

/** The DER of a public key of bytes alone: prefix per algorithm, RFC 8410 §4 and RFC 5480 §2. */
const SPKI = { Ed25519: '302a300506032b6570032100', X25519: '302a300506032b656e032100',
  'P-256': '3059301306072a8648ce3d020106082a8648ce3d030107034200', 'P-384': '3076301006072a8648ce3d020106052b81040022036200',
  'P-521': '30819b301006072a8648ce3d020106052b81040023038186 00'.replace(' ', '') };

function asymmetricFrom(format, data, algorithm) {
  try {
    switch (format) {
      case 'spki': return keys.createPublicKey({ key: Buffer.from(viewOf(data)), format: 'der', type: 'spki' });
      case 'pkcs8': return keys.createPrivateKey({ key: Buffer.from(viewOf(data)), format: 'der', type: 'pkcs8' });
      case 'jwk': return data?.d === undefined ? keys.createPublicKey({ key: data, format: 'jwk' }) : keys.createPrivateKey({ key: data, format: 'jwk' });
      case 'raw': {
        const prefix = SPKI[algorithm.namedCurve ?? algorithm.name];
        if (prefix !== undefined) return keys.createPublicKey({ key: Buffer.concat([Buffer.from(prefix, 'hex'), viewOf(data)]), format: 'der', type: 'spki' });
      }
    }
  } catch (err) {
    throw Object.assign(fault('Invalid keyData', 'DataError'), { cause: err });
  }
  throw fault(`Unable to import ${algorithm.name} key with format ${format}`, 'NotSupportedError');
}

function importKey(format, data, algorithm, extractable, usages) {
  const kind = normal(algorithm);
  if (format !== 'jwk' && !isBytes(data)) throw new codes.ERR_INVALID_ARG_TYPE('keyData', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], data);
  const secret = ALLOWED[kind.name]?.length === 1;
  if ((kind.name === 'PBKDF2' || kind.name === 'HKDF') && extractable) throw fault(`${kind.name} keys are not extractable`, 'SyntaxError');
  const object = secret ? secretFrom(format, data, kind) : asymmetricFrom(format, data, kind);
  const type = { RSA: ['rsa', 'rsa-pss'], ECD: ['ec'], Ed2: ['ed25519'], X25: ['x25519'] }[kind.name.slice(0, 3)];
  if (!secret && !type.includes(object.asymmetricKeyType)) throw fault('Invalid key type', 'DataError');
  if (kind.namedCurve !== undefined && object.asymmetricKeyDetails.namedCurve !== CURVES[kind.namedCurve]) throw fault('Named curve mismatch', 'DataError');
  return make(object, described(kind, object), extractable, usages);
}

function exportKey(format, key) {
  const object = keys.keyOfCryptoKey(key);
  if (object === undefined) throw new codes.ERR_INVALID_ARG_TYPE('key', 'CryptoKey', key);
  if (!key.extractable) throw fault('key is not extractable', 'InvalidAccessException');
  const buffer = (bytes) => Uint8Array.from(bytes).buffer;
  if (format === 'jwk') {
    const alg = { HMAC: `HS${key.algorithm.hash?.name.slice(4)}` }[key.algorithm.name]
      ?? (key.algorithm.name.startsWith('AES') ? `A${key.algorithm.length}${key.algorithm.name.slice(4)}` : undefined);
    return { key_ops: [...key.usages], ext: key.extractable, ...object.export({ format: 'jwk' }), ...(alg ? { alg } : {}) };
  }
  if (format === 'raw' && object.type === 'secret') return buffer(object.export());
  if (format === 'spki' && object.type === 'public') return buffer(object.export({ format: 'der', type: 'spki' }));
  if (format === 'pkcs8' && object.type === 'private') return buffer(object.export({ format: 'der', type: 'pkcs8' }));
  if (format === 'raw' && object.type === 'public' && !key.algorithm.name.startsWith('RSA')) {
    const der = object.export({ format: 'der', type: 'spki' });
    return buffer(der.subarray(SPKI[key.algorithm.namedCurve ?? key.algorithm.name].length / 2));
  }
  throw fault(`Unable to export ${key.algorithm.name} ${key.type} key using ${format} format`, 'NotSupportedError');
}

function fromKeyObject(object, algorithm, extractable, usages) {
  const kind = normal(algorithm);
  return make(object, described(kind, object), extractable, usages);
}

module.exports = { CryptoKey, normal, make, described, importKey, exportKey, fromKeyObject, fault, given, CURVES };
