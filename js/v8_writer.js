/** The Serializer of v8: from values to bytes; v8_format.js has the format. */
const { Buffer } = require('buffer');
const { brand } = require('types');
const { T, VERSION, regexpFlags, errors, views, viewClass, coded } = require('v8_format');

const classTags = Object.entries(errors);
const viewTags = new Map(Object.entries(views).map(([letter, Class]) => [Class, letter.charCodeAt(0)]));
const latin1 = /^[\0-\xff]*$/;

/** The bytes so far, in a buffer that doubles. */
class Output {
  bytes = Buffer.allocUnsafeSlow(256);
  length = 0;

  /** Makes room for n bytes and returns where they go. */
  grow(n) {
    const at = this.length;
    this.length += n;
    if (this.length > this.bytes.length) {
      const more = Buffer.allocUnsafeSlow(Math.max(this.length, this.bytes.length * 2));
      this.bytes.copy(more, 0, 0, at);
      this.bytes = more;
    }
    return at;
  }

  byte(b) {
    const at = this.grow(1);
    this.bytes[at] = b;
  }

  varint(n) {
    for (; n >= 128; n = Math.floor(n / 128)) this.byte((n % 128) | 128);
    this.byte(n);
  }

  /** A signed 32-bit integer: the sign is the lowest bit. */
  zigzag(n) { this.varint(n < 0 ? -2 * n - 1 : 2 * n); }

  double(n) {
    const at = this.grow(8);
    this.bytes.writeDoubleLE(n, at);
    if (Number.isNaN(n)) this.bytes[at] = 0; // the NaN that V8 has; the engine's own has another bit set
  }

  raw(bytes) {
    const at = this.grow(bytes.length);
    this.bytes.set(bytes, at);
  }

  string(text) {
    if (latin1.test(text)) {
      this.byte(T.latin1);
      this.varint(text.length);
      const at = this.grow(text.length);
      this.bytes.latin1Write(text, at, text.length);
      return;
    }
    const size = text.length * 2;
    let digits = 1;
    for (let n = size; n >= 128; n = Math.floor(n / 128)) digits++;
    if ((this.length + 1 + digits) % 2 === 1) this.byte(T.padding); // the text begins at an even place
    this.byte(T.utf16);
    this.varint(size);
    const at = this.grow(size);
    this.bytes.ucs2Write(text, at, size);
  }

  bigint(n) {
    const negative = n < 0n;
    const hex = n === 0n ? '' : (negative ? -n : n).toString(16);
    const size = Math.ceil(hex.length / 16) * 8;
    this.varint(size * 2 + (negative ? 1 : 0));
    this.raw(Buffer.from(hex.padStart(size * 2, '0'), 'hex').reverse());
  }
}

/** How V8 calls a value that cannot be written. */
function named(value) {
  if (typeof value === 'function') return String(value);
  if (typeof value === 'symbol') return String(value);
  if (brand(value) === 'Symbol') return '[object Symbol]';
  if (brand(value) === 'Proxy') return '#<Object>';
  const name = value.constructor?.name;
  return `#<${typeof name === 'string' && name !== '' ? name : 'Object'}>`;
}

const bytesOf = (source) => new Uint8Array(source.buffer, source.byteOffset, source.byteLength);

/** Writes values; a subclass or an instance may have _writeHostObject, _getSharedArrayBufferId and _getDataCloneError. */
class Serializer {
  #out = new Output();
  #ids = new Map();
  #transferred = new Map();
  #viewsAreHost = false;

  /** Writes the version of the format, which comes first. */
  writeHeader() {
    this.#out.byte(T.version);
    this.#out.byte(VERSION);
  }

  /** @returns {true} or throws what _getDataCloneError makes */
  writeValue(value) {
    this.#value(value);
    return true;
  }

