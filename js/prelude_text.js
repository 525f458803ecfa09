/**
 * TextEncoder and TextDecoder of the Encoding Standard, and atob and btoa.
 * binding.encode(text) and binding.decode(bytes, encoding, fatal, keepBOM, last, pending) work on whole buffers;
 * binding.encoding(label) is the name of an encoding, or undefined; atob and btoa return undefined for what they refuse.
 */
const { DOMException } = require('prelude_events');

class TextEncoder {
  get encoding() { return 'utf-8'; }

  encode(input = '') { return binding.encode(String(input)); }

  encodeInto(source, target) {
    if (!(target instanceof Uint8Array)) {
      throw Object.assign(new TypeError('The "dest" argument must be an instance of Uint8Array'), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    let read = 0, written = 0;
    for (const char of String(source)) {
      const bytes = binding.encode(char);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += char.length;
    }
    return { read, written };
  }

  get [Symbol.toStringTag]() { return 'TextEncoder'; }
}

class TextDecoder {
  #encoding; #fatal; #ignoreBOM;
  #pending = new Uint8Array(0); // the beginning of a character, or of the text if a BOM may still come
  #started = false;

  constructor(label = 'utf-8', options = undefined) {
    this.#encoding = binding.encoding(String(label));
    if (this.#encoding === undefined) {
      throw Object.assign(new RangeError(`The "${label}" encoding is not supported`), { code: 'ERR_ENCODING_NOT_SUPPORTED' });
    }
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBOM = Boolean(options?.ignoreBOM);
  }

  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }

  decode(input = new Uint8Array(0), options = undefined) {
    const stream = Boolean(options?.stream);
    const bytes = bytesOf(input);
    let all = bytes;
    if (this.#pending.length > 0) {
      all = new Uint8Array(this.#pending.length + bytes.length);
      all.set(this.#pending);
      all.set(bytes, this.#pending.length);
    }
    const { text, used, invalid } = binding.decode(all, this.#encoding, this.#fatal, this.#ignoreBOM || this.#started, !stream);
    if (invalid) {
      this.#pending = new Uint8Array(0);
      this.#started = false;
      throw Object.assign(new TypeError(`The encoded data was not valid for encoding ${this.#encoding}`), { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
    }
    this.#pending = stream ? all.slice(used) : new Uint8Array(0);
    this.#started = stream && (this.#started || used > 0);
    return text;
  }

  get [Symbol.toStringTag]() { return 'TextDecoder'; }
}

function bytesOf(input) {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw Object.assign(new TypeError('The "list" argument must be an instance of ArrayBuffer or ArrayBufferView'), { code: 'ERR_INVALID_ARG_TYPE' });
}

const convert = (fn, what) => function (input) {
  if (arguments.length === 0) throw Object.assign(new TypeError('The "input" argument must be specified'), { code: 'ERR_MISSING_ARGS' });
  const result = fn(String(input));
  if (result === undefined) throw new DOMException(what, 'InvalidCharacterError');
  return result;
};

const atob = convert(binding.atob, 'The string to be decoded is not correctly encoded.');
const btoa = convert(binding.btoa, 'Invalid character');
Object.defineProperty(atob, 'name', { value: 'atob' });
Object.defineProperty(btoa, 'name', { value: 'btoa' });

Object.assign(exports, { TextEncoder, TextDecoder, atob, btoa });
