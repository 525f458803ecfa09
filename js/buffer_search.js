/** Buffer's indexOf, lastIndexOf and includes. */
const { codes } = require('errors');
const { decode } = require('buffer_codec');

const isBytes = (value) => value instanceof Uint8Array;

function matches(bytes, needle, at) {
  for (let i = 1; i < needle.length; i++) if (bytes[at + i] !== needle[i]) return false;
  return true;
}

function findForward(bytes, needle, from, step) {
  const find = Uint8Array.prototype.indexOf;
  let at = find.call(bytes, needle[0], from);
  while (at !== -1 && at + needle.length <= bytes.length) {
    if (at % step === 0 && matches(bytes, needle, at)) return at;
    at = find.call(bytes, needle[0], at + 1);
  }
  return -1;
}

function findBackward(bytes, needle, from) {
  for (let at = Math.min(from, bytes.length - needle.length); at >= 0; at--) {
    if (bytes[at] === needle[0] && matches(bytes, needle, at)) return at;
  }
  return -1;
}

/** indexOf and lastIndexOf: value is a string, a byte or bytes. */
function search(bytes, value, byteOffset, encoding, forward) {
  let offset = byteOffset;
  let name = encoding;
  if (typeof offset === 'string') {
    name = offset;
    offset = undefined;
  } else if (offset > 0x7fffffff) offset = 0x7fffffff;
  else if (offset < -0x80000000) offset = -0x80000000;
  offset = +offset;
  if (Number.isNaN(offset)) offset = forward ? 0 : bytes.length;
  offset = Math.trunc(offset);
  if (offset < 0) offset += bytes.length;
  let needle;
  let step = 1;
  if (typeof value === 'number') needle = [value & 255];
  else if (typeof value === 'string') {
    const known = require('buffer_text').knownEncoding(name);
    needle = decode(value, known);
    if (known === 'utf16le') step = 2;
  } else if (isBytes(value)) needle = value;
  else throw new codes.ERR_INVALID_ARG_TYPE('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
  if (offset < 0) {
    if (!forward) return -1;
    offset = 0;
  }
  if (needle.length === 0) return Math.min(offset, bytes.length);
  return forward ? findForward(bytes, needle, offset, step) : findBackward(bytes, needle, offset);
}

module.exports = { search };
