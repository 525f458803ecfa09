/** The module "zlib". */
const { Buffer } = require('buffer');
const { codes } = require('errors');
const { validateFunction } = require('validators');
const native = require('zlib_native');
const zlib = require('zlib_constants');
const { compressing, decompressing } = require('zlib_streams');
const { settings, zlibError } = require('zlib_settings');

/** Class, name of the function that does all at once, mode, whether it compresses. */
const TABLE = [
  ['Deflate', 'deflate', 'deflate', true], ['Inflate', 'inflate', 'deflate', false],
  ['Gzip', 'gzip', 'gzip', true], ['Gunzip', 'gunzip', 'gzip', false],
  ['DeflateRaw', 'deflateRaw', 'raw', true], ['InflateRaw', 'inflateRaw', 'raw', false],
  ['Unzip', 'unzip', 'unzip', false],
  ['BrotliCompress', 'brotliCompress', 'brotli', true], ['BrotliDecompress', 'brotliDecompress', 'brotli', false],
];

function bytesOf(buffer) {
  if (typeof buffer === 'string') return Buffer.from(buffer);
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], buffer);
}

/** An error that stands for what came before it, where an end too early is allowed. */
function failure(fault, set) {
  if (fault[1] === 'ERR_BUFFER_TOO_LARGE') return new codes.ERR_BUFFER_TOO_LARGE(set.maxSize);
  return zlibError(fault);
}

const exported = {};
for (const [Class, name, mode, compress] of TABLE) {
  const make = compress ? compressing : decompressing;
  exported[Class] = make(Class, mode);
  exported[`create${Class}`] = (options) => new exported[Class](options);

  exported[name] = { [name](buffer, options, callback) {
    const done = typeof options === 'function' ? options : callback;
    const given = typeof options === 'function' ? {} : options;
    validateFunction(done, 'callback');
    const data = bytesOf(buffer);
    const set = settings(mode, given);
    // An end that comes too early is allowed for some: then what is there counts, as with the stream.
    if (set.finishFlush === 4 || set.finishFlush === (mode === 'brotli' ? 2 : 4)) {
      native.wholeAsync(set, data, compress).then((memory) => process.nextTick(done, null, result(memory, given, Class)),
        (fault) => process.nextTick(done, failure(fault, set)));
      return;
    }
    const stream = new exported[Class](given);
    const parts = [];
    stream.on('data', (chunk) => parts.push(chunk)).on('error', done).on('end', () => done(null, Buffer.concat(parts)));
    stream.end(data);
  } }[name];

  exported[`${name}Sync`] = { [`${name}Sync`](buffer, options) {
    const data = bytesOf(buffer);
    const set = settings(mode, options);
    try {
      return result(native.whole(set, data, compress), options, Class);
    } catch (fault) {
      if (!Array.isArray(fault)) throw fault;
      throw failure(fault, set);
    }
  } }[`${name}Sync`];
}

function result(memory, options, Class) {
  const buffer = Buffer.from(memory);
  return options && options.info ? { buffer, engine: new exported[Class](options) } : buffer;
}

module.exports = {
  ...exported,
  crc32(data, value = 0) {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) throw new codes.ERR_INVALID_ARG_TYPE('data', ['Buffer', 'TypedArray', 'DataView', 'string'], data);
    require('validators').validateUint32(value, 'value');
    return native.crc32(typeof data === 'string' ? data : bytesOf(data), value);
  },
};
Object.defineProperties(module.exports, {
  constants: { enumerable: true, value: zlib.constants },
  codes: { enumerable: true, value: zlib.codes },
});
for (const name of Object.keys(zlib.constants)) {
  if (!name.startsWith('BROTLI')) Object.defineProperty(module.exports, name, { enumerable: false, value: zlib.constants[name] });
}