  /** @returns {Buffer} the bytes so far; the Serializer starts anew */
  releaseBuffer() {
    const { bytes, length } = this.#out;
    this.#out = new Output();
    const exact = Buffer.allocUnsafeSlow(length);
    bytes.copy(exact, 0, 0, length);
    return exact;
  }

  /** The content of buffer goes another way: id stands for it. */
  transferArrayBuffer(id, buffer) { this.#transferred.set(buffer, id >>> 0); }

  writeUint32(n) { this.#out.varint(n >>> 0); }

  /** @param {number} high @param {number} low halves of 32 bits */
  writeUint64(high, low) {
    let n = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    for (; n >= 128n; n >>= 7n) this.#out.byte(Number(n & 127n) | 128);
    this.#out.byte(Number(n));
  }

  writeDouble(n) { this.#out.double(Number(n)); }

  writeRawBytes(source) {
    if (!ArrayBuffer.isView(source)) throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'source must be a TypedArray or a DataView');
    this.#out.raw(bytesOf(source));
  }

  _setTreatArrayBufferViewsAsHostObjects(mode) { this.#viewsAreHost = Boolean(mode); }

  #refuse(value, text = `${named(value)} could not be cloned.`) {
    throw this._getDataCloneError(text);
  }

  #value(value) {
    const out = this.#out;
    switch (typeof value) {
      case 'undefined': return out.byte(T.undefined);
      case 'boolean': return out.byte(value ? T.true : T.false);
      case 'number': return this.#number(value);
      case 'string': return out.string(value);
      case 'bigint':
        out.byte(T.bigint);
        return out.bigint(value);
      case 'symbol': return this.#refuse(value);
      default: return value === null ? out.byte(T.null) : this.#object(value);
    }
  }

  #number(n) {
    // V8 keeps integers of 32 bits as such, and writes minus zero as a double.
    if (n === (n | 0) && !Object.is(n, -0)) {
      this.#out.byte(T.int32);
      return this.#out.zigzag(n);
    }
    this.#out.byte(T.double);
    return this.#out.double(n);
  }

  #object(value) {
    const out = this.#out;
    const isView = ArrayBuffer.isView(value);
    if (isView && !this.#viewsAreHost && !this.#ids.has(value)) this.#value(value.buffer);
    const seen = this.#ids.get(value);
    if (seen !== undefined) {
      out.byte(T.reference);
      return out.varint(seen);
    }
    this.#ids.set(value, this.#ids.size);
    if (isView) return this.#view(value);
    if (typeof value === 'function') return this.#refuse(value);
    if (Array.isArray(value) && brand(value) !== 'Proxy') return this.#array(value);
    const kind = brand(value);
    const write = writers[kind];
    if (write !== undefined) {
      return write({ out, value: (v) => this.#value(v), buffer: (b) => this.#buffer(b), shared: (b) => this.#shared(b) }, value);
    }
    if (kind !== '') return this.#refuse(value);
    out.byte(T.object);
    return this.#properties(value, Object.keys(value), T.endObject);
  }

  /** Writes those of the names that still are there, then the tag and how many they were. */
  #properties(value, names, end, ...more) {
    let count = 0;
    for (const name of names) {
      if (!Object.hasOwn(value, name)) continue; // a getter took it away
      const n = Number(name);
      if (Number.isInteger(n) && n >= 0 && n < 2 ** 32 - 1 && String(n) === name) this.#number(n);
      else this.#out.string(name);
      this.#value(value[name]);
      count++;
    }
    this.#out.byte(end);
    this.#out.varint(count);
    for (const n of more) this.#out.varint(n);
  }

  #array(list) {
    const { length } = list;
    const names = Object.keys(list);
    let whole = names.length >= length;
    for (let i = 0; whole && i < length; i++) whole = names[i] === String(i);
    this.#out.byte(whole ? T.dense : T.sparse);
    this.#out.varint(length);
    if (!whole) return this.#properties(list, names, T.endSparse, length);
    for (let i = 0; i < length; i++) {
      if (i in list) this.#value(list[i]);
      else this.#out.byte(T.hole);
    }
    return this.#properties(list, names.slice(length), T.endDense, length);
  }

