// Reads the items of package vm/value's format from bytes. It runs under real node, as all js/node_*.js do.
'use strict';

/** How deep arrays and maps may be inside each other, and how many items there may be in all. */
const MAX_DEPTH = 1000;
const MAX_NODES = 10000000;

const CONTAINERS = new Set([5, 6, 7, 8, 9, 12, 13, 14, 17]);

/** @returns {Error} that says where bytes are no value */
function formatError(offset, what) {
  const err = new Error(`value at byte ${offset}: ${what}`);
  err.code = 'ERR_VALUE_FORMAT';
  return err;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
  /** @param {Buffer} bytes that nobody vouches for */
  constructor(bytes) {
    this.b = bytes;
    this.pos = 0;
    this.nodes = 0;
    this.depth = 0;
  }

  fail(what) { throw formatError(this.pos, what); }

  get left() { return this.b.length - this.pos; }

  /** The next byte, which is not consumed. */
  peek() {
    if (this.pos >= this.b.length) this.fail('end, want a value');
    return this.b[this.pos];
  }

  /** Consumes n bytes. @returns where they begin */
  skip(n) {
    if (n > this.left) this.fail(`${n} bytes, ${this.left} left`);
    this.pos += n;
    return this.pos - n;
  }

  /** Counts an item, and reads its first byte. */
  head() {
    if (++this.nodes > MAX_NODES) this.fail(`more than ${MAX_NODES} items`);
    return this.b[this.skip(1)];
  }

  uint(size) { return this.b.readUIntBE(this.skip(size), size); }

  /** A length of 1, 2 or 4 bytes, by the code of its first form. */
  length(code, first) { return this.uint(1 << (code - first)); }

  payload(n) {
    const at = this.skip(n);
    return this.b.subarray(at, at + n);
  }

  /** A number: integer or float. */
  number() {
    const c = this.head();
    if (c < 128) return c;
    if (c >= 0xe0) return c - 256;
    const at = this.pos;
    switch (c) {
      case 0xca: return this.b.readFloatBE(this.skip(4));
      case 0xcb: return this.b.readDoubleBE(this.skip(8));
      case 0xcc: case 0xcd: case 0xce: return this.length(c, 0xcc);
      case 0xcf: return Number(this.b.readBigUInt64BE(this.skip(8)));
      case 0xd0: return this.b.readInt8(this.skip(1));
      case 0xd1: return this.b.readInt16BE(this.skip(2));
      case 0xd2: return this.b.readInt32BE(this.skip(4));
      case 0xd3: return Number(this.b.readBigInt64BE(this.skip(8)));
    }
    throw formatError(at - 1, 'no number');
  }

  /** A whole number that is not negative. */
  count() {
    const n = this.number();
    if (!Number.isSafeInteger(n) || n < 0) this.fail('no whole number');
    return n;
  }

  string() {
    const c = this.head();
    let n;
    if (c >= 0xa0 && c < 0xc0) n = c & 31;
    else if (c >= 0xd9 && c <= 0xdb) n = this.length(c, 0xd9);
    else this.fail('no string');
    const bytes = this.payload(n);
    try {
      return n < 24 ? this.#short(bytes) : utf8.decode(bytes);
    } catch {
      return this.fail('string that is not UTF-8');
    }
  }

  // Short strings are mostly ASCII, and a decoder's call costs more than they do.
  #short(bytes) {
    for (let i = 0; i < bytes.length; i++) if (bytes[i] > 127) return utf8.decode(bytes);
    return bytes.latin1Slice(0, bytes.length);
  }

  bin() {
    const c = this.head();
    if (c < 0xc4 || c > 0xc6) this.fail('no bytes');
    return this.payload(this.length(c, 0xc4));
  }

  /** Enters an array or a map; leave() ends it. @returns how many elements or pairs there are */
  enter(small, large, each) {
    const c = this.head();
    let n;
    if (c >= small && c < small + 16) n = c & 15;
    else if (c === large || c === large + 1) n = this.uint(2 << (c - large));
    else this.fail('another kind of value');
    if (n * each > this.left) this.fail(`${n} items, at most ${this.left} bytes left for them`);
    if (++this.depth > MAX_DEPTH) this.fail(`nested more than ${MAX_DEPTH} deep`);
    return n;
  }

  array() { return this.enter(0x90, 0xdc, 1); }
  map() { return this.enter(0x80, 0xde, 2); }
  leave() { this.depth--; }

  /** The kind and the payload of an extension. */
  ext() {
    const c = this.head();
    let n;
    if (c >= 0xd4 && c <= 0xd8) n = 1 << (c - 0xd4);
    else if (c >= 0xc7 && c <= 0xc9) n = this.length(c, 0xc7);
    else this.fail('no extension');
    const kind = this.b.readInt8(this.skip(1));
    return { kind, payload: this.payload(n) };
  }

  /** The kind of the extension at offset, 0 if there is none. */
  kindAt(at) {
    const c = this.b[at];
    if (c >= 0xd4 && c <= 0xd8) return this.b[at + 1] ?? 0;
    if (c >= 0xc7 && c <= 0xc9) return this.b[at + 1 + (1 << (c - 0xc7))] ?? 0;
    return 0;
  }

  /** The kind of the container that the next item is, 0 if that is a plain array. */
  container() {
    const c = this.b[this.pos];
    const size = c >= 0x90 && c < 0xa0 ? 1 : c === 0xdc ? 3 : c === 0xdd ? 5 : 0;
    const kind = size > 0 && c !== 0x90 ? this.kindAt(this.pos + size) : 0;
    return CONTAINERS.has(kind) ? kind : 0;
  }

  end() { if (this.left > 0) this.fail(`${this.left} bytes after the end`); }
}

exports.Reader = Reader;
exports.formatError = formatError;
