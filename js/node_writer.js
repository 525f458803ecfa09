// Writes the items of package vm/value's format into a buffer that grows.
'use strict';

class Writer {
  #b = Buffer.allocUnsafe(256);
  length = 0;

  /** What was written, until the next write. */
  bytes() { return this.#b.subarray(0, this.length); }

  /** Takes back what was written after the first n bytes. */
  truncate(n) { this.length = n; }

  /** Makes room for n bytes more. @returns where they go */
  #room(n) {
    const at = this.length;
    this.length += n;
    if (this.length > this.#b.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#b.length, this.length));
      this.#b.copy(larger, 0, 0, at);
      this.#b = larger;
    }
    return at;
  }

  byte(c) {
    const at = this.#room(1);
    this.#b[at] = c;
  }

  /** A code and an unsigned number of size bytes. */
  #coded(code, n, size) {
    const at = this.#room(1 + size);
    this.#b[at] = code;
    this.#b.writeUIntBE(n, at + 1, size);
  }

  /** A length or number in the shortest of its forms, the codes being first, first + 1, first + 2 for 1, 2, 4 bytes. */
  #sized(first, n) {
    if (n < 256) this.#coded(first, n, 1);
    else if (n < 65536) this.#coded(first + 1, n, 2);
    else this.#coded(first + 2, n, 4);
  }

  nil() { this.byte(0xc0); }
  bool(v) { this.byte(v ? 0xc3 : 0xc2); }
  undefined() { this.ext(1, 0); }

  /** A JavaScript number: as an integer if it is integral, safe and not -0. */
  number(n) {
    if (!Number.isSafeInteger(n) || Object.is(n, -0)) return this.float(n);
    if (n >= -32 && n < 128) return this.byte(n & 255);
    if (n > 0xffffffff || n < -0x80000000) {
      const at = this.#room(9);
      this.#b[at] = n > 0 ? 0xcf : 0xd3;
      return this.#b.writeBigInt64BE(BigInt(n), at + 1);
    }
    if (n >= 0) return this.#sized(0xcc, n);
    if (n >= -128) return this.#coded(0xd0, n + 256, 1);
    if (n >= -32768) return this.#coded(0xd1, n + 65536, 2);
    return this.#coded(0xd2, n + 0x100000000, 4);
  }

  float(n) {
    const at = this.#room(9);
    this.#b[at] = 0xcb;
    if (Number.isNaN(n)) this.#b.writeBigUInt64BE(0x7ff8000000000000n, at + 1);
    else this.#b.writeDoubleBE(n, at + 1);
  }

  /** A string without lone surrogates. */
  string(s) {
    const n = Buffer.byteLength(s);
    if (n < 32) this.byte(0xa0 | n);
    else this.#sized(0xd9, n);
    const at = this.#room(n);
    this.#b.write(s, at, n, 'utf8');
  }

  raw(bytes) {
    const at = this.#room(bytes.length);
    this.#b.set(bytes, at);
  }

  bin(bytes) {
    this.#sized(0xc4, bytes.length);
    this.raw(bytes);
  }

  array(n) {
    if (n < 16) this.byte(0x90 | n);
    else this.#coded(n < 65536 ? 0xdc : 0xdd, n, n < 65536 ? 2 : 4);
  }

  map(n) {
    if (n < 16) this.byte(0x80 | n);
    else this.#coded(n < 65536 ? 0xde : 0xdf, n, n < 65536 ? 2 : 4);
  }

  /** Begins an extension of n bytes, which raw writes. */
  ext(kind, n) {
    const short = [1, 2, 4, 8, 16].indexOf(n);
    if (short >= 0) this.byte(0xd4 + short);
    else this.#sized(0xc7, n);
    this.byte(kind);
  }

  leaf(kind, bytes) {
    this.ext(kind, bytes.length);
    this.raw(bytes);
  }

  uint32(kind, n) {
    const p = Buffer.allocUnsafe(4);
    p.writeUInt32BE(n);
    this.leaf(kind, p);
  }

  date(ms) {
    const p = Buffer.allocUnsafe(8);
    if (Number.isNaN(ms)) p.writeBigUInt64BE(0x7ff8000000000000n);
    else p.writeDoubleBE(ms);
    this.leaf(3, p);
  }

  /** Begins the container of the kind with n parts. */
  begin(kind, n) {
    this.array(n + 1);
    this.ext(kind, 0);
  }
}

exports.Writer = Writer;
