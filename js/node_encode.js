// Makes bytes of JavaScript values, as vm.Encode does: what structuredClone keeps, and more of errors.
'use strict';

const { types } = require('node:util');
const { Writer } = require('node_writer');
const objects = require('node_encode_object');
const { encodeArray } = require('node_encode_array');

const MAX_DEPTH = 1000;
const MAX_VALUES = 5000000;
/** The largest encoded value, in bytes: the largest message between nodes. */
const MAX_BYTES = 256 * 1024 * 1024;

const LONE = /[\ud800-\udfff]/u;
const PLAIN = /^[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*$/;

/** Tells whether a string has no UTF-8 form. */
const lossy = (s) => LONE.test(s);

/** A part of a path: `[3]`, `.name`, `["a b"]`. */
function step(key) {
  if (typeof key === 'number') return `[${key}]`;
  return PLAIN.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

class Encoder {
  /** @param {{path: string, maxBytes: number}} options path is the root of the paths in errors */
  constructor({ path, maxBytes }) {
    this.w = new Writer();
    this.path = [path];
    this.maxBytes = maxBytes;
    this.depth = 0;
    this.count = 0;
    this.seen = new Map(); // the numbers of objects
    this.numbers = 0;
    this.regexps = 0;
  }

  fail(what) {
    const err = new TypeError(`${this.path.join('')}: ${what}`);
    err.code = 'ERR_VALUE';
    throw err;
  }

  /** Encodes v as the part of the value that key names. */
  at(key, v) {
    this.path.push(key);
    this.value(v);
    this.path.pop();
  }

  /** Opens n arrays or maps of the format, and closes them when body is done. */
  nested(n, body) {
    if ((this.depth += n) > MAX_DEPTH) this.fail(`nested more than ${MAX_DEPTH} deep`);
    body();
    this.depth -= n;
  }

  size() {
    if (this.w.length > this.maxBytes) this.fail(`longer than ${this.maxBytes} bytes when encoded`);
  }

  /** Gives an object the next number. */
  number(object) { this.seen.set(object, this.numbers++); }

  /** Writes a reference if the object came before. */
  reference(object) {
    const n = this.seen.get(object);
    if (n !== undefined) this.w.uint32(11, n);
    return n !== undefined;
  }

  value(v) {
    if (++this.count > MAX_VALUES) this.fail(`more than ${MAX_VALUES} values`);
    switch (typeof v) {
      case 'undefined': return this.w.undefined();
      case 'boolean': return this.w.bool(v);
      case 'number': return this.w.number(v);
      case 'string': this.string(v); return this.size();
      case 'bigint': return this.#bigint(v);
      case 'symbol': return this.fail('a symbol cannot be sent');
      case 'function':
        return this.fail(types.isProxy(v) ? 'a proxy cannot be sent' : 'a function cannot be sent here, only in arguments');
    }
    return v === null ? this.w.nil() : this.#object(v);
  }

  string(s) {
    if (!lossy(s)) return this.w.string(s);
    return this.w.leaf(15, Buffer.from(s, 'utf16le').swap16());
  }

  #bigint(n) {
    let hex = (n < 0n ? -n : n).toString(16);
    if (hex.length % 2 === 1) hex = '0' + hex;
    this.w.leaf(4, Buffer.from((n < 0n ? '01' : '00') + (n === 0n ? '' : hex), 'hex'));
    this.size();
  }

  #object(o) {
    if (this.reference(o)) return undefined;
    if (types.isPromise(o)) this.fail('a promise cannot be sent; await it first');
    if (types.isProxy(o)) this.fail('a proxy cannot be sent');
    if (types.isNativeError(o)) return objects.error(this, o);
    if (Array.isArray(o)) return encodeArray(this, o);
    if (types.isDate(o)) {
      this.number(o);
      return this.w.date(Date.prototype.getTime.call(o));
    }
    if (types.isRegExp(o)) return objects.regexp(this, o);
    if (types.isMap(o)) return objects.map(this, o);
    if (types.isSet(o)) return objects.set(this, o);
    if (types.isArrayBuffer(o)) return objects.buffer(this, o);
    if (types.isArrayBufferView(o)) return objects.view(this, o);
    if (types.isBoxedPrimitive(o)) return objects.boxed(this, o);
    return objects.plain(this, o);
  }

  /** Encodes the own enumerable properties with string keys as a map. */
  properties(o) {
    this.nested(1, () => {
      const keys = Object.keys(o);
      this.w.map(keys.length);
      for (const key of keys) {
        this.string(key);
        this.at(step(key), o[key]);
      }
      this.size();
    });
  }
}

/**
 * @param {*} v
 * @param {{path: ?string, maxBytes: ?number}} [options]
 * @returns {Buffer} what vm.Decode and node_decode.js read. What cannot travel throws a TypeError with the code
 *   ERR_VALUE that names its path
 */
function encode(v, { path = 'value', maxBytes = MAX_BYTES } = {}) {
  const e = new Encoder({ path, maxBytes });
  e.value(v);
  return e.w.bytes();
}

exports.encode = encode;
exports.lossy = lossy;
exports.step = step;
