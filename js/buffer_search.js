/** Buffer's indexOf, lastIndexOf and includes. */
const { codes } = require('errors');
const native = require('buffer_native');
const { decode } = require('buffer_codec');

const isBytes = (value) => value instanceof Uint8Array;

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
  if (typeof value === 'number') needle = Uint8Array.of(value & 255);
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
  return native.find(bytes, needle, offset, step, forward) ?? -1;
}

module.exports = { search };
