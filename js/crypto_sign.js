/** Signatures of the module "crypto". */
const { Writable } = require('stream');
const { Buffer } = require('buffer');
const { callable, native, validateEncoding, bytesOf, given, run } = require('crypto_native');
const { asymmetric } = require('crypto_key_input');
const { codes } = require('errors');
const { validateString, validateFunction, validateInt32, validateOneOf } = require('validators');

const kDigest = Symbol('digest');
const kParts = Symbol('parts');

/** padding, saltLength and dsaEncoding among a key's options, as the native half takes them. */
function options(key) {
  if (key === null || typeof key !== 'object') return [0, -2, false];
  const { padding = 0, saltLength = -2, dsaEncoding = 'der' } = key;
  if (padding !== 0) validateInt32(padding, 'options.padding');
  if (saltLength !== -2) validateInt32(saltLength, 'options.saltLength', -2);
  validateOneOf(dsaEncoding, 'options.dsaEncoding', ['der', 'ieee-p1363']);
  return [padding, saltLength, dsaEncoding === 'ieee-p1363'];
}

function known(name) {
  if (native.digest(name) === undefined) throw Object.assign(new Error(`Invalid digest: ${name}`), { code: 'ERR_CRYPTO_INVALID_DIGEST' });
}

class Signing extends Writable {
  constructor(algorithm, streamOptions) {
    super(streamOptions);
    validateString(algorithm, 'algorithm');
    known(algorithm);
    this[kDigest] = algorithm;
    this[kParts] = [];
  }

  _write(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }

  update(data, encoding) {
    if (typeof data === 'string') validateEncoding(data, encoding);
    this[kParts].push(Buffer.from(bytesOf(data, 'data', encoding, ['string', 'Buffer', 'TypedArray', 'DataView'])));
    return this;
  }
}

class Sign extends Signing {
  sign(key, encoding) {
    if (!key) throw new codes.ERR_CRYPTO_SIGN_KEY_REQUIRED();
    const args = options(key);
    return given(run(undefined, 'sign', [asymmetric(key, 'private'), Buffer.concat(this[kParts]), this[kDigest], ...args]), encoding);
  }
}

class Verify extends Signing {
  verify(key, signature, encoding) {
    const args = options(key);
    const bytes = bytesOf(signature, 'signature', encoding);
    return run(undefined, 'verify', [asymmetric(key, 'public'), Buffer.concat(this[kParts]), this[kDigest], ...args, bytes]);
  }
}

function oneShot(algorithm, data, key) {
  if (algorithm !== null && algorithm !== undefined) {
    validateString(algorithm, 'algorithm');
    known(algorithm);
  }
  const bytes = bytesOf(data, 'data', 'utf8', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView']);
  return [bytes, algorithm ?? undefined, ...options(key)];
}

/** The digest that is meant by none: SHA-256, except of keys that need none. */
function withDefault(handle, args) {
  if (args[1] === undefined && native.keyInfo(handle)[0] !== 'ed25519') args[1] = 'sha256';
  return [handle, ...args];
}

function sign(algorithm, data, key, callback = undefined) {
  const args = oneShot(algorithm, data, key);
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (!key) throw new codes.ERR_CRYPTO_SIGN_KEY_REQUIRED();
  return run(callback, 'sign', withDefault(asymmetric(key, 'private'), args), (bytes) => [given(bytes)]);
}

function verify(algorithm, data, key, signature, callback = undefined) {
  const args = oneShot(algorithm, data, key);
  if (callback !== undefined) validateFunction(callback, 'callback');
  const bytes = bytesOf(signature, 'signature', 'utf8', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView']);
  return run(callback, 'verify', [...withDefault(asymmetric(key, 'public'), args), bytes]);
}

module.exports = {
  Sign: callable(Sign), Verify: callable(Verify), sign, verify,
  createSign: (algorithm, streamOptions) => new Sign(algorithm, streamOptions),
  createVerify: (algorithm, streamOptions) => new Verify(algorithm, streamOptions),
};
