/** Texts to bytes and back in node's encodings: utf8 utf16le latin1 ascii base64 base64url hex. */

const NAMES = {
  utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le',
  latin1: 'latin1', binary: 'latin1', ascii: 'ascii', base64: 'base64', base64url: 'base64url', hex: 'hex',
};
const { codes, withCode } = require('errors');
const native = require('buffer_native');

/** The name that this file uses for an encoding, undefined if there is no such encoding. */
function encodingOf(encoding) {
  if (encoding === 'utf8' || encoding === undefined || encoding === null) return 'utf8';
  const name = `${encoding}`;
  return NAMES[name] ?? NAMES[name.toLowerCase()];
}

/** The bytes of text as a new Buffer; encoding as encodingOf gives it. */
const decode = native.from;

/** The text of bytes (a Uint8Array). */
function encode(bytes, encoding) {
  return native.text(bytes, encoding) ?? '';
}

/** How many bytes decode gives. */
function byteLength(text, encoding) {
  switch (encoding) {
    case 'utf16le': return text.length * 2;
    case 'latin1':
    case 'ascii': return text.length;
    case 'hex': return text.length >>> 1;
    case 'base64':
    case 'base64url': {
      let { length } = text;
      if (text.charCodeAt(length - 1) === 61) length -= 1;
      if (length > 1 && text.charCodeAt(length - 1) === 61) length -= 1;
      return (length * 3) >>> 2;
    }
    default: return native.size(text, 'utf8');
  }
}

/** The bytes of a view or of memory, for isUtf8 and isAscii. */
function bytesOf(value) {
  const memory = ArrayBuffer.isView(value) ? value.buffer : value;
  if (native.isGone(memory)) throw withCode(new Error('Cannot validate on a detached buffer'), 'ERR_INVALID_STATE');
  if (memory !== value) return new Uint8Array(memory, value.byteOffset, value.byteLength);
  if (!native.isMemory(value)) {
    throw new codes.ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], value);
  }
  return new Uint8Array(value);
}

function isUtf8(value) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(value));
    return true;
  } catch (err) {
    if (err.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw err;
    return false;
  }
}

const isAscii = (value) => bytesOf(value).every((byte) => byte < 128);

/** Bytes of one encoding as those of another; what the target has not becomes "?". */
function transcode(source, from, to) {
  if (!(source instanceof Uint8Array)) throw new codes.ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], source);
  const [before, after] = [encodingOf(from), encodingOf(to)];
  for (const name of [before, after]) {
    if (!['utf8', 'utf16le', 'latin1', 'ascii'].includes(name)) {
      const err = withCode(new Error('Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]'), 'U_ILLEGAL_ARGUMENT_ERROR');
      err.errno = 1;
      throw err;
    }
  }
  const text = encode(source, before);
  if (after === 'utf8' || after === 'utf16le') return decode(text, after);
  const most = after === 'ascii' ? 0x7f : 0xff;
  let out = '';
  for (const char of text) out += char.codePointAt(0) > most ? '?' : char;
  return decode(out, after);
}

module.exports = { encodingOf, decode, encode, byteLength, isUtf8, isAscii, transcode };
