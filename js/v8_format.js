/**
 * The tags of V8's wire format, version 15, as its value-serializer.cc names them: what `v8.serialize` of Node.js 20
 * writes. Numbers are little-endian; "varint" is seven bits a byte, lowest first, the highest bit set on all but the last.
 */
const tag = (c) => c.charCodeAt(0);

exports.VERSION = 15;
/** The oldest version that is read: Node.js 10 and later write it. */
exports.OLDEST = 13;

exports.T = Object.freeze({
  version: 0xff, padding: 0, verifyCount: tag('?'), hole: tag('-'), undefined: tag('_'), null: tag('0'), true: tag('T'), false: tag('F'),
  int32: tag('I'), uint32: tag('U'), double: tag('N'), bigint: tag('Z'), utf8: tag('S'), latin1: tag('"'), utf16: tag('c'),
  reference: tag('^'), object: tag('o'), endObject: tag('{'), sparse: tag('a'), endSparse: tag('@'), dense: tag('A'), endDense: tag('$'),
  date: tag('D'), trueObject: tag('y'), falseObject: tag('x'), numberObject: tag('n'), bigintObject: tag('z'), stringObject: tag('s'),
  regexp: tag('R'), map: tag(';'), endMap: tag(':'), set: tag("'"), endSet: tag(','), buffer: tag('B'), resizable: tag('~'),
  transferred: tag('t'), shared: tag('u'), view: tag('V'), host: tag('\\'), error: tag('r'),
  errorMessage: tag('m'), errorCause: tag('c'), errorStack: tag('s'), errorEnd: tag('.'),
});

/** The flags of a RegExp, the lowest bit first. */
exports.regexpFlags = Object.freeze(['g', 'i', 'm', 'y', 'u', 's', 'l', 'd', 'v']);

/** The classes of errors by their tag; anything else is an Error. */
exports.errors = Object.freeze({
  E: EvalError, R: RangeError, F: ReferenceError, S: SyntaxError, T: TypeError, U: URIError,
});

/** What a view after its buffer is, by its subtag. */
exports.views = Object.freeze({
  b: Int8Array, B: Uint8Array, C: Uint8ClampedArray, w: Int16Array, W: Uint16Array, d: Int32Array, D: Uint32Array,
  f: Float32Array, F: Float64Array, q: BigInt64Array, Q: BigUint64Array, '?': DataView,
});

/** What a view of the default classes is, by its number; the tenth is Buffer. */
exports.hostViews = Object.freeze([
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, DataView,
  undefined, BigInt64Array, BigUint64Array,
]);
exports.BUFFER = 10;

/** The class of a typed array or DataView, whatever its prototype says. */
const { typedArrayTag } = require('types');
exports.viewClass = (view) => {
  const name = typedArrayTag.call(view);
  return name === undefined ? DataView : exports.hostViews.find((c) => c !== undefined && c.name === name);
};

/** An error that node makes outside its tables of codes. */
exports.coded = (Class, code, text) => Object.assign(new Class(text), { code });
