/** The module "string_decoder": texts from bytes that come in pieces, characters kept whole. */
const { codes } = require('errors');
const { Buffer } = require('buffer');
const { encodingOf } = require('buffer_codec');

/** How many bytes at the end of a UTF-8 text begin a character that is not complete. */
function openUtf8(bytes) {
  const from = Math.max(0, bytes.length - 3);
  for (let i = bytes.length - 1; i >= from; i--) {
    const byte = bytes[i];
    if ((byte & 0xc0) === 0x80) continue;
    let size = 1;
    if (byte >= 0xf0 && byte <= 0xf7) size = 4;
    else if (byte >= 0xe0) size = byte <= 0xef ? 3 : 1;
    else if (byte >= 0xc0) size = 2;
    const have = bytes.length - i;
    return have < size ? have : 0;
  }
  return 0;
}

function openUtf16(bytes) {
  const odd = bytes.length % 2;
  const high = bytes[bytes.length - odd - 1];
  return bytes.length - odd >= 2 && high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
}

const opens = { utf8: openUtf8, utf16le: openUtf16, base64: (b) => b.length % 3, base64url: (b) => b.length % 3 };

/** How many bytes a character needs of which the given ones are the begin. */
function needed(bytes, encoding) {
  if (encoding === 'utf8') return bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
  if (encoding === 'utf16le') return bytes.length >= 2 ? 4 : 2;
  return 3;
}

function StringDecoder(encoding) {
  const name = encodingOf(encoding);
  if (name === undefined) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
  this.encoding = name;
  Object.defineProperty(this, 'rest', { value: Buffer.alloc(0), writable: true });
}

Object.assign(StringDecoder.prototype, {
  write(chunk) {
    if (typeof chunk === 'string') return chunk;
    if (!ArrayBuffer.isView(chunk)) throw new codes.ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray', 'DataView'], chunk);
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.rest.length > 0) bytes = Buffer.concat([this.rest, bytes]);
    const open = opens[this.encoding] ? opens[this.encoding](bytes) : 0;
    this.rest = open > 0 ? Buffer.from(bytes.subarray(bytes.length - open)) : Buffer.alloc(0);
    return bytes.subarray(0, bytes.length - open).toString(this.encoding);
  },

  end(chunk) {
    let text = chunk === undefined ? '' : this.write(chunk);
    if (this.rest.length > 0) {
      text += this.rest.toString(this.encoding); // what never became a character is U+FFFD in UTF-8
      this.rest = Buffer.alloc(0);
    }
    return text;
  },

  text(chunk, offset) {
    this.rest = Buffer.alloc(0);
    return this.write(chunk.slice(offset));
  },
});

Object.defineProperties(StringDecoder.prototype, {
  lastChar: { enumerable: true, configurable: true, get() { return Buffer.concat([this.rest, Buffer.alloc(4 - this.rest.length)]); } },
  lastNeed: {
    enumerable: true,
    configurable: true,
    get() { return this.rest.length === 0 ? 0 : needed(this.rest, this.encoding) - this.rest.length; },
  },
  lastTotal: { enumerable: true, configurable: true, get() { return this.rest.length === 0 ? 0 : needed(this.rest, this.encoding); } },
});

module.exports = { StringDecoder };