  #view(view) {
    if (this.#viewsAreHost) {
      if (typeof this._writeHostObject !== 'function') this.#refuse(view, `[object ${viewClass(view).name}] could not be cloned.`);
      this.#out.byte(T.host);
      return this._writeHostObject(view);
    }
    this.#out.byte(T.view);
    this.#out.byte(viewTags.get(viewClass(view)));
    this.#out.varint(view.byteOffset);
    this.#out.varint(view.byteLength);
    return this.#out.varint(0); // neither follows the length of its buffer nor is it resizable
  }

  #buffer(buffer) {
    const id = this.#transferred.get(buffer);
    this.#out.byte(id === undefined ? T.buffer : T.transferred);
    if (id !== undefined) return this.#out.varint(id);
    if (buffer.detached) this.#refuse(buffer, 'An ArrayBuffer is detached and could not be cloned.');
    this.#out.varint(buffer.byteLength);
    return this.#out.raw(new Uint8Array(buffer));
  }

  #shared(buffer) {
    if (typeof this._getSharedArrayBufferId !== 'function') this.#refuse(buffer, '#<SharedArrayBuffer> could not be cloned.');
    this.#out.byte(T.shared);
    return this.#out.varint(this._getSharedArrayBufferId(buffer) >>> 0);
  }
}
Serializer.prototype._getDataCloneError = Error;

/** By what an object truly is: writes it. */
const writers = {
  __proto__: null,
  Date({ out }, date) {
    out.byte(T.date);
    out.double(Date.prototype.getTime.call(date));
  },
  Boolean({ out }, boxed) { out.byte(Boolean.prototype.valueOf.call(boxed) ? T.trueObject : T.falseObject); },
  Number({ out }, boxed) {
    out.byte(T.numberObject);
    out.double(Number.prototype.valueOf.call(boxed));
  },
  BigInt({ out }, boxed) {
    out.byte(T.bigintObject);
    out.bigint(BigInt.prototype.valueOf.call(boxed));
  },
  String({ out }, boxed) {
    out.byte(T.stringObject);
    out.string(String.prototype.valueOf.call(boxed));
  },
  RegExp({ out }, regexp) {
    out.byte(T.regexp);
    out.string(regexp.source);
    out.varint(regexpFlags.reduce((bits, flag, i) => bits + (regexp.flags.includes(flag) ? 1 << i : 0), 0));
  },
  Map({ out, value }, map) {
    const entries = [...Map.prototype.entries.call(map)];
    out.byte(T.map);
    for (const [key, held] of entries) {
      value(key);
      value(held);
    }
    out.byte(T.endMap);
    out.varint(entries.length * 2);
  },
  Set({ out, value }, set) {
    const items = [...Set.prototype.values.call(set)];
    out.byte(T.set);
    for (const item of items) value(item);
    out.byte(T.endSet);
    out.varint(items.length);
  },
  ArrayBuffer({ buffer }, value) { buffer(value); },
  SharedArrayBuffer({ shared }, value) { shared(value); },
  Error({ out, value }, error) {
    out.byte(T.error);
    const known = classTags.find(([, Class]) => Class.name === String(error.name));
    if (known !== undefined) out.byte(known[0].charCodeAt(0));
    const own = (name) => Object.getOwnPropertyDescriptor(error, name);
    if (own('message') !== undefined) {
      out.byte(T.errorMessage);
      out.string(String(error.message));
    }
    if (own('cause') !== undefined) {
      out.byte(T.errorCause);
      value(error.cause);
    }
    const { stack } = error;
    if (typeof stack === 'string') {
      out.byte(T.errorStack);
      out.string(stack);
    }
    out.byte(T.errorEnd);
  },
};

module.exports = { Serializer };
