/** Encryption by RSA of the module "crypto". */
const { sync, bytesOf, given } = require('crypto_native');
const { asymmetric } = require('crypto_key_input');
const { codes } = require('errors');
const { validateString } = require('validators');
const { constants } = require('crypto_constants');

/** The options of a key: padding, digest, label. */
function settings(key, fallback) {
  const { padding = fallback, oaepHash = 'sha1', oaepLabel } = key !== null && typeof key === 'object' ? key : {};
  validateString(oaepHash, 'key.oaepHash');
  const label = oaepLabel === undefined ? undefined : bytesOf(oaepLabel, 'key.oaepLabel', key.encoding);
  return [padding, oaepHash, label];
}

function call(name, want, fallback) {
  return (key, buffer) => {
    const handle = asymmetric(key, want);
    const data = bytesOf(buffer, 'buffer', key?.encoding);
    const args = settings(key, fallback);
    if (args[1] !== 'sha1' && require('crypto_native').native.digest(args[1]) === undefined) throw new codes.ERR_OSSL_EVP_INVALID_DIGEST();
    return given(sync[name](handle, data, ...args));
  };
}

module.exports = {
  publicEncrypt: call('encrypt', 'public', constants.RSA_PKCS1_OAEP_PADDING),
  privateDecrypt: call('decrypt', 'private', constants.RSA_PKCS1_OAEP_PADDING),
  privateEncrypt: call('privateEncrypt', 'private', constants.RSA_PKCS1_PADDING),
  publicDecrypt: call('publicDecrypt', 'public', constants.RSA_PKCS1_PADDING),
};
