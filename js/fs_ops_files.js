/** Operations of fs on the contents of files. */
const { codes } = require('errors');
const { Buffer } = require('buffer');
const { constants } = require('fs_native');
const { obey, viewsOf, fdOf, fileOf, pathOf, flagsOf, modeOf, optionsOf, dataOf, secondsOf } = require('fs_args');
const { statsOf } = require('fs_stats');
const { validateBoolean, validateInteger } = require('validators');

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** A position in a file; null and -1 mean where it stands. */
function positionOf(position, size = 0) {
  if (position === undefined || position === null) return -1;
  if (typeof position === 'bigint') {
    const most = 2n ** 63n - 1n - BigInt(size);
    if (position < -1n || position > most) throw new codes.ERR_OUT_OF_RANGE('position', `>= -1 && <= ${most}`, position);
    return Number(position);
  }
  if (typeof position !== 'number') throw new codes.ERR_INVALID_ARG_TYPE('position', ['integer', 'bigint'], position);
  validateInteger(position, 'position', -1);
  return position;
}

/** The part of view that an operation reads or writes: (view, offset, length) or (view, {offset, length, position}). */
function partOf(view, offset, length, position) {
  if (!ArrayBuffer.isView(view)) throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], view);
  let from = offset;
  let size = length;
  let at = position;
  if (from !== null && typeof from === 'object') ({ offset: from, length: size, position: at } = from);
  from = from === undefined || from === null ? 0 : from;
  validateInteger(from, 'offset', 0);
  size = size === undefined || size === null ? view.byteLength - from : size;
  if (from > view.byteLength) throw new codes.ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${view.byteLength}`, from);
  validateInteger(size, 'length', 0);
  if (size === 0) return [bytesOf(view).subarray(from, from), positionOf(at)];
  if (size > view.byteLength - from) throw new codes.ERR_OUT_OF_RANGE('length', `<= ${view.byteLength - from}`, size);
  return [bytesOf(view).subarray(from, from + size), positionOf(at, size)];
}

/** Writes a whole file; flush has the system put it on the disk before it is done. */
function* putFile(file, data, options, otherwise) {
  const { encoding, flag, mode, flush, signal } = optionsOf(options, { encoding: 'utf8', mode: 0o666, flag: otherwise, flush: false });
  if (flush !== undefined && flush !== null) validateBoolean(flush, 'flush');
  const [given, bytes, flags, bits] = [fileOf(file), dataOf(data, encoding), flagsOf(flag), modeOf(mode, 0o666)];
  yield* obey(signal);
  if (!flush) {
    yield ['writeFile', given, bytes, flags, bits];
  } else {
    const fd = typeof given === 'number' ? given : yield ['open', given, flags, bits];
    try {
      yield ['writeFile', fd, bytes, flags, bits];
      yield ['fsync', fd];
    } finally {
      if (fd !== given) yield ['close', fd];
    }
  }
  yield* obey(signal);
}

module.exports = {
  * open(path, flags, mode) {
    return yield ['open', pathOf(path), flagsOf(typeof flags === 'function' ? undefined : flags), modeOf(mode, 0o666)];
  },

  * close(fd) { yield ['close', fdOf(fd)]; },

  * read(fd, buffer, offset, length, position) {
    fdOf(fd);
    let target = buffer;
    let from = offset;
    if (target === undefined || (target !== null && typeof target === 'object' && !ArrayBuffer.isView(target))) {
      from = target || {};
      if (from.buffer === null) throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], from);
      target = from.buffer || Buffer.alloc(16384);
    } else if (arguments.length === 3 && offset !== undefined && offset !== null && (typeof offset !== 'object' || Array.isArray(offset))) {
      throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', offset);
    }
    if (ArrayBuffer.isView(target) && target.byteLength === 0 && (from !== null && typeof from === 'object' ? from.length : length) > 0) {
      throw new codes.ERR_INVALID_ARG_VALUE('buffer', target, 'is empty and cannot be written');
    }
    const [part, at] = partOf(target, from, length, position);
    const bytesRead = part.length === 0 ? 0 : yield ['read', fd, part, at];
    return { bytesRead, buffer: target };
  },

  /** write(fd, view[, offset[, length[, position]]]) or write(fd, string[, position[, encoding]]) */
  * write(fd, buffer, offset, length, position) {
    fdOf(fd);
    if (ArrayBuffer.isView(buffer)) {
      const [part, at] = partOf(buffer, offset, length, position);
      return { bytesWritten: part.length === 0 ? 0 : yield ['write', fd, part, at], buffer };
    }
    if (typeof buffer !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], buffer);
    const encoding = typeof length === 'string' ? length : undefined;
    return { bytesWritten: yield ['write', fd, dataOf(buffer, encoding), positionOf(offset)], buffer };
  },

  * readv(fd, buffers, position) {
    fdOf(fd);
    let bytesRead = 0;
    let at = positionOf(position);
    for (const view of viewsOf(buffers)) {
      const count = yield ['read', fd, bytesOf(view), at];
      bytesRead += count;
      if (at >= 0) at += count;
      if (count < view.byteLength) break;
    }
    return { bytesRead, buffers };
  },

  * writev(fd, buffers, position) {
    fdOf(fd);
    let bytesWritten = 0;
    let at = positionOf(position);
    for (const view of viewsOf(buffers)) {
      const count = yield ['write', fd, bytesOf(view), at];
      bytesWritten += count;
      if (at >= 0) at += count;
    }
    return { bytesWritten, buffers };
  },

  * readFile(file, options) {
    const { encoding, flag, signal } = optionsOf(options, { flag: 'r' });
    const given = fileOf(file);
    yield* obey(signal);
    const buffer = Buffer.from(yield ['readFile', given, flagsOf(flag)]);
    yield* obey(signal);
    return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
  },

  * writeFile(file, data, options) { yield* putFile(file, data, options, 'w'); },
  * appendFile(file, data, options) { yield* putFile(file, data, options, 'a'); },

  * fstat(fd, options) { return statsOf(yield ['fstat', fdOf(fd)], options); },

  * ftruncate(fd, length = 0) {
    validateInteger(length, 'len');
    yield ['ftruncate', fdOf(fd), Math.max(0, length)];
  },

  * truncate(path, length = 0) {
    const size = typeof length === 'function' ? 0 : length;
    validateInteger(size, 'len');
    if (typeof path === 'number') {
      yield ['ftruncate', fdOf(path), Math.max(0, size)];
      return;
    }
    const fd = yield ['open', pathOf(path), constants.O_RDWR, 0o666];
    try {
      yield ['ftruncate', fd, Math.max(0, size)];
    } finally {
      yield ['close', fd];
    }
  },

  * fsync(fd) { yield ['fsync', fdOf(fd)]; },
  * fdatasync(fd) { yield ['fsync', fdOf(fd)]; },
  * fchmod(fd, mode) { yield ['fchmod', fdOf(fd), modeOf(mode)]; },
  * fchown(fd, uid, gid) { yield ['fchown', fdOf(fd), uid, gid]; },
  * futimes(fd, atime, mtime) { yield ['futime', fdOf(fd), secondsOf(atime), secondsOf(mtime)]; },
};
