/** generateKey and generateKeyPair of the module "crypto". */
const { native, sync, async, answer, isBytes } = require('crypto_native');
const { SecretKeyObject, PublicKeyObject, PrivateKeyObject, encodingOf, write, exportJWK } = require('crypto_keys');
const { codes } = require('errors');
const { validateString, validateObject, validateFunction, validateUint32, validateInteger, validateOneOf } = require('validators');

/** The operation that makes a pair of the type: [name, …arguments]. */
function operation(type, options) {
  switch (type) {
    case 'rsa':
    case 'rsa-pss': {
      validateObject(options, 'options');
      validateUint32(options.modulusLength, 'options.modulusLength');
      const { publicExponent = 0x10001 } = options;
      validateUint32(publicExponent, 'options.publicExponent');
      for (const name of ['hashAlgorithm', 'mgf1HashAlgorithm']) if (options[name] !== undefined) validateString(options[name], `options.${name}`);
      return ['generateRSA', type, options.modulusLength, publicExponent];
    }
    case 'ec':
      validateObject(options, 'options');
      validateString(options.namedCurve, 'options.namedCurve');
      if (options.paramEncoding !== undefined && options.paramEncoding !== 'named') {
        if (options.paramEncoding !== 'explicit') throw new codes.ERR_INVALID_ARG_VALUE('options.paramEncoding', options.paramEncoding);
        throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('paramEncoding "explicit"');
      }
      return ['generateEC', options.namedCurve];
    case 'ed25519':
    case 'x25519':
      return ['generate25519', type];
    case 'dsa': case 'dh': case 'ed448': case 'x448':
      throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`generateKeyPair of type "${type}"`);
    default:
      throw new codes.ERR_INVALID_ARG_VALUE('type', type, 'must be a supported key type');
  }
}

/** What is returned for one half: a KeyObject, or what its encoding says. */
function shape(options, name, isPrivate, type) {
  const encoding = options?.[name];
  if (encoding === undefined || encoding === null) return (key) => (isPrivate ? new PrivateKeyObject(key) : new PublicKeyObject(sync.publicHalf(key)));
  if (typeof encoding !== 'object') throw new codes.ERR_INVALID_ARG_VALUE(`options.${name}`, encoding);
  if (encoding.format === 'jwk') return (key) => exportJWK(isPrivate ? key : sync.publicHalf(key));
  const checked = encodingOf(encoding, isPrivate, `options.${name}`);
  if (checked.type === 'pkcs1' && type !== 'rsa') throw new codes.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS('pkcs1', 'can only be used for RSA keys');
  if (checked.type === 'sec1' && type !== 'ec') throw new codes.ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS('sec1', 'can only be used for EC keys');
  return (key) => write(key, isPrivate, checked);
}

function prepare(type, options) {
  validateString(type, 'type');
  if (options !== undefined) validateObject(options, 'options');
  const [name, ...args] = operation(type, options);
  const halves = [shape(options, 'publicKeyEncoding', false, type), shape(options, 'privateKeyEncoding', true, type)];
  return { name, args, halves: (key) => halves.map((half) => half(key)) };
}

function generateKeyPair(type, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const { name, args, halves } = prepare(type, options);
  validateFunction(callback, 'callback');
  answer(async[name](...args), callback, halves);
}

function generateKeyPairSync(type, options) {
  const { name, args, halves } = prepare(type, options);
  const [publicKey, privateKey] = halves(sync[name](...args));
  return { publicKey, privateKey };
}

Object.defineProperty(generateKeyPair, require('util_promisify').promisify.custom, {
  value: (type, options) => new Promise((resolve, reject) => {
    generateKeyPair(type, options, (err, publicKey, privateKey) => (err ? reject(err) : resolve({ publicKey, privateKey })));
  }),
});

/** How many bytes a secret key of the type has. */
function secretSize(type, options) {
  validateString(type, 'type');
  validateObject(options, 'options');
  const { length } = options;
  switch (type) {
    case 'hmac':
      validateInteger(length, 'options.length', 8, 2 ** 31 - 1);
      return Math.floor(length / 8);
    case 'aes':
      validateOneOf(length, 'options.length', [128, 192, 256]);
      return length / 8;
    default:
      throw new codes.ERR_INVALID_ARG_VALUE('type', type, 'must be a supported key type');
  }
}

const secret = (bytes) => new SecretKeyObject(sync.secretKey(new Uint8Array(bytes)));

function generateKey(type, options, callback) {
  if (typeof options === 'function') throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
  const size = secretSize(type, options);
  validateFunction(callback, 'callback');
  answer(async.random(size), callback, (bytes) => [secret(bytes)]);
}

const generateKeySync = (type, options) => secret(sync.random(secretSize(type, options)));

module.exports = { generateKeyPair, generateKeyPairSync, generateKey, generateKeySync, isBytes, curves: native.curves };
