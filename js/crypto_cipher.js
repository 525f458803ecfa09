/** Ciphers of the module "crypto". */
const { Transform } = require('stream');
const { StringDecoder } = require('string_decoder');
const { callable, native, validateEncoding, bytesOf, given, isBytes, viewOf } = require('crypto_native');
const { secretBytes } = require('crypto_key_input');
const { codes } = require('errors');
const { validateString, validateInt32, validateObject } = require('validators');

const kNative = Symbol('native');
const kInfo = Symbol('info');
const kDecoder = Symbol('decoder');
const kEncrypts = Symbol('encrypts');
const kTagLength = Symbol('authTagLength');

/** The lengths in bytes that a tag may have: NIST SP 800-38D §5.2.1.2. */
const GCM_TAGS = [4, 8, 12, 13, 14, 15, 16];

function tagLength(info, options) {
  const length = options?.authTagLength;
  if (length === undefined || length === null) return 0;
  validateInt32(length, 'options.authTagLength', 0);
  const [name, , mode] = info;
  if (mode === 'gcm' ? !GCM_TAGS.includes(length) : info[6] && (length < 1 || length > 16)) {
    throw new codes.ERR_CRYPTO_INVALID_AUTH_TAG(`Invalid authentication tag length: ${length}`);
  }
  return info[6] || name === '' ? length : 0;
}

class CipherBase extends Transform {
  constructor(cipher, key, iv, options, encrypts) {
    super(options);
    validateString(cipher, 'cipher');
    const secret = secretBytes(key, options?.encoding);
    const start = iv === null ? new Uint8Array(0) : bytesOf(iv, 'iv');
    const info = native.cipherInfo(cipher);
    if (info === undefined) throw new codes.ERR_CRYPTO_UNKNOWN_CIPHER();
    if (iv === null && info[4] > 0) throw new codes.ERR_CRYPTO_INVALID_IV();
    this[kInfo] = info;
    this[kEncrypts] = encrypts;
    this[kTagLength] = tagLength(info, options);
    this[kNative] = native.cipher(cipher, secret, start, !encrypts, this[kTagLength]);
  }

  #text(buffer, encoding) {
    const bytes = given(buffer);
    if (!encoding || encoding === 'buffer') return bytes;
    this[kDecoder] ??= new StringDecoder(encoding);
    if (this[kDecoder].encoding !== new StringDecoder(encoding).encoding) {
      throw Object.assign(new Error('Cannot change encoding'), { code: 'ERR_INTERNAL_ASSERTION' });
    }
    return bytes;
  }

  update(data, inputEncoding, outputEncoding) {
    if (typeof data === 'string') validateEncoding(data, inputEncoding);
    const bytes = this.#text(this[kNative].update(bytesOf(data, 'data', inputEncoding, ['string', 'Buffer', 'TypedArray', 'DataView'])), outputEncoding);
    return outputEncoding && outputEncoding !== 'buffer' ? this[kDecoder].write(bytes) : bytes;
  }

  final(outputEncoding) {
    const bytes = this.#text(this[kNative].final(), outputEncoding);
    return outputEncoding && outputEncoding !== 'buffer' ? this[kDecoder].end(bytes) : bytes;
  }

  _transform(chunk, encoding, callback) {
    try {
      this.push(given(this[kNative].update(bytesOf(chunk, 'chunk', encoding))));
      callback();
    } catch (err) {
      callback(err);
    }
  }

  _flush(callback) {
    try {
      this.push(given(this[kNative].final()));
      callback();
    } catch (err) {
      callback(err);
    }
  }

  setAutoPadding(on = true) {
    this[kNative].padding(!!on);
    return this;
  }

  setAAD(data, options = undefined) {
    const bytes = bytesOf(data, 'buffer', options?.encoding);
    if (options?.plaintextLength !== undefined) validateInt32(options.plaintextLength, 'options.plaintextLength', 0);
    if (!this[kNative].setAAD(bytes)) throw new codes.ERR_CRYPTO_INVALID_STATE('setAAD');
    return this;
  }
}

class Cipheriv extends CipherBase {
  constructor(cipher, key, iv, options) { super(cipher, key, iv, options, true); }

  getAuthTag() {
    const tag = this[kNative].tag();
    if (tag === undefined) throw new codes.ERR_CRYPTO_INVALID_STATE('getAuthTag');
    return given(tag);
  }
}

class Decipheriv extends CipherBase {
  constructor(cipher, key, iv, options) { super(cipher, key, iv, options, false); }

  setAuthTag(tag, encoding) {
    const bytes = bytesOf(tag, 'buffer', encoding);
    const length = bytes.byteLength;
    const fits = this[kTagLength] ? length === this[kTagLength]
      : (this[kInfo][2] === 'gcm' ? GCM_TAGS.includes(length) : length <= 16);
    if (this[kInfo][6] && !fits) throw new codes.ERR_CRYPTO_INVALID_AUTH_TAG(`Invalid authentication tag length: ${length}`);
    if (!this[kNative].setTag(bytes)) throw new codes.ERR_CRYPTO_INVALID_STATE('setAuthTag');
    return this;
  }
}

/** getCipherInfo(name or number, {keyLength, ivLength}); undefined if there is no such cipher or it cannot have those lengths. */
function getCipherInfo(nameOrNid, options = undefined) {
  if (typeof nameOrNid !== 'string' && typeof nameOrNid !== 'number') {
    throw new codes.ERR_INVALID_ARG_TYPE('nameOrNid', ['string', 'number'], nameOrNid);
  }
  if (typeof nameOrNid === 'number') validateInt32(nameOrNid, 'nameOrNid');
  if (options !== undefined) validateObject(options, 'options');
  for (const name of ['keyLength', 'ivLength']) if (options?.[name] !== undefined) validateInt32(options[name], `options.${name}`);
  const info = native.cipherInfo(nameOrNid);
  if (info === undefined) return undefined;
  const [name, nid, mode, keyLength, ivLength, blockSize, authenticated] = info;
  if (options?.keyLength !== undefined && options.keyLength !== keyLength) return undefined;
  const iv = options?.ivLength ?? ivLength;
  if (authenticated && mode === 'gcm' ? iv < 1 : iv !== ivLength) return undefined;
  const result = { mode, name: authenticated && mode === 'gcm' ? `id-${name.replace('-', '')}` : name, nid };
  if (mode !== 'stream') result.blockSize = mode === 'cbc' || mode === 'ecb' ? blockSize : 1;
  if (ivLength > 0) result.ivLength = iv;
  return { ...result, keyLength };
}

module.exports = {
  Cipheriv: callable(Cipheriv), Decipheriv: callable(Decipheriv), getCipherInfo, isBytes, viewOf,
  createCipheriv: (cipher, key, iv, options) => new Cipheriv(cipher, key, iv, options),
  createDecipheriv: (cipher, key, iv, options) => new Decipheriv(cipher, key, iv, options),
  getCiphers: () => [...native.ciphers],
};
