/** Texts to bytes and back in node's encodings: utf8 utf16le latin1 ascii base64 base64url hex. */

const NAMES = {
  utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le',
  latin1: 'latin1', binary: 'latin1', ascii: 'ascii', base64: 'base64', base64url: 'base64url', hex: 'hex',
};
const CHUNK = 4096; // arguments of one call of fromCharCode

let encoder;
let decoder;

/** The name that this file uses for an encoding, undefined if there is no such encoding. */
function encodingOf(encoding) {
  if (encoding === undefined || encoding === null) return 'utf8';
  const name = `${encoding}`;
  return NAMES[name] || NAMES[name.toLowerCase()];
}

function decodeUtf16(text) {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 255;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}

function decodeLatin1(text) {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** As node, takes both alphabets, ignores what is in neither and stops at the first "=". */
function decodeBase64(text) {
  let clean = text;
  if (/[^A-Za-z0-9+/]/.test(clean)) {
    const end = clean.indexOf('=');
    if (end >= 0) clean = clean.slice(0, end);
    clean = clean.replace(/-/g, '+').replace(/_/g, '/').replace(/[^A-Za-z0-9+/]/g, '');
  }
  if (clean.length % 4 === 1) clean = clean.slice(0, -1);
  return Uint8Array.fromBase64(clean.padEnd(Math.ceil(clean.length / 4) * 4, '='));
}

/** As node, stops before the first pair that is no number. */
function decodeHex(text) {
  const good = /^(?:[0-9a-fA-F]{2})*/.exec(text)[0];
  return Uint8Array.fromHex(good);
}

/** The bytes of text as a new Uint8Array; encoding as encodingOf gives it. */
function decode(text, encoding) {
  switch (encoding) {
    case 'utf16le': return decodeUtf16(text);
    case 'latin1':
    case 'ascii': return decodeLatin1(text);
    case 'base64':
    case 'base64url': return decodeBase64(text);
    case 'hex': return decodeHex(text);
    default:
      encoder ??= new TextEncoder();
      return encoder.encode(text);
  }
}

function encodeUnits(bytes, step, unit) {
  let text = '';
  const count = Math.floor(bytes.length / step);
  for (let i = 0; i < count; i += CHUNK) {
    const units = new Array(Math.min(CHUNK, count - i));
    for (let j = 0; j < units.length; j++) units[j] = unit((i + j) * step);
    text += String.fromCharCode.apply(null, units);
  }
  return text;
}

/** The text of bytes (a Uint8Array). */
function encode(bytes, encoding) {
  switch (encoding) {
    case 'utf16le': return encodeUnits(bytes, 2, (i) => bytes[i] | (bytes[i + 1] << 8));
    case 'latin1': return encodeUnits(bytes, 1, (i) => bytes[i]);
    case 'ascii': return encodeUnits(bytes, 1, (i) => bytes[i] & 127);
    case 'base64': return Uint8Array.prototype.toBase64.call(bytes);
    case 'base64url': return Uint8Array.prototype.toBase64.call(bytes, { alphabet: 'base64url', omitPadding: true });
    case 'hex': return Uint8Array.prototype.toHex.call(bytes);
    default:
      decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
      return decoder.decode(bytes);
  }
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
    default: return decode(text, 'utf8').length;
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
