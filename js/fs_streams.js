/** fs.ReadStream and fs.WriteStream. */
const { Readable, Writable, finished } = require('stream');
const { Buffer } = require('buffer');
const { codes } = require('errors');
const { pathOf } = require('fs_args');
const { validateInteger, validateFunction, validateAbortSignal } = require('validators');
const fs = require('fs');

const FastBuffer = Buffer[Symbol.species];

/** A copy of the options, what they inherit included. */
function inherited(defaults, options) {
  const all = { ...defaults };
  for (const key in options) all[key] = options[key];
  return all;
}

/** Options as an object, checked. */
function optionsOf(options, defaults) {
  let given = options;
  if (typeof given === 'string') given = { encoding: given };
  if (given !== undefined && given !== null && typeof given !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', ['string', 'Object'], options);
  given = inherited(defaults, given);
  if (given.signal !== undefined) validateAbortSignal(given.signal, 'options.signal');
  if (given.encoding && given.encoding !== 'buffer' && !Buffer.isEncoding(given.encoding)) {
    throw new codes.ERR_INVALID_ARG_VALUE('encoding', given.encoding, 'is invalid encoding');
  }
  return given;
}

/** Takes the file: a path to open, a descriptor, or a FileHandle; and the functions of another fs, if given. */
function take(stream, path, options, needed) {
  const own = options.fs || fs;
  for (const name of ['open', 'close', ...needed]) {
    if (options.fs && (name in own ? typeof own[name] !== 'function' : name === needed[0] || name === 'open')) validateFunction(own[name], `options.fs.${name}`);
  }
  Object.defineProperty(stream, '_fs', { value: own });
  if (options.fd === undefined || options.fd === null) {
    stream.fd = null;
    stream.path = path instanceof Buffer ? path : pathOf(path);
    stream.flags = options.flags;
    stream.mode = options.mode;
  } else if (typeof options.fd === 'number') {
    validateInteger(options.fd, 'fd', 0, 2147483647);
    stream.fd = options.fd;
    if (path !== undefined && path !== null) stream.path = pathOf(path);
  } else if (typeof options.fd === 'object' && typeof options.fd.fd === 'number') {
    if (options.fs) throw new codes.ERR_METHOD_NOT_IMPLEMENTED('FileHandle with fs');
    const handle = options.fd;
    stream.fd = handle.fd;
    Object.defineProperty(stream, '_file', { value: handle });
    const end = () => stream.close();
    handle.on('close', end);
    stream.once('close', () => handle.removeListener('close', end));
  } else {
    throw new codes.ERR_INVALID_ARG_TYPE('options.fd', ['number', 'FileHandle'], options.fd);
  }
}

function position(options, name) {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw new codes.ERR_INVALID_ARG_TYPE(name, 'number', value);
  if (!(name === 'end' && value === Infinity)) validateInteger(value, name, 0);
  return value;
}

/** Opens in the stream's own time; a given descriptor is there already. */
function open(callback) {
  if (typeof this.fd === 'number') {
    callback();
    return;
  }
  if (this.open !== openAgain) { // a script of node's early years has its own
    openOld(this, callback);
    return;
  }
  this._fs.open(this.path, this.flags, this.mode, (err, fd) => {
    if (err) {
      callback(err);
      return;
    }
    this.fd = fd;
    callback();
    this.emit('open', fd);
    this.emit('ready');
  });
}

/** Calls a stream's own open, which says by an event that it is done. */
function openOld(stream, callback) {
  const { emit } = stream;
  stream.emit = function emitOpen(type, ...args) {
    if (type === 'open') {
      stream.emit = emit;
      callback();
      return emit.call(stream, type, ...args);
    }
    if (type === 'error') {
      stream.emit = emit;
      callback(args[0]);
      return true;
    }
    return emit.call(stream, type, ...args);
  };
  stream.open();
}

function openAgain() {}

/** Closes once nothing is under way any more. */
function close(stream, err, callback) {
  if (stream._busy) {
    stream.once(kIdle, (failure) => close(stream, err || failure, callback));
    return;
  }
  const { fd } = stream;
  stream.fd = null;
  if (typeof fd !== 'number') {
    callback(err);
  } else if (stream._file) {
    stream._file.close().then(() => callback(err), (failure) => callback(err || failure));
  } else {
    stream._fs.close(fd, (failure) => callback(err || failure));
  }
}
const kIdle = Symbol('idle');

function idle(stream, err) {
  stream._busy = false;
  if (stream.destroyed) stream.emit(kIdle, err);
}

/** What both classes have. */
function equip(prototype) {
  Object.defineProperty(prototype, 'autoClose', {
    configurable: true,
    get() { return (this._readableState || this._writableState).autoDestroy; },
    set(on) { (this._readableState || this._writableState).autoDestroy = on; },
  });
  Object.defineProperty(prototype, 'pending', { configurable: true, get() { return this.fd === null; } });
  prototype._construct = open;
  prototype.open = openAgain;
  prototype._destroy = function _destroy(err, callback) { close(this, err, callback); };
}

function setup(stream, Base, options) {
  options.autoDestroy = options.autoClose === undefined ? true : options.autoClose;
  Base.call(stream, options);
}

function ReadStream(path, given) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, given);
  const options = optionsOf(given, { flags: 'r', mode: 0o666, highWaterMark: 64 * 1024 });
  if (options.encoding === 'buffer') delete options.encoding;
  this.bytesRead = 0;
  this._busy = false;
  take(this, path, options, ['read']);
  this.start = position(options, 'start');
  this.end = position(options, 'end') ?? Infinity;
  this.pos = this.start;
  if (this.start !== undefined && this.start > this.end) {
    throw new codes.ERR_OUT_OF_RANGE('start', `<= "end" (here: ${this.end})`, this.start);
  }
  setup(this, Readable, options);
  return undefined;
}
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
Object.setPrototypeOf(ReadStream, Readable);
equip(ReadStream.prototype);

