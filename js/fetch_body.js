/** The body of a Request or Response: bytes that are there, or pieces that come. */
const { Buffer } = require('buffer');
const { each } = require('stream_iterate');

/** What init.body is: [source, type]. A source is a Uint8Array, an iterable, or null. */
function sourceOf(body) {
  if (body === undefined || body === null) return [null, undefined];
  if (typeof body === 'string') return [Buffer.from(body), 'text/plain;charset=UTF-8'];
  if (body instanceof URLSearchParams) return [Buffer.from(String(body)), 'application/x-www-form-urlencoded;charset=UTF-8'];
  if (body instanceof ArrayBuffer) return [Buffer.from(body.slice(0)), undefined];
  if (ArrayBuffer.isView(body)) return [Buffer.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)), undefined];
  if (typeof body[Symbol.asyncIterator] === 'function') return [body, undefined];
  return [Buffer.from(String(body)), 'text/plain;charset=UTF-8'];
}

class Body {
  #source;

  #used = false;

  constructor(source) { this.#source = source; }

  /** The source, for a copy; throws if it was read. */
  static take(body) {
    if (body.#used) throw new TypeError('Body is unusable: Body has already been read');
    return body.#source;
  }

  get bodyUsed() { return this.#used && this.#source !== null; }

  /** Web streams are not there yet; the methods read the body. */
  get body() {
    if (this.#source === null) return null;
    const { codes } = require('errors');
    throw new codes.ERR_METHOD_NOT_IMPLEMENTED('body (web streams are not available in sc yet; use text(), json() or arrayBuffer())');
  }

  async #bytes() {
    if (this.#used && this.#source !== null) throw new TypeError('Body is unusable: Body has already been read');
    this.#used = true;
    if (this.#source === null) return Buffer.alloc(0);
    if (this.#source instanceof Uint8Array) return this.#source;
    const parts = [];
    await each(this.#source, (part) => { parts.push(typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)); });
    return Buffer.concat(parts);
  }

  async arrayBuffer() {
    const bytes = await this.#bytes();
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  }

  async bytes() { return new Uint8Array(await this.arrayBuffer()); }

  async text() { return new TextDecoder().decode(await this.#bytes()); }

  async json() { return JSON.parse(await this.text()); }
}

module.exports = { Body, sourceOf };
