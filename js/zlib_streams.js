/** The streams of zlib: Transforms over native codecs. */
const { Transform, finished } = require('stream');
const { Buffer } = require('buffer');
const { codes } = require('errors');
const native = require('zlib_native');
const { settings, number, zlibError } = require('zlib_settings');

const FastBuffer = Buffer[Symbol.species];
const kLevel = Symbol('level');

/** What all classes have in common. */
function setup(stream, mode, options) {
  const set = settings(mode, options);
  Transform.call(stream, { autoDestroy: true, ...options, encoding: null, objectMode: false, readableObjectMode: false, writableObjectMode: false });
  stream.bytesWritten = 0;
  stream._set = set;
  stream._level = set.level;
  stream._strategy = set.strategy;
  stream._closed = false;
  Object.defineProperty(stream, '_owner', { value: undefined, writable: true });
  stream._id = undefined;
}

const shared = {
  close(callback) {
    if (callback) finished(this, () => process.nextTick(callback));
    this.destroy();
  },

  _destroy(err, callback) {
    this._closed = true;
    if (this._id !== undefined) native.close(this._id);
    this._id = undefined;
    callback(err);
  },

  reset() {
    if (this._id === undefined && this._closed) throw new codes.ERR_INTERNAL_ASSERTION('zlib binding closed');
    if (this._id !== undefined) native.close(this._id);
    this._id = undefined;
    this._start();
  },

  params(level, strategy, callback) {
    number(level, 'level', -1, 9);
    number(strategy, 'strategy', 0, 4);
    if (this._level === level && this._strategy === strategy) {
      process.nextTick(callback);
      return;
    }
    this._level = level;
    this._strategy = strategy;
    this._change(level, callback);
  },

  /** Scripts ask this only whether the codec is still there. */
  get _handle() { return this._closed ? null : this._owner ??= { close: () => this.close() }; },
};
const sharedMembers = Object.getOwnPropertyDescriptors(shared);

/** Makes a compressing class. */
function compressing(name, mode) {
  const Class = { [name]: function Codec(options) {
    if (!(this instanceof Class)) return new Class(options);
    setup(this, mode, options);
    this._start();
    return undefined;
  } }[name];
  Object.setPrototypeOf(Class.prototype, Transform.prototype);
  Object.setPrototypeOf(Class, Transform);
  Object.defineProperties(Class.prototype, sharedMembers);
  Object.assign(Class.prototype, {
    _start() { this._id = native.compressor(this._set); },

    _run(chunk, kind, callback) {
      this.bytesWritten += chunk.length;
      this._give(native.write(this._id ?? -1, chunk, kind), callback);
    },

    /** Takes its turn among the writes, as an empty chunk that carries the level. */
    _change(level, callback) {
      if (this.writableEnded) {
        if (callback) process.nextTick(callback);
        return;
      }
      const turn = new FastBuffer(0);
      turn[kLevel] = level;
      this.write(turn, callback);
    },

    /** Pushes the memory that is promised. */
    _give(promise, callback) {
      promise.then((memory) => process.nextTick(() => {
        if (this.destroyed) {
          callback();
          return;
        }
        for (let at = 0; at < memory.byteLength; at += this._set.chunkSize) this.push(new FastBuffer(memory, at, Math.min(this._set.chunkSize, memory.byteLength - at)));
        callback();
      }), (fault) => process.nextTick(() => {
        if (this.destroyed) callback();
        else callback(zlibError(fault));
      }));
    },

    _transform(chunk, encoding, callback) {
      if (chunk[kLevel] !== undefined) {
        this._give(native.params(this._id ?? -1, chunk[kLevel]), callback);
        return;
      }
      const flush = this.writableEnded && this.writableLength === chunk.byteLength ? 0 : this._set.flush;
      this._run(chunk, flush, callback);
    },

    _flush(callback) { this._run(new Uint8Array(0), 4, callback); },

    flush(given, givenCallback) {
      const callback = typeof given === 'function' ? given : givenCallback;
      if (this.writableFinished) {
        if (callback) process.nextTick(callback);
      } else if (this.writableEnded) {
        if (callback) this.once('end', callback);
      } else {
        this._waitWrite(() => this._run(new Uint8Array(0), 2, callback || (() => {})));
      }
    },

    /** Runs fn after what was written before. */
    _waitWrite(fn) {
      const state = this._writableState;
      if (!state.writing && state.bufferedRequestCount === 0) fn();
      else this.write(new Uint8Array(0), fn);
    },
  });
  return Class;
}

/** Makes a decompressing class. */
function decompressing(name, mode) {
  const Class = { [name]: function Codec(options) {
    if (!(this instanceof Class)) return new Class(options);
    setup(this, mode, options);
    this._start();
    return undefined;
  } }[name];
  Object.setPrototypeOf(Class.prototype, Transform.prototype);
  Object.setPrototypeOf(Class, Transform);
  Object.defineProperties(Class.prototype, sharedMembers);
  Object.assign(Class.prototype, {
    /** The data says itself how it was compressed. */
    _change(level, callback) {
      if (callback) process.nextTick(callback);
    },

    _start() {
      this._over = false;
      this._waiting = null; // the callback of the chunk that is being read
      this._paused = false;
    },

    /** The codec, made for the first chunk. */
    _codec() {
      this._id ??= native.inflater(this._set, {
        ondata: (memory) => {
          let room = true;
          for (let at = 0; at < memory.byteLength; at += this._set.chunkSize) {
            room = this.push(new FastBuffer(memory, at, Math.min(this._set.chunkSize, memory.byteLength - at)));
          }
          if (room) native.more(this._id);
          else this._paused = true;
        },
        onneed: () => this._done(),
        onend: () => {
          this._over = true;
          this._done();
        },
        onfail: (fault) => {
          this._over = true;
          const lenient = fault[1] === 'Z_BUF_ERROR' && this._set.finishFlush !== (mode === 'brotli' ? 2 : 4);
          this._done(lenient ? undefined : zlibError(fault));
        },
      });
      return this._id;
    },

    _done(err) {
      const callback = this._waiting;
      this._waiting = null;
      if (callback) callback(err);
      else if (err) this.destroy(err);
    },

    _read(size) {
      if (this._paused && this._id !== undefined) {
        this._paused = false;
        native.more(this._id);
      }
      Transform.prototype._read.call(this, size);
    },

    _transform(chunk, encoding, callback) {
      this.bytesWritten += chunk.length;
      if (this._over || chunk.length === 0) {
        callback();
        return;
      }
      this._waiting = callback;
      native.feed(this._codec(), chunk);
    },

    _flush(callback) {
      if (this._over || this._id === undefined) {
        callback();
        return;
      }
      this._waiting = callback;
      native.feed(this._id, null);
    },

    flush(given, givenCallback) {
      const callback = typeof given === 'function' ? given : givenCallback;
      if (callback) process.nextTick(callback);
    },
  });
  return Class;
}

module.exports = { compressing, decompressing };
