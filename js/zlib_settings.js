/** The options and errors of zlib. */
const { kMaxLength } = require('buffer');
const { codes } = require('errors');
const { constants } = require('zlib_constants');

/** An error of a codec. */
function zlibError([errno, code, text]) {
  if (code === 'ERR_BUFFER_TOO_LARGE') return new codes.ERR_BUFFER_TOO_LARGE(kMaxLength);
  const err = new Error(text);
  err.errno = errno;
  err.code = code;
  return err;
}

/** A finite number within [min, max], or fallback. */
function number(value, name, min, max, fallback) {
  if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return fallback;
  if (typeof value !== 'number') throw new codes.ERR_INVALID_ARG_TYPE(name, 'number', value);
  if (!Number.isFinite(value) && max !== Infinity) throw new codes.ERR_OUT_OF_RANGE(name, 'a finite number', value);
  if (value < min || value > max) throw new codes.ERR_OUT_OF_RANGE(name, max === Infinity ? `>= ${min}` : `>= ${min} and <= ${max}`, value);
  return value;
}

/** Checks the options of a class; native: what the codec gets. */
function settings(mode, options) {
  const o = options || {};
  const brotli = mode === 'brotli';
  const out = { mode, level: -1, window: 0, dictionary: undefined };
  out.chunkSize = number(o.chunkSize, 'options.chunkSize', constants.Z_MIN_CHUNK, Infinity, constants.Z_DEFAULT_CHUNK);
  const last = brotli ? constants.BROTLI_OPERATION_EMIT_METADATA : constants.Z_BLOCK;
  out.flush = number(o.flush, 'options.flush', 0, last, 0);
  out.finishFlush = number(o.finishFlush, 'options.finishFlush', 0, last, brotli ? constants.BROTLI_OPERATION_FINISH : constants.Z_FINISH);
  out.maxSize = number(o.maxOutputLength, 'options.maxOutputLength', 1, kMaxLength, kMaxLength);
  if (brotli) {
    const params = o.params || {};
    const seen = new Set();
    for (const key of Object.keys(params)) {
      if (!(+key >= 0 && +key <= 9) || seen.has(+key)) throw new codes.ERR_BROTLI_INVALID_PARAM(key);
      const value = params[key];
      if (typeof value !== 'number' && typeof value !== 'boolean') throw new codes.ERR_INVALID_ARG_TYPE('options.params[key]', 'number', value);
      seen.add(+key);
      if (+key === constants.BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING && +value > 1) throw new codes.ERR_ZLIB_INITIALIZATION_FAILED();
    }
    out.level = params[constants.BROTLI_PARAM_QUALITY] ?? constants.BROTLI_DEFAULT_QUALITY;
    out.window = params[constants.BROTLI_PARAM_LGWIN] ?? 0;
    return out;
  }
  if (o.windowBits) number(o.windowBits, 'options.windowBits', mode === 'raw' || mode === 'deflate' ? 8 : 9, 15, 15);
  out.level = number(o.level, 'options.level', -1, 9, -1);
  number(o.memLevel, 'options.memLevel', 1, 9, 8);
  out.strategy = number(o.strategy, 'options.strategy', 0, 4, 0);
  let { dictionary } = o;
  if (dictionary !== undefined && !ArrayBuffer.isView(dictionary)) {
    if (!(dictionary instanceof ArrayBuffer)) throw new codes.ERR_INVALID_ARG_TYPE('options.dictionary', ['Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], dictionary);
    dictionary = new Uint8Array(dictionary);
  }
  if (dictionary) out.dictionary = new Uint8Array(dictionary.buffer, dictionary.byteOffset, dictionary.byteLength);
  return out;
}

module.exports = { settings, number, zlibError };
