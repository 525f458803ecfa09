/** The codes of crypto, in the form of errors_table.js. */
exports.table = {
  ERR_CRYPTO_ECDH_INVALID_FORMAT: [TypeError, (format) => `Invalid ECDH format: ${format}`],
  ERR_CRYPTO_HASH_FINALIZED: [Error, 'Digest already called'],
  ERR_CRYPTO_INCOMPATIBLE_KEY: [Error, (what, which) => `Incompatible ${what}: ${which}`],
  ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS: [Error, (encoding, why) => `The selected key encoding ${encoding} ${why}.`],
  ERR_CRYPTO_INVALID_AUTH_TAG: [TypeError, (text) => text],
  ERR_CRYPTO_INVALID_CURVE: [TypeError, 'Invalid EC curve name'],
  ERR_CRYPTO_INVALID_DIGEST: [TypeError, (name) => `Invalid digest: ${name}`],
  ERR_CRYPTO_INVALID_IV: [TypeError, 'Invalid initialization vector'],
  ERR_CRYPTO_INVALID_KEYLEN: [RangeError, 'Invalid key length'],
  ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE: [TypeError, (type, want) => `Invalid key object type ${type}, expected ${want}.`],
  ERR_CRYPTO_INVALID_STATE: [Error, (what) => `Invalid state for operation ${what}`],
  ERR_CRYPTO_SIGN_KEY_REQUIRED: [Error, 'No key provided to sign'],
  ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH: [RangeError, 'Input buffers must have the same byte length'],
  ERR_CRYPTO_UNKNOWN_CIPHER: [Error, 'Unknown cipher'],
  ERR_CRYPTO_UNKNOWN_DH_GROUP: [Error, 'Unknown DH group'],
  ERR_OSSL_EVP_INVALID_DIGEST: [Error, 'error:03000098:digital envelope routines::invalid digest'],
};