ReadStream.prototype._read = function _read(size) {
  const n = this.pos !== undefined ? Math.min(this.end - this.pos + 1, size) : Math.min(this.end - this.bytesRead + 1, size);
  if (n <= 0) {
    this.push(null);
    return;
  }
  this._busy = true;
  this._fs.read(this.fd, new FastBuffer(n), 0, n, this.pos ?? null, (err, count, buffer) => {
    idle(this, err);
    if (this.destroyed) return;
    if (err) {
      require('stream_destroy').errorOrDestroy(this, err);
    } else if (count > 0) {
      if (this.pos !== undefined) this.pos += count;
      this.bytesRead += count;
      this.push(count === buffer.length ? buffer : buffer.subarray(0, count));
    } else {
      this.push(null);
    }
  });
};
ReadStream.prototype.close = function closeStream(callback) {
  if (callback) finished(this, { writable: false }, (err) => callback(err && err.code !== 'ERR_STREAM_PREMATURE_CLOSE' ? err : undefined));
  this.destroy();
};

function WriteStream(path, given) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, given);
  const options = optionsOf(given, { flags: 'w', mode: 0o666 });
  options.decodeStrings = true;
  this.bytesWritten = 0;
  this._busy = false;
  take(this, path, options, ['write']);
  if (options.fs && typeof options.fs.write !== 'function') this._write = null;
  this.start = position(options, 'start');
  this.pos = this.start;
  if (options.flush !== undefined && options.flush !== null) require('validators').validateBoolean(options.flush, 'options.flush');
  this.flush = Boolean(options.flush);
  setup(this, Writable, options);
  if (options.encoding && options.encoding !== 'buffer') this.setDefaultEncoding(options.encoding);
  return undefined;
}
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);
equip(WriteStream.prototype);

/** Writes all of chunk: the system may take a part only. */
function writeAll(stream, chunk, callback) {
  stream._busy = true;
  stream._fs.write(stream.fd, chunk, 0, chunk.length, stream.pos ?? null, (err, count) => {
    const left = err ? 0 : chunk.length - count;
    if (!err) {
      stream.bytesWritten += count;
      if (stream.pos !== undefined) stream.pos += count;
    }
    if (left > 0 && !stream.destroyed) {
      writeAll(stream, chunk.subarray(count), callback);
      return;
    }
    idle(stream, err);
    callback(stream.destroyed && !err ? new codes.ERR_STREAM_DESTROYED('write') : err);
  });
}

WriteStream.prototype._write = function _write(chunk, encoding, callback) { writeAll(this, chunk, callback); };
WriteStream.prototype._writev = function _writev(chunks, callback) { writeAll(this, Buffer.concat(chunks.map((c) => c.chunk)), callback); };
WriteStream.prototype._destroy = function _destroy(err, callback) {
  if (this.flush && !err && typeof this.fd === 'number') this._fs.fsync(this.fd, (failure) => close(this, failure, callback));
  else close(this, err, callback);
};
WriteStream.prototype.close = function closeStream(callback) {
  if (callback) {
    if (this.closed) {
      process.nextTick(callback);
      return;
    }
    this.on('close', callback);
  }
  if (!this.autoClose) this.on('finish', this.destroy);
  this.end();
};
WriteStream.prototype.destroySoon = WriteStream.prototype.end;

module.exports = { ReadStream, WriteStream };
