// Reads the containers of package vm/value's format: what msgpack has no form of its own for.
'use strict';

/** The views by their number; the last is node's Buffer. */
const VIEWS = [undefined, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView, Buffer];

const ERRORS = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError };

/** How many parts a container of the kind has, where that is fixed. */
const PARTS = { 7: 2, 8: 5, 9: 3, 14: 1, 17: 1 };

/** Marks the place of an object that its parts must not refer to. @returns its number */
function reserve(d) {
  d.objects.push(require('node_decode').UNMADE);
  return d.objects.length - 1;
}

const readers = {
  5(d, n) { // Map
    if (n % 2 !== 0) d.r.fail('map with a key and no value');
    const map = d.add(new Map());
    for (; n > 0; n -= 2) {
      const key = d.value();
      map.set(key, d.value());
    }
    return map;
  },

  6(d, n) { // Set
    const set = d.add(new Set());
    for (; n > 0; n--) set.add(d.value());
    return set;
  },

  7(d) { // RegExp
    const source = d.string();
    return d.add(new RegExp(source, d.string()));
  },

  8(d) { // Error
    const number = reserve(d);
    const optional = () => (d.r.peek() === 0xc0 ? d.value() : d.string());
    const name = d.string();
    const message = optional();
    const stack = optional();
    const Class = Object.hasOwn(ERRORS, name) ? ERRORS[name] : Error;
    const err = Class === AggregateError ? Object.setPrototypeOf(new Error(), Class.prototype) : new Class();
    const hide = (key, value) => Object.defineProperty(err, key, { value, writable: true, enumerable: false, configurable: true });
    d.objects[number] = err;
    if (message !== null) hide('message', message);
    if (!Object.hasOwn(ERRORS, name)) hide('name', name);
    hide('stack', stack === null ? '' : stack);
    d.properties(err, false);
    return d.properties(err, true);
  },

  9(d, n, payload) { // a view
    const number = reserve(d);
    const offset = d.r.count();
    const length = d.r.count();
    const kind = d.r.kindAt(d.r.pos);
    const buffer = kind === 10 || kind === 11 ? d.value() : undefined;
    const View = VIEWS[payload[0]];
    const size = View && View !== Buffer && View.BYTES_PER_ELEMENT || 1;
    if (!(buffer instanceof ArrayBuffer) || !View) d.r.fail('view of something that is no buffer');
    if (offset + length > buffer.byteLength || offset % size !== 0 || length % size !== 0) {
      d.r.fail(`view of ${length} bytes at ${offset}, in a buffer of ${buffer.byteLength}`);
    }
    const view = View === Buffer ? Buffer.from(buffer, offset, length) : new View(buffer, offset, length / size);
    d.objects[number] = view;
    return view;
  },

  12(d, n) { // function
    const number = reserve(d);
    if (!d.options.functions) d.r.fail('a function is not allowed here');
    return d.options.functions.read(d, number, n);
  },

  13(d, n) { // sparse array
    const array = d.add([]);
    if (n % 2 !== 1) d.r.fail('sparse array with an index and no value');
    const length = d.r.count();
    d.length(array, length);
    for (n--; n > 0; n -= 2) {
      const c = d.r.peek();
      const key = c < 0x80 || (c >= 0xcc && c <= 0xcf) ? d.r.count() : d.r.string();
      if (typeof key === 'number' ? key >= length : key === 'length') d.r.fail('index over the length of its array');
      const value = d.value();
      Object.defineProperty(array, key, { value, writable: true, enumerable: true, configurable: true });
    }
    return array;
  },

  14(d) { // boxed primitive
    const number = reserve(d);
    const value = d.value();
    if (Object(value) === value || value === null || value === undefined) d.r.fail('boxed value that is no primitive');
    d.objects[number] = Object(value);
    return d.objects[number];
  },

  17(d, n, payload) { // a large value beside its hash
    if (payload.length !== 32) d.r.fail('reference to a large value that is not here');
    const number = reserve(d);
    const v = require('node_decode').decode(d.r.bin(), d.options);
    if (Object(v) === v) d.objects[number] = v;
    return v;
  },
};

/** Reads a container of the kind with decoder d. */
exports.container = function container(d, kind) {
  const n = d.r.array() - 1;
  const { payload } = d.r.ext();
  if ((kind in PARTS && n !== PARTS[kind]) || (kind !== 17 && payload.length !== (kind === 9 ? 1 : 0))) {
    d.r.fail(`kind ${kind} with ${n} parts`);
  }
  const v = readers[kind](d, n, payload);
  d.r.leave();
  return v;
};
