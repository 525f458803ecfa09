/** The Deserializer of v8: from bytes to values; v8_format.js has the format. */
const { Buffer } = require('buffer');
const { brand } = require('types');
const { T, VERSION, OLDEST, regexpFlags, errors, views, coded } = require('v8_format');

const bad = () => new Error('Unable to deserialize cloned data.');
const badVersion = () => new Error('Unable to deserialize cloned data due to invalid or unsupported version.');

/** The bytes and how far they are read; a read beyond the end throws what bad() makes. */
class Input {
  at = 0;

  constructor(view) {
    this.bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  }

  /** Steps over n bytes and returns where they began. */
  skip(n) {
    if (n > this.bytes.length - this.at) throw bad();
    this.at += n;
    return this.at - n;
  }

  byte() {
    const at = this.skip(1);
    return this.bytes[at];
  }

  peek() { return this.bytes[this.at]; }

  /** A tag, behind what was put there for alignment. */
  tag() {
    let b = this.byte();
    while (b === T.padding) b = this.byte();
    return b;
  }

  varint() {
    let n = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      if (shift < 32) n += (b & 127) * 2 ** shift;
      if (b < 128) return n >>> 0;
    }
  }

  zigzag() {
    const n = this.varint();
    return (n >>> 1) ^ -(n & 1);
  }

  double() {
    const at = this.skip(8);
    return this.bytes.readDoubleLE(at);
  }

  text(encoding) {
    const size = this.varint();
    const at = this.skip(size);
    return this.bytes.toString(encoding, at, at + size);
  }

  bigint() {
    const bits = this.varint();
    const size = bits >>> 1;
    const at = this.skip(size);
    const hex = Buffer.from(this.bytes.subarray(at, at + size)).reverse().toString('hex');
    const n = hex === '' ? 0n : BigInt(`0x${hex}`);
    return bits & 1 ? -n : n;
  }
}

