// Makes JavaScript values of the bytes that vm.Encode, or node_encode.js, wrote.
'use strict';

const { Reader } = require('node_reader');
const { container } = require('node_decode_container');

/** What stands for an object that is being made and cannot be referred to yet. */
const UNMADE = Symbol('unmade');

const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

class Decoder {
  /**
   * @param {Reader} reader
   * @param {{functions: ?object}} options functions makes functions (node_decode_function.js); without it they are refused
   */
  constructor(reader, options) {
    this.r = reader;
    this.options = options;
    this.objects = []; // by number
  }

  add(object) {
    this.objects.push(object);
    return object;
  }

  value() {
    const c = this.r.peek();
    if (c < 0x80 || c >= 0xe0 || (c >= 0xca && c <= 0xd3)) return this.r.number();
    if (c < 0x90 || c === 0xde || c === 0xdf) return this.properties(this.add({}), true);
    if (c < 0xa0 || c === 0xdc || c === 0xdd) {
      const kind = this.r.container();
      return kind === 0 ? this.#array() : container(this, kind);
    }
    if (c < 0xc0 || (c >= 0xd9 && c <= 0xdb)) return this.r.string();
    switch (c) {
      case 0xc0: this.r.head(); return null;
      case 0xc2: this.r.head(); return false;
      case 0xc3: this.r.head(); return true;
      case 0xc1: return this.r.fail('byte that begins no value');
    }
    return c <= 0xc6 ? this.#bytes() : this.#leaf();
  }

  /** Reads a map into object. Properties are defined, so that no setter runs and __proto__ is a name like others. */
  properties(object, enumerable) {
    for (let n = this.r.map(); n > 0; n--) {
      const key = this.string();
      const value = this.value();
      if (enumerable && key !== '__proto__' && !Array.isArray(object)) object[key] = value;
      else Object.defineProperty(object, key, { value, writable: true, enumerable, configurable: true });
    }
    this.r.leave();
    return object;
  }

  /** A string in either form. */
  string() {
    if (this.r.kindAt(this.r.pos) !== 15) return this.r.string();
    return this.#leaf();
  }

  #array() {
    const array = this.add([]);
    for (let n = this.r.array(); n > 0; n--) {
      if (this.r.kindAt(this.r.pos) === 2) {
        const { payload } = this.r.ext();
        if (payload.length !== 4) this.r.fail('hole without a length');
        this.length(array, array.length + payload.readUInt32BE(0));
      } else {
        array.push(this.value());
      }
    }
    this.r.leave();
    return array;
  }

  length(array, n) {
    if (n > 0xffffffff) this.r.fail('array longer than 2^32-1');
    array.length = n;
  }

  #bytes() {
    const p = this.r.bin();
    const bytes = this.add(new Uint8Array(p.length));
    bytes.set(p);
    this.add(bytes.buffer);
    return bytes;
  }

  #leaf() {
    const { kind, payload: p } = this.r.ext();
    const n = p.length;
    if (kind === 1 && n === 0) return undefined;
    if (kind === 3 && n === 8) return this.add(new Date(p.readDoubleBE(0)));
    if (kind === 4 && n >= 1 && p[0] <= 1) {
      const size = BigInt(n > 1 ? '0x' + p.toString('hex', 1) : 0);
      return p[0] === 1 ? -size : size;
    }
    if (kind === 10) {
      const bytes = new Uint8Array(n);
      bytes.set(p);
      return this.add(bytes.buffer);
    }
    if (kind === 11 && n === 4) return this.reference(p.readUInt32BE(0));
    if (kind === 15 && n % 2 === 0) return Buffer.from(p).swap16().toString('utf16le');
    if (kind === 16 && n >= 1) return this.#numbers(p[0], p.subarray(1));
    return this.r.fail('extension that is no value');
  }

  reference(n) {
    if (n >= this.objects.length) this.r.fail('reference to an object that has not come yet');
    if (this.objects[n] === UNMADE) this.r.fail('reference to an object from inside it');
    return this.objects[n];
  }

  #numbers(width, p) {
    const Type = { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: Float64Array }[width];
    if (!Type || p.length % width !== 0) this.r.fail('block of numbers of unknown form');
    const copy = Buffer.from(new Uint8Array(p).buffer);
    if (!LITTLE && width > 1) copy[`swap${8 * width}`]();
    return this.add(Array.from(new Type(copy.buffer, copy.byteOffset, copy.length / width)));
  }
}

/**
 * @param {Uint8Array} bytes as package vm/value has them
 * @param {{functions: ?object}} [options] see Decoder
 * @returns {*} the value; bytes that are none throw an Error with the code ERR_VALUE_FORMAT
 */
function decode(bytes, options = {}) {
  const d = new Decoder(new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), options);
  const v = d.value();
  d.r.end();
  return v;
}

exports.decode = decode;
exports.UNMADE = UNMADE;
