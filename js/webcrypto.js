/** crypto.webcrypto and crypto.subtle: https://w3c.github.io/webcrypto/ */
const { Buffer } = require('buffer');
const { native, sync, async, bytesOf, viewOf, isBytes } = require('crypto_native');
const keys = require('crypto_keys');
const { CryptoKey, normal, make, described, importKey, exportKey, fault, CURVES } = require('webcrypto_key');
const { createCipheriv, createDecipheriv } = require('crypto_cipher');
const { codes } = require('errors');

const digestOf = (hash) => hash.name.replace('-', '').toLowerCase();
const buffer = (bytes) => Uint8Array.from(bytes).buffer;
const data = (value, name = 'data') => bytesOf(value, name, 'utf8', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView']);

/** The native key of key, which has to be for the algorithm and the usage. */
function ready(key, algorithm, usage) {
  if (!(key instanceof CryptoKey)) throw new codes.ERR_INVALID_ARG_TYPE('key', 'CryptoKey', key);
  if (key.algorithm.name !== algorithm.name) throw fault('Key algorithm mismatch', 'InvalidAccessError');
  if (!key.usages.includes(usage)) throw fault(`Unable to use this key to ${usage}`, 'InvalidAccessError');
  return keys.nativeOf(keys.keyOfCryptoKey(key));
}

function aes(algorithm, key, bytes, encrypts, usage) {
  const mode = algorithm.name.slice(4).toLowerCase();
  const secret = Buffer.from(sync.secretBytes(ready(key, algorithm, usage)));
  const iv = viewOf(mode === 'ctr' ? algorithm.counter : algorithm.iv);
  if (mode !== 'gcm' && iv.byteLength !== 16) throw fault(`${mode === 'ctr' ? 'algorithm.counter' : 'algorithm.iv'} must contain exactly 16 bytes`, 'OperationError');
  const name = `aes-${secret.length * 8}-${mode}`;
  const size = mode === 'gcm' ? (algorithm.tagLength ?? 128) / 8 : 0;
  if (mode === 'gcm' && ![4, 8, 12, 13, 14, 15, 16].includes(size)) throw fault(`${algorithm.tagLength} is not a valid AES-GCM tag length`, 'OperationError');
  const options = size ? { authTagLength: size } : {};
  try {
    const cipher = encrypts ? createCipheriv(name, secret, iv, options) : createDecipheriv(name, secret, iv, options);
    if (size && algorithm.additionalData !== undefined) cipher.setAAD(viewOf(algorithm.additionalData));
    if (size && !encrypts) {
      if (bytes.byteLength < size) throw fault('The provided data is too small.', 'OperationError');
      cipher.setAuthTag(bytes.subarray(bytes.byteLength - size));
      bytes = bytes.subarray(0, bytes.byteLength - size);
    }
    const parts = [cipher.update(bytes), cipher.final()];
    return buffer(Buffer.concat(size && encrypts ? [...parts, cipher.getAuthTag()] : parts));
  } catch (err) {
    throw err.name === 'OperationError' ? err : Object.assign(fault('The operation failed for an operation-specific reason', 'OperationError'), { cause: err });
  }
}

async function crypt(algorithm, key, bytes, encrypts, usage) {
  const kind = normal(algorithm);
  const input = data(bytes);
  if (kind.name.startsWith('AES')) return aes(kind, key, input, encrypts, usage);
  if (kind.name !== 'RSA-OAEP') throw fault('Unrecognized algorithm name', 'NotSupportedError');
  const label = kind.label === undefined ? undefined : viewOf(kind.label);
  const handle = ready(key, kind, usage);
  return async[encrypts ? 'encrypt' : 'decrypt'](handle, input, 4, digestOf(key.algorithm.hash), label)
    .catch((err) => { throw Object.assign(fault('The operation failed for an operation-specific reason', 'OperationError'), { cause: err }); });
}

/** The arguments of a signature, as the native half takes them. */
function signing(kind, key) {
  switch (kind.name) {
    case 'ECDSA': return [digestOf(kind.hash), 0, 0, true];
    case 'RSA-PSS': return [digestOf(key.algorithm.hash), 6, kind.saltLength, false];
    case 'RSASSA-PKCS1-v1_5': return [digestOf(key.algorithm.hash), 1, 0, false];
    case 'Ed25519': return [undefined, 0, 0, false];
    default: throw fault('Unrecognized algorithm name', 'NotSupportedError');
  }
}

function hmac(kind, key, input, usage) {
  const secret = Buffer.from(sync.secretBytes(ready(key, kind, usage)));
  const mac = native.digest(digestOf(key.algorithm.hash), secret);
  mac.update(input);
  return mac.digest();
}

/** The bits that a key or password derives; length in bits, null for as many as there are. */
async function bitsOf(kind, base, length, usage) {
  const handle = ready(base, kind, usage);
  if (kind.name === 'PBKDF2' || kind.name === 'HKDF') {
    if (length === null || length === undefined || length % 8) throw fault('length must be a multiple of 8', 'OperationError');
    if (length === 0) return new ArrayBuffer(0);
    const secret = Buffer.from(sync.secretBytes(handle));
    if (kind.name === 'HKDF') return async.hkdf(digestOf(kind.hash), secret, data(kind.salt, 'algorithm.salt'), data(kind.info, 'algorithm.info'), length / 8);
    if (!(kind.iterations >= 1)) throw fault('iterations cannot be zero', 'OperationError');
    return async.pbkdf2(digestOf(kind.hash), secret, data(kind.salt, 'algorithm.salt'), kind.iterations, length / 8);
  }
  if (!(kind.public instanceof CryptoKey)) throw new codes.ERR_INVALID_ARG_TYPE('algorithm.public', 'CryptoKey', kind.public);
  const bits = await async.agree(handle, keys.nativeOf(keys.keyOfCryptoKey(kind.public)));
  if (length === null || length === undefined) return bits;
  if (bits.byteLength * 8 < length) throw fault('derived bit length is too small', 'OperationError');
  return bits.slice(0, Math.ceil(length / 8));
}

const BLOCKS = { 'SHA-1': 512, 'SHA-256': 512, 'SHA-384': 1024, 'SHA-512': 1024 };
const keyLength = (kind) => kind.length ?? (kind.name === 'HMAC' ? BLOCKS[kind.hash.name] : undefined);

async function generateKey(algorithm, extractable, usages) {
  const kind = normal(algorithm);
  if (kind.name.startsWith('AES') || kind.name === 'HMAC') {
    const length = keyLength(kind);
    if (kind.name !== 'HMAC' && ![128, 192, 256].includes(length)) throw fault('Invalid key length', 'OperationError');
    const object = new keys.SecretKeyObject(sync.secretKey(new Uint8Array(await async.random(length / 8))));
    return make(object, described(kind, object), extractable, usages);
  }
  let handle;
  if (kind.name.startsWith('RSA')) handle = await async.generateRSA('rsa', kind.modulusLength, [...kind.publicExponent].reduce((n, b) => n * 256 + b, 0));
  else if (kind.name.startsWith('EC')) {
    if (CURVES[kind.namedCurve] === undefined) throw fault('Unrecognized namedCurve', 'NotSupportedError');
    handle = await async.generateEC(kind.namedCurve);
  } else if (kind.name.endsWith('25519')) handle = await async.generate25519(kind.name.toLowerCase());
  else throw fault('Unrecognized algorithm name', 'NotSupportedError');
  const [secret, open] = [new keys.PrivateKeyObject(handle), new keys.PublicKeyObject(sync.publicHalf(handle))];
  const forPublic = ['verify', 'encrypt', 'wrapKey'];
  const all = (object, list) => make(object, described(kind, object), extractable, list);
  return { publicKey: all(open, usages.filter((u) => forPublic.includes(u))), privateKey: all(secret, usages.filter((u) => !forPublic.includes(u))) };
}

class SubtleCrypto {
  async digest(algorithm, bytes) {
    const kind = normal(algorithm);
    const hash = native.digest(digestOf(kind));
    if (hash === undefined || !kind.name.startsWith('SHA-')) throw fault('Unrecognized algorithm name', 'NotSupportedError');
    hash.update(data(bytes));
    return hash.digest();
  }

  async encrypt(algorithm, key, bytes) { return crypt(algorithm, key, bytes, true, 'encrypt'); }
  async decrypt(algorithm, key, bytes) { return crypt(algorithm, key, bytes, false, 'decrypt'); }

  async sign(algorithm, key, bytes) {
    const kind = normal(algorithm);
    if (kind.name === 'HMAC') return hmac(kind, key, data(bytes), 'sign');
    return async.sign(ready(key, kind, 'sign'), data(bytes), ...signing(kind, key));
  }

  async verify(algorithm, key, signature, bytes) {
    const kind = normal(algorithm);
    const given = data(signature, 'signature');
    if (kind.name !== 'HMAC') return async.verify(ready(key, kind, 'verify'), data(bytes), ...signing(kind, key), given);
    const mac = new Uint8Array(hmac(kind, key, data(bytes), 'verify'));
    return mac.length === given.byteLength && native.equal(mac, viewOf(given));
  }

  async generateKey(algorithm, extractable, usages) { return generateKey(algorithm, extractable, usages); }
  async importKey(format, bytes, algorithm, extractable, usages) { return importKey(format, bytes, algorithm, extractable, usages); }
  async exportKey(format, key) { return exportKey(format, key); }
  async deriveBits(algorithm, base, length = null) { return bitsOf(normal(algorithm), base, length, 'deriveBits'); }

  async deriveKey(algorithm, base, wanted, extractable, usages) {
    const kind = normal(wanted);
    const bits = await bitsOf(normal(algorithm), base, keyLength(kind) ?? null, 'deriveKey');
    return importKey('raw', bits, kind, extractable, usages);
  }

  async wrapKey(format, key, wrapping, algorithm) {
    const exported = exportKey(format, key);
    const bytes = isBytes(exported) ? exported : Buffer.from(JSON.stringify(exported));
    return crypt(algorithm, wrapping, bytes, true, 'wrapKey');
  }

  async unwrapKey(format, wrapped, unwrapping, algorithm, keyAlgorithm, extractable, usages) {
    const bytes = await crypt(algorithm, unwrapping, wrapped, false, 'unwrapKey');
    return importKey(format, format === 'jwk' ? JSON.parse(Buffer.from(bytes).toString()) : bytes, keyAlgorithm, extractable, usages);
  }
}
Object.defineProperty(SubtleCrypto.prototype, Symbol.toStringTag, { value: 'SubtleCrypto', configurable: true });

module.exports = { SubtleCrypto, CryptoKey, subtle: new SubtleCrypto() };
