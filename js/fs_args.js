/** The arguments of fs: paths, descriptors, flags, modes, encodings, options. */
const { codes } = require('errors');
const { Buffer } = require('buffer');
const { constants } = require('fs_native');
const { validateInteger } = require('validators');

/** A path as text; it may be given as a Buffer or a file: URL. */
function pathOf(value, name = 'path') {
  let path = value;
  if (path !== null && typeof path === 'object' && typeof path.href === 'string' && typeof path.protocol === 'string') {
    path = require('url').fileURLToPath(path);
  }
  if (path instanceof Uint8Array) path = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString();
  if (typeof path !== 'string') throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'URL'], value);
  if (path.includes('\u0000')) {
    throw new codes.ERR_INVALID_ARG_VALUE(name, value, 'must be a string, Uint8Array, or URL without null bytes');
  }
  return path;
}

/** A descriptor. */
function fdOf(fd) {
  validateInteger(fd, 'fd', 0, 2147483647);
  return fd;
}

/** A path, or the number of a descriptor. */
function fileOf(file) {
  if (Number.isInteger(file) && file >= 0) return fdOf(file);
  if (file !== null && typeof file === 'object' && typeof file.fd === 'number') return file.fd;
  return pathOf(file);
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC = 0 } = constants;
const W = O_TRUNC | O_CREAT;
const A = O_APPEND | O_CREAT;
const FLAGS = {
  r: O_RDONLY, rs: O_RDONLY | O_SYNC, sr: O_RDONLY | O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC, 'sr+': O_RDWR | O_SYNC,
  w: W | O_WRONLY, wx: W | O_WRONLY | O_EXCL, xw: W | O_WRONLY | O_EXCL,
  'w+': W | O_RDWR, 'wx+': W | O_RDWR | O_EXCL, 'xw+': W | O_RDWR | O_EXCL,
  a: A | O_WRONLY, ax: A | O_WRONLY | O_EXCL, xa: A | O_WRONLY | O_EXCL, as: A | O_WRONLY | O_SYNC, sa: A | O_WRONLY | O_SYNC,
  'a+': A | O_RDWR, 'ax+': A | O_RDWR | O_EXCL, 'xa+': A | O_RDWR | O_EXCL, 'as+': A | O_RDWR | O_SYNC, 'sa+': A | O_RDWR | O_SYNC,
};

/** Flags of open as a number. */
function flagsOf(flags, name = 'flags') {
  if (typeof flags === 'number') {
    validateInteger(flags, name, -2147483648, 2147483647);
    return flags;
  }
  if (flags === undefined || flags === null) return O_RDONLY;
  if (typeof flags === 'string' && Object.prototype.hasOwnProperty.call(FLAGS, flags)) return FLAGS[flags];
  throw new codes.ERR_INVALID_ARG_VALUE('flags', flags);
}

/** Permission bits, given as a number or in octal. */
function modeOf(mode, fallback, name = 'mode') {
  if ((mode === undefined || mode === null) && fallback !== undefined) return fallback;
  if (typeof mode === 'string') {
    if (!/^[0-7]+$/.test(mode)) throw new codes.ERR_INVALID_ARG_VALUE(name, mode, 'must be a 32-bit unsigned integer or an octal string');
    return Number.parseInt(mode, 8);
  }
  validateInteger(mode, name, 0, 4294967295);
  return mode;
}

/** Options given as an object or as an encoding. */
function optionsOf(options, defaults) {
  if (options === undefined || options === null || typeof options === 'function') return { ...defaults };
  if (typeof options === 'string') return { ...defaults, encoding: checkEncoding(options) };
  if (typeof options !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', ['string', 'Object'], options);
  const merged = { ...defaults, ...options };
  if (merged.encoding !== undefined && merged.encoding !== null) checkEncoding(merged.encoding);
  if (merged.signal) {
    require('validators').validateAbortSignal(merged.signal, 'options.signal');
  }
  return merged;
}

/** Throws once the signal is aborted: as the operation's own failure, not as one of its arguments. */
function* obey(signal) {
  if (!signal || !signal.aborted) return;
  yield ['await', Promise.resolve()];
  const { AbortError } = require('errors');
  throw new AbortError(undefined, { cause: signal.reason });
}

/** An array of views, for readv and writev. */
function viewsOf(buffers) {
  if (!Array.isArray(buffers) || !buffers.every((view) => ArrayBuffer.isView(view))) {
    throw new codes.ERR_INVALID_ARG_TYPE('buffers', 'ArrayBufferView[]', buffers);
  }
  return buffers;
}

function checkEncoding(encoding) {
  if (encoding !== 'buffer' && !Buffer.isEncoding(encoding)) {
    throw new codes.ERR_INVALID_ARG_VALUE('encoding', encoding, 'is invalid encoding');
  }
  return encoding;
}

/** Text that an operation gives, in the encoding wanted. */
function encoded(text, encoding) {
  if (encoding === undefined || encoding === null || encoding === 'utf8' || encoding === 'utf-8') return text;
  const buffer = Buffer.from(text);
  return encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

/** Data to write, as a Uint8Array or as a string in UTF-8. */
function dataOf(data, encoding, name = 'data') {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (typeof data !== 'string') throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  return encoding === undefined || encoding === null || /^utf-?8$/i.test(encoding) ? data : Buffer.from(data, encoding);
}

/** A time as seconds since 1970: a number, the text of one, or a Date. */
function secondsOf(time) {
  if (typeof time === 'string' && +time == time) return +time;
  if (Number.isFinite(time)) return time < 0 ? Date.now() / 1000 : time;
  if (time instanceof Date) return time.getTime() / 1000;
  throw new codes.ERR_INVALID_ARG_TYPE('time', ['Date', 'Time in seconds'], time);
}

module.exports = { obey, viewsOf, pathOf, fdOf, fileOf, flagsOf, modeOf, optionsOf, encoded, dataOf, secondsOf };
