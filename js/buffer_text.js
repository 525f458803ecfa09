/** The methods of Buffer that read and write texts, and how it is printed. */
const { codes, withCode } = require('errors');
const native = require('buffer_native');
const { encode, encodingOf } = require('buffer_codec');
const { validateInteger } = require('validators');

function knownEncoding(encoding) {
  const name = encodingOf(encoding);
  if (name === undefined) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
  return name;
}

const methods = {
  toString(encoding, start, end) {
    if (encoding === undefined && start === undefined && end === undefined) return encode(this, 'utf8');
    let from = start === undefined ? 0 : Math.trunc(start) || 0;
    if (from < 0) from = 0;
    if (from >= this.length) return '';
    let to = end === undefined ? this.length : Math.trunc(end) || 0;
    if (to > this.length) to = this.length;
    if (to <= from) return '';
    const name = knownEncoding(encoding);
    return native.text(this, name, from, to) ?? '';
  },

  toLocaleString(encoding, start, end) { return methods.toString.call(this, encoding, start, end); },

  /** write(string[, offset[, length]][, encoding]) returns how many bytes it wrote. */
  write(string, offset, length, encoding) {
    let at = 0;
    let room = this.length;
    let name = encoding;
    if (typeof offset === 'string') name = offset;
    else if (offset !== undefined) {
      validateInteger(offset, 'offset', 0, this.length);
      at = offset;
      room = this.length - at;
      if (typeof length === 'string') name = length;
      else if (length !== undefined) {
        validateInteger(length, 'length', 0, this.length);
        room = Math.min(room, length);
      }
    }
    if (typeof string !== 'string') throw withCode(new TypeError('argument must be a string'), 'ERR_INVALID_ARG_TYPE');
    const known = knownEncoding(name);
    return native.write(this, string, known, at, room) ?? 0;
  },

  toJSON() {
    return { type: 'Buffer', data: Array.from(this) };
  },

  [Symbol.for('nodejs.util.inspect.custom')](depth, ctx) {
    const most = require('buffer').INSPECT_MAX_BYTES;
    const shown = Math.min(most, this.length);
    let text = '';
    for (let i = 0; i < shown; i++) text += `${i ? ' ' : ''}${this[i].toString(16).padStart(2, '0')}`;
    const left = this.length - shown;
    if (left > 0) text += ` ... ${left} more byte${left > 1 ? 's' : ''}`;
    if (ctx) {
      const { keysOf, isIndex } = require('inspect_names');
      const extras = {};
      const keys = keysOf(this, ctx.showHidden).filter((key) => !isIndex(key));
      for (const key of keys) extras[key] = this[key];
      if (keys.length > 0) {
        if (this.length !== 0) text += ', ';
        text += require('inspect').inspect(extras, { ...ctx, breakLength: Infinity, compact: true }).slice(2, -2);
      }
    }
    return `<${this.constructor && this.constructor.name ? this.constructor.name : 'Buffer'} ${text}>`;
  },
};
methods.inspect = methods[Symbol.for('nodejs.util.inspect.custom')];

/** asciiSlice, utf8Write and the like: node has them for each encoding. */
for (const [name, encoding] of [['utf8', 'utf8'], ['ucs2', 'utf16le'], ['latin1', 'latin1'], ['ascii', 'ascii'],
  ['base64', 'base64'], ['base64url', 'base64url'], ['hex', 'hex']]) {
  methods[`${name}Slice`] = function slice(start, end) { return methods.toString.call(this, encoding, start, end); };
  methods[`${name}Write`] = function write(string, offset, length) { return methods.write.call(this, string, offset, length, encoding); };
}

module.exports = { methods, knownEncoding };
