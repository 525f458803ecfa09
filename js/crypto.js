/** The module "crypto". */
const { native } = require('crypto_native');

/** Gives exports the names of a file, which is loaded when the first of them is asked for. */
function lazily(file, names) {
  for (const name of names) {
    Object.defineProperty(exports, name, {
      get: () => {
        const value = require(file)[name];
        Object.defineProperty(exports, name, { value, writable: true, enumerable: true, configurable: true });
        return value;
      },
      set: (value) => Object.defineProperty(exports, name, { value, writable: true, enumerable: true, configurable: true }),
      enumerable: true,
      configurable: true,
    });
  }
}

lazily('crypto_hash', ['Hash', 'Hmac', 'createHash', 'createHmac', 'hash']);
lazily('crypto_random', ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'timingSafeEqual']);
lazily('crypto_derive', ['pbkdf2', 'pbkdf2Sync', 'scrypt', 'scryptSync', 'hkdf', 'hkdfSync']);
lazily('crypto_cipher', ['Cipheriv', 'Decipheriv', 'createCipheriv', 'createDecipheriv', 'getCipherInfo', 'getCiphers']);
lazily('crypto_keys', ['KeyObject', 'createSecretKey', 'createPublicKey', 'createPrivateKey']);
lazily('crypto_keygen', ['generateKeyPair', 'generateKeyPairSync', 'generateKey', 'generateKeySync']);
lazily('crypto_sign', ['Sign', 'Verify', 'createSign', 'createVerify', 'sign', 'verify']);
lazily('crypto_rsa', ['publicEncrypt', 'publicDecrypt', 'privateEncrypt', 'privateDecrypt']);
lazily('crypto_dh', ['DiffieHellman', 'DiffieHellmanGroup', 'ECDH', 'createDiffieHellman', 'createDiffieHellmanGroup', 'getDiffieHellman',
  'createECDH', 'diffieHellman', 'getCurves']);
lazily('crypto_prime', ['generatePrime', 'generatePrimeSync', 'checkPrime', 'checkPrimeSync']);
lazily('crypto_constants', ['constants']);

for (const name of ['pseudoRandomBytes', 'prng', 'rng']) {
  Object.defineProperty(exports, name, { get: () => exports.randomBytes, configurable: true });
}
exports.getHashes = () => [...native.digests];
exports.getFips = () => 0;
exports.setFips = (on) => {
  if (on) throw Object.assign(new Error('Cannot set FIPS mode: it is not available in sc'), { code: 'ERR_CRYPTO_FIPS_UNAVAILABLE' });
};
exports.secureHeapUsed = () => ({ total: 0, min: 0, used: 0, utilization: 0 });
exports.getRandomValues = (view) => require('webcrypto_global').crypto.getRandomValues(view);
Object.defineProperty(exports, 'webcrypto', { get: () => require('webcrypto_global').crypto, enumerable: true, configurable: true });
Object.defineProperty(exports, 'subtle', { get: () => require('webcrypto_global').crypto.subtle, enumerable: true, configurable: true });

for (const name of ['X509Certificate', 'Certificate', 'setEngine', 'createCipher', 'createDecipher']) {
  Object.defineProperty(exports, name, {
    get: () => { throw new (require('errors').codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM)(`crypto.${name}`); },
    enumerable: false,
    configurable: true,
  });
}
