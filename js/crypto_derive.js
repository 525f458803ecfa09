/** Key derivation of the module "crypto": pbkdf2, scrypt, hkdf. */
const { native, bytesOf, given, run } = require('crypto_native');
const { codes } = require('errors');
const { validateString, validateFunction, validateInteger, validateInt32, validateUint32, validateObject } = require('validators');

const TYPES = ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];
const buffer = (bytes) => [given(bytes)];

function knownDigest(name) {
  if (native.digest(name, new Uint8Array(0)) === undefined) throw new codes.ERR_CRYPTO_INVALID_DIGEST(name);
}

function pbkdf2Arguments(password, salt, iterations, keylen, digest) {
  validateString(digest, 'digest');
  const args = [digest, bytesOf(password, 'password', 'utf8', TYPES), bytesOf(salt, 'salt', 'utf8', TYPES), iterations, keylen];
  validateInt32(iterations, 'iterations', 1);
  validateInt32(keylen, 'keylen', 0);
  knownDigest(digest);
  return args;
}

function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') {
    callback = digest;
    digest = undefined;
  }
  const args = pbkdf2Arguments(password, salt, iterations, keylen, digest);
  validateFunction(callback, 'callback');
  run(callback, 'pbkdf2', args, buffer);
}

const pbkdf2Sync = (...args) => run(undefined, 'pbkdf2', pbkdf2Arguments(...args), buffer);

/** An option that has two names. */
function either(options, a, b, fallback) {
  if (options[a] !== undefined && options[b] !== undefined) throw new codes.ERR_INCOMPATIBLE_OPTION_PAIR(a, b);
  const value = options[a] ?? options[b];
  if (value === undefined) return fallback;
  validateUint32(value, options[a] === undefined ? b : a);
  return value || fallback;
}

function scryptArguments(password, salt, keylen, options) {
  const secret = bytesOf(password, 'password', 'utf8', TYPES);
  const salted = bytesOf(salt, 'salt', 'utf8', TYPES);
  validateInt32(keylen, 'keylen', 0);
  let [N, r, p, maxmem] = [16384, 8, 1, 32 * 1024 * 1024];
  if (options !== undefined) {
    validateObject(options, 'options');
    N = either(options, 'N', 'cost', N);
    r = either(options, 'r', 'blockSize', r);
    p = either(options, 'p', 'parallelization', p);
    if (options.maxmem !== undefined) {
      validateInteger(options.maxmem, 'maxmem', 0);
      maxmem = options.maxmem || maxmem;
    }
  }
  native.checkScrypt(N, r, p, maxmem);
  return [secret, salted, N, r, p, maxmem, keylen];
}

function scrypt(password, salt, keylen, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const args = scryptArguments(password, salt, keylen, options);
  validateFunction(callback, 'callback');
  run(callback, 'scrypt', args, buffer);
}

const scryptSync = (password, salt, keylen, options) => run(undefined, 'scrypt', scryptArguments(password, salt, keylen, options), buffer);

function hkdfArguments(digest, key, salt, info, length) {
  validateString(digest, 'digest');
  const secret = require('crypto_key_input').secretBytes(key, 'utf8', 'ikm');
  const args = [digest, secret, bytesOf(salt, 'salt', 'utf8', TYPES), bytesOf(info, 'info', 'utf8', TYPES), length];
  validateInteger(length, 'length', 0, 2 ** 31 - 1);
  if (args[3].byteLength > 1024) throw new codes.ERR_OUT_OF_RANGE('info', 'must not contain more than 1024 bytes', args[3].byteLength);
  knownDigest(digest);
  if (length > 255 * native.digest(digest, undefined).size) throw new codes.ERR_CRYPTO_INVALID_KEYLEN();
  return args;
}

const plain = (bytes) => [bytes];

function hkdf(digest, key, salt, info, length, callback) {
  const args = hkdfArguments(digest, key, salt, info, length);
  validateFunction(callback, 'callback');
  run(callback, 'hkdf', args, plain);
}

const hkdfSync = (...args) => run(undefined, 'hkdf', hkdfArguments(...args), plain);

module.exports = { pbkdf2, pbkdf2Sync, scrypt, scryptSync, hkdf, hkdfSync };