/** Sets an own property, "__proto__" too. */
function put(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Reads what a Serializer wrote; a subclass or an instance may have _readHostObject. */
class Deserializer {
  #in;
  #version = 0;
  #next = 0;
  #objects = new Map();
  #transferred = new Map();

  /** @param {NodeJS.ArrayBufferView} buffer */
  constructor(buffer) {
    if (!ArrayBuffer.isView(buffer)) throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'buffer must be a TypedArray or a DataView');
    this.buffer = buffer;
    this.#in = new Input(buffer);
  }

  /** Reads the version of the format. @returns {true} or throws for one that is not known */
  readHeader() {
    if (this.#in.peek() === T.version) {
      this.#in.byte();
      try {
        this.#version = this.#in.varint();
      } catch {
        throw badVersion();
      }
    }
    if (this.#version < OLDEST || this.#version > VERSION) throw badVersion();
    return true;
  }

  readValue() { return this.#value(); }

  getWireFormatVersion() { return this.#version; }

  /** buffer is what stands for id; see Serializer's. */
  transferArrayBuffer(id, buffer) { this.#transferred.set(id >>> 0, buffer); }

  readUint32() { return this.#native('ReadUint32', () => this.#in.varint()); }

  /** @returns {[number, number]} the high and the low 32 bits */
  readUint64() {
    return this.#native('ReadUint64', () => {
      let n = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const b = this.#in.byte();
        if (shift < 64n) n |= BigInt(b & 127) << shift;
        if (b < 128) return [Number((n >> 32n) & 0xffffffffn), Number(n & 0xffffffffn)];
      }
    });
  }

  readDouble() { return this.#native('ReadDouble', () => this.#in.double()); }

  /** Steps over length bytes. @returns {number} where in `buffer` they begin */
  _readRawBytes(length) { return this.#native('ReadRawBytes', () => this.#in.skip(Number(length))); }

  /** @returns {Buffer} the next length bytes: the memory of `buffer`, not a copy */
  readRawBytes(length) {
    const at = this._readRawBytes(length);
    return Buffer.from(this.buffer.buffer, this.buffer.byteOffset + at, length);
  }

  #native(name, read) {
    const before = this.#in.at;
    try {
      return read();
    } catch {
      this.#in.at = before;
      throw new Error(`${name}() failed`);
    }
  }

  /** Gives the value the number that references to it have, which it gets before what is in it is read. */
  #keep(value, id = this.#next++) {
    this.#objects.set(id, value);
    return value;
  }

  #value() {
    const value = this.#bare(this.#in.tag());
    if (this.#in.peek() === T.view && typeof value === 'object' && /^(Shared)?ArrayBuffer$/.test(brand(value))) {
      this.#in.byte();
      return this.#view(value);
    }
    return value;
  }

  /** A value but for a view of it. */
  #bare(tag) {
    const input = this.#in;
    switch (tag) {
      case T.undefined: return undefined;
      case T.null: return null;
      case T.true: return true;
      case T.false: return false;
      case T.int32: return input.zigzag();
      case T.uint32: return input.varint();
      case T.double: return input.double();
      case T.bigint: return input.bigint();
      case T.utf8: return input.text('utf8');
      case T.latin1: return input.text('latin1');
      case T.utf16: return input.text('utf16le');
      case T.verifyCount:
        input.varint();
        return this.#value();
      case T.reference: {
        const id = input.varint();
        if (!this.#objects.has(id)) throw bad();
        return this.#objects.get(id);
      }
      default: return this.#object(tag);
    }
  }

  #object(tag) {
    const input = this.#in;
    switch (tag) {
      case T.object: {
        const made = this.#keep({});
        if (this.#properties(made, T.endObject) !== input.varint()) throw bad();
        return made;
      }
      case T.dense: return this.#dense();
      case T.sparse: return this.#sparse();
      case T.date: return this.#keep(new Date(input.double()));
      case T.trueObject: return this.#keep(Object(true));
      case T.falseObject: return this.#keep(Object(false));
      case T.numberObject: return this.#keep(Object(input.double()));
      case T.bigintObject: return this.#keep(Object(input.bigint()));
      case T.stringObject: return this.#keepWhole(() => Object(this.#string()));
      case T.regexp: return this.#keepWhole(() => this.#regexp());
      case T.map: return this.#map();
      case T.set: return this.#set();
      case T.buffer: return this.#buffer(input.varint());
      case T.resizable: {
        const length = input.varint();
        input.varint(); // the engine's buffers do not grow: it becomes one of the length that it had
        return this.#buffer(length);
      }
      case T.transferred: return this.#moved();
      case T.error: return this.#error();
      case T.host: return this.#host();
      default: throw bad();
    }
  }

  #keepWhole(read) {
    const id = this.#next++;
    return this.#keep(read(), id);
  }

  #string() {
    const value = this.#value();
    if (typeof value !== 'string') throw bad();
    return value;
  }

  #regexp() {
    const source = this.#string();
    const bits = this.#in.varint();
    return new RegExp(source, regexpFlags.filter((_, i) => bits & (1 << i)).join(''));
  }

  /** Reads keys and values up to the tag end and returns how many. */
  #properties(object, end) {
    for (let count = 0; ; count++) {
      const tag = this.#in.tag();
      if (tag === end) return count;
      const key = this.#bare(tag);
      if (typeof key !== 'string' && typeof key !== 'number') throw bad();
      put(object, key, this.#value());
    }
  }

  #dense() {
    const length = this.#in.varint();
    if (length > this.#in.bytes.length - this.#in.at) throw bad(); // each takes a byte at least
    const made = this.#keep(new Array(length));
    for (let i = 0; i < length; i++) {
      const tag = this.#in.peek();
      if (tag === T.hole) this.#in.byte();
      else put(made, i, this.#value());
    }
    return this.#closed(made, T.endDense, length);
  }

  #sparse() {
    const length = this.#in.varint();
    const made = this.#keep([]);
    made.length = length;
    return this.#closed(made, T.endSparse, length);
  }

  #closed(made, end, length) {
    const count = this.#properties(made, end);
    if (this.#in.varint() !== count || this.#in.varint() !== length) throw bad();
    return made;
  }

  /** Reads values up to the tag end, each handed to take, and checks their number. */
  #items(end, take) {
    let count = 0;
    for (let tag = this.#in.peek(); tag !== end; tag = this.#in.peek()) {
      if (tag === T.padding) {
        this.#in.byte();
        continue;
      }
      take(this.#value());
      count++;
    }
    this.#in.byte();
    if (this.#in.varint() !== count) throw bad();
  }

  #map() {
    const made = this.#keep(new Map());
    let key;
    let whole = true;
    this.#items(T.endMap, (value) => {
      whole = !whole;
      if (whole) made.set(key, value);
      else key = value;
    });
    if (!whole) throw bad();
    return made;
  }

  #set() {
    const made = this.#keep(new Set());
    this.#items(T.endSet, (value) => made.add(value));
    return made;
  }

  #buffer(length) {
    const at = this.#in.skip(length);
    return this.#keep(new Uint8Array(this.#in.bytes.subarray(at, at + length)).buffer);
  }

  #moved() {
    const id = this.#in.varint();
    if (!this.#transferred.has(id)) throw bad();
    return this.#keep(this.#transferred.get(id));
  }

  #view(buffer) {
    const id = this.#next++;
    const Class = views[String.fromCharCode(this.#in.byte())];
    const offset = this.#in.varint();
    const size = this.#in.varint();
    if (this.#version >= 14) this.#in.varint(); // flags of resizable buffers
    const width = Class?.BYTES_PER_ELEMENT ?? 1;
    if (Class === undefined || offset + size > buffer.byteLength || offset % width !== 0 || size % width !== 0) throw bad();
    return this.#keep(new Class(buffer, offset, size / width), id);
  }

  #error() {
    const id = this.#next++;
    let Class = Error;
    const own = {};
    for (;;) {
      const tag = this.#in.tag();
      if (tag === T.errorEnd) break;
      else if (tag === T.errorMessage) own.message = this.#string();
      else if (tag === T.errorCause) own.cause = this.#value();
      else if (tag === T.errorStack) own.stack = this.#string();
      else if (Object.hasOwn(errors, String.fromCharCode(tag))) Class = errors[String.fromCharCode(tag)];
      else throw bad();
    }
    const made = new Class();
    for (const [name, value] of Object.entries(own)) Object.defineProperty(made, name, { value, writable: true, configurable: true });
    return this.#keep(made, id);
  }

  #host() {
    const id = this.#next++;
    if (typeof this._readHostObject !== 'function') throw bad();
    const made = this._readHostObject();
    if ((typeof made !== 'object' && typeof made !== 'function') || made === null) {
      throw new TypeError('readHostObject must return an object');
    }
    return this.#keep(made, id);
  }
}

module.exports = { Deserializer };
