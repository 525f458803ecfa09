/** Texts to bytes and back in node's encodings: utf8 utf16le latin1 ascii base64 base64url hex. */

const NAMES = {
  utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le',
  latin1: 'latin1', binary: 'latin1', ascii: 'ascii', base64: 'base64', base64url: 'base64url', hex: 'hex',
};
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

function isUtf8(value) {
  const bytes = ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

module.exports = { encodingOf, decode, encode, byteLength, isUtf8 };
