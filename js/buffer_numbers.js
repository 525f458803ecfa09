/** The methods of Buffer that read and write numbers. */
const { codes } = require('errors');
const quick = require('buffer_native');

const methods = {};

/** Throws unless size bytes can be had at offset. */
function check(buffer, offset, size) {
  if (typeof offset !== 'number') throw new codes.ERR_INVALID_ARG_TYPE('offset', 'number', offset);
  if (Number.isInteger(offset) && offset >= 0 && offset + size <= buffer.length) return;
  if (Math.floor(offset) !== offset) throw new codes.ERR_OUT_OF_RANGE('offset', 'an integer', offset);
  if (buffer.length < size) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS();
  throw new codes.ERR_OUT_OF_RANGE('offset', `>= 0 and <= ${buffer.length - size}`, offset);
}

const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

/** Range of an integer as node says it: with powers of two for large ones. */
function limits(size, signed, big) {
  const n = big ? 'n' : '';
  if (size > 4 || big) {
    const bits = size * 8;
    if (signed) return `>= -(2${n} ** ${bits - 1}${n}) and < 2${n} ** ${bits - 1}${n}`;
    return `>= 0${n} and < 2${n} ** ${bits}${n}`;
  }
  const most = 2 ** (size * 8 - (signed ? 1 : 0));
  return signed ? `>= -${most} and <= ${most - 1}` : `>= 0 and <= ${most - 1}`;
}

function checkValue(value, size, signed) {
  const most = 2 ** (size * 8 - (signed ? 1 : 0));
  if (value > most - 1 || value < (signed ? -most : 0)) throw new codes.ERR_OUT_OF_RANGE('value', limits(size, signed, false), value);
}

/** The name that node gives to the function: those of floats say whether they go with the machine, which is little. */
const called = (verb, name) => verb + (/^(?:Float|Double)/.test(name) ? name.replace('LE', 'Forwards').replace('BE', 'Backwards') : name);

/** Defines a pair of methods under its names (readUInt8 and readUint8), with a quick native form where there is one. */
function define(name, read, write) {
  for (const [verb, slow, native] of [['read', read, quick.reader], ['write', write, quick.writer]]) {
    const label = called(verb, name);
    const method = native(name, slow, label) ?? Object.defineProperty(slow, 'name', { value: label });
    for (const alias of new Set([name, name.replace('UInt', 'Uint')])) methods[verb + alias] = method;
  }
}

for (const [type, size, signed] of [['Int8', 1, true], ['Uint8', 1, false], ['Int16', 2, true], ['Uint16', 2, false],
  ['Int32', 4, true], ['Uint32', 4, false]]) {
  for (const little of size === 1 ? [true] : [true, false]) {
    const ending = size === 1 ? '' : little ? 'LE' : 'BE';
    define(`${type.replace('Uint', 'UInt')}${ending}`, function read(offset = 0) {
      check(this, offset, size);
      return view(this)[`get${type}`](offset, little);
    }, function write(value, offset = 0) {
      const number = +value;
      checkValue(number, size, signed);
      check(this, offset, size);
      view(this)[`set${type}`](offset, number, little);
      return offset + size;
    });
  }
}

for (const little of [true, false]) {
  const ending = little ? 'LE' : 'BE';
  for (const [name, type, size] of [['Float', 'Float32', 4], ['Double', 'Float64', 8]]) {
    define(`${name}${ending}`, function read(offset = 0) {
      check(this, offset, size);
      return view(this)[`get${type}`](offset, little);
    }, function write(value, offset = 0) {
      check(this, offset, size);
      view(this)[`set${type}`](offset, +value, little);
      return offset + size;
    });
  }
  for (const [name, type, signed] of [['BigInt64', 'BigInt64', true], ['BigUInt64', 'BigUint64', false]]) {
    define(`${name}${ending}`, function read(offset = 0) {
      check(this, offset, 8);
      return view(this)[`get${type}`](offset, little);
    }, function write(value, offset = 0) {
      if (typeof value !== 'bigint') throw new TypeError('Cannot mix BigInt and other types, use explicit conversions');
      const most = 2n ** (signed ? 63n : 64n);
      if (value >= most || value < (signed ? -most : 0n)) throw new codes.ERR_OUT_OF_RANGE('value', limits(8, signed, true), value);
      check(this, offset, 8);
      view(this)[`set${type}`](offset, value, little);
      return offset + 8;
    });
  }
  for (const signed of [true, false]) {
    define(`${signed ? 'Int' : 'UInt'}${ending}`, function read(offset, size) {
      return readSized(this, offset, size, little, signed);
    }, function write(value, offset, size) {
      return writeSized(this, +value, offset, size, little, signed);
    });
  }
}

function checkSize(size) {
  if (typeof size !== 'number') throw new codes.ERR_INVALID_ARG_TYPE('byteLength', 'number', size);
  if (Math.floor(size) !== size) throw new codes.ERR_OUT_OF_RANGE('byteLength', 'an integer', size);
  if (size < 1 || size > 6) throw new codes.ERR_OUT_OF_RANGE('byteLength', '>= 1 and <= 6', size);
}

/** An integer of 1 to 6 bytes. */
function readSized(buffer, offset, size, little, signed) {
  if (offset === undefined) throw new codes.ERR_INVALID_ARG_TYPE('offset', 'number', offset);
  checkSize(size);
  check(buffer, offset, size);
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + buffer[little ? offset + size - 1 - i : offset + i];
  return signed && value >= 2 ** (size * 8 - 1) ? value - 2 ** (size * 8) : value;
}

function writeSized(buffer, value, offset, size, little, signed) {
  checkSize(size);
  checkValue(value, size, signed);
  check(buffer, offset, size);
  let rest = Math.trunc(value);
  for (let i = 0; i < size; i++) {
    buffer[little ? offset + i : offset + size - 1 - i] = rest;
    rest = Math.floor(rest / 256);
  }
  return offset + size;
}

module.exports = methods;
