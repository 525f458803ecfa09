/** stream.Writable: what waits to be written, and the end. The writing itself is in stream_write. */
const EE = require('events');
const { codes, AbortError } = require('errors');
const { Stream } = require('stream_legacy');
const { highWaterMarkOf, encodingOf } = require('stream_state');
const { construct, destroy, undestroy, errorOrDestroy } = require('stream_destroy');
const { define } = require('stream_readable_properties');

function WritableState(options, stream, duplex) {
  this.objectMode = Boolean(options && (options.objectMode || (duplex && options.writableObjectMode)));
  this.highWaterMark = highWaterMarkOf(options, 'writableHighWaterMark', duplex, this.objectMode);
  this.finalCalled = false;
  this.needDrain = false;
  this.ending = false;
  this.ended = false;
  this.finished = false;
  this.destroyed = false;
  this.decodeStrings = !(options && options.decodeStrings === false);
  this.defaultEncoding = encodingOf(options);
  this.length = 0;
  this.writing = false;
  this.corked = 0;
  this.sync = true; // _write is being called
  this.bufferProcessing = false;
  this.onwrite = (err) => require('stream_write').onwrite(stream, err);
  this.writecb = null;
  this.writelen = 0;
  this.afterWriteTickInfo = null;
  resetBuffer(this);
  this.pendingcb = 0;
  this.constructed = true;
  this.prefinished = false;
  this.errorEmitted = false;
  this.emitClose = !options || options.emitClose !== false;
  this.autoDestroy = !options || options.autoDestroy !== false;
  this.errored = null;
  this.closed = false;
  this.closeEmitted = false;
  this.onFinished = [];
}
WritableState.prototype.getBuffer = function getBuffer() { return this.buffered.slice(this.bufferedIndex); };
Object.defineProperty(WritableState.prototype, 'bufferedRequestCount', { get() { return this.buffered.length - this.bufferedIndex; } });

function resetBuffer(state) {
  state.buffered = [];
  state.bufferedIndex = 0;
  state.allBuffers = true; // of the waiting chunks: none is text
}

function Writable(options) {
  if (!(this instanceof Writable)) return new Writable(options);
  this._events ??= { close: undefined, error: undefined, prefinish: undefined, finish: undefined, drain: undefined };
  this._writableState = new WritableState(options, this, false);
  if (options) takeOptions(this, options);
  Stream.call(this, options);
  if (this._construct !== null && this._construct !== undefined) construct(this, () => started(this));
  return undefined;
}
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);
Writable.WritableState = WritableState;

/** The methods that options bring for the writable half. */
function takeOptions(stream, options) {
  if (typeof options.write === 'function') stream._write = options.write;
  if (typeof options.writev === 'function') stream._writev = options.writev;
  if (typeof options.destroy === 'function') stream._destroy = options.destroy;
  if (typeof options.final === 'function') stream._final = options.final;
  if (typeof options.construct === 'function') stream._construct = options.construct;
  if (options.signal) require('stream_signal').addAbortSignal(options.signal, stream);
}

/** Goes on with what was written before the stream was constructed. */
function started(stream) {
  const state = stream._writableState;
  const { clearBuffer, finishMaybe } = require('stream_write');
  if (!state.writing) clearBuffer(stream, state);
  finishMaybe(stream, state);
}

/** A duplex is a Writable too, though it inherits from Readable. */
Object.defineProperty(Writable, Symbol.hasInstance, {
  value(object) {
    if (Function.prototype[Symbol.hasInstance].call(this, object)) return true;
    return this === Writable && Boolean(object && object._writableState instanceof WritableState);
  },
});

Object.assign(Writable.prototype, {
  pipe() { errorOrDestroy(this, new codes.ERR_STREAM_CANNOT_PIPE()); },

  write(chunk, encoding, callback) {
    return require('stream_write').write(this, chunk, encoding, callback) === true;
  },

  cork() { this._writableState.corked += 1; },

  uncork() {
    const state = this._writableState;
    if (state.corked === 0) return;
    state.corked -= 1;
    if (!state.writing) require('stream_write').clearBuffer(this, state);
  },

  setDefaultEncoding(given) {
    const encoding = typeof given === 'string' ? given.toLowerCase() : given;
    if (!require('buffer').Buffer.isEncoding(encoding)) throw new codes.ERR_UNKNOWN_ENCODING(given);
    this._writableState.defaultEncoding = encoding;
    return this;
  },

  _write(chunk, encoding, callback) {
    if (!this._writev) throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_write()');
    this._writev([{ chunk, encoding }], callback);
  },
  _writev: null,

  end(chunk, encoding, callback) { return require('stream_write').end(this, chunk, encoding, callback); },

  destroy(err, callback) {
    const state = this._writableState;
    if (!state.destroyed && (state.bufferedIndex < state.buffered.length || state.onFinished.length > 0)) {
      process.nextTick(require('stream_write').failWaiting, state);
    }
    destroy.call(this, err, callback);
    return this;
  },
  _undestroy: undestroy,
  _destroy(err, callback) { callback(err); },
});
Writable.prototype[EE.captureRejectionSymbol] = function rejected(err) { this.destroy(err); };
Writable.prototype[Symbol.asyncDispose] = async function dispose() {
  let err = null;
  if (!this.destroyed) {
    err = this.writableFinished ? null : new AbortError();
    this.destroy(err);
  }
  await new Promise((resolve, reject) => {
    require('stream_finished').finished(this, (failure) => (failure && failure !== err && failure.name !== 'AbortError' ? reject(failure) : resolve(null)));
  });
};

const state = (name, otherwise = false) => function get() { return this._writableState ? this._writableState[name] : otherwise; };
const getters = {
  writableFinished: state('finished'),
  writableObjectMode: state('objectMode'),
  writableBuffer() { return this._writableState && this._writableState.getBuffer(); },
  writableEnded: state('ending'),
  writableNeedDrain() {
    const w = this._writableState;
    return w ? !w.destroyed && !w.ending && w.needDrain : false;
  },
  writableHighWaterMark: state('highWaterMark', undefined),
  writableCorked: state('corked', 0),
  writableLength: state('length', undefined),
  errored: state('errored', null),
  closed: state('closed'),
  writableAborted() {
    const w = this._writableState;
    return Boolean(w.writable !== false && (w.destroyed || w.errored) && !w.finished);
  },
};
define(Writable.prototype, getters);
Object.defineProperties(Writable.prototype, {
  writable: {
    configurable: true,
    get() {
      const w = this._writableState;
      return Boolean(w && w.writable !== false && !w.destroyed && !w.errored && !w.ending && !w.ended);
    },
    set(value) { if (this._writableState) this._writableState.writable = Boolean(value); },
  },
  destroyed: {
    configurable: true,
    get() { return this._writableState ? this._writableState.destroyed : false; },
    set(value) { if (this._writableState) this._writableState.destroyed = value; },
  },
});
Writable.fromWeb = (stream, options) => require('stream_web_adapters').writableFromWeb(stream, options);
Writable.toWeb = (stream) => require('stream_web_adapters').writableToWeb(stream);

module.exports = Writable;
Object.defineProperty(Writable, 'parts', { value: { takeOptions, started, resetBuffer } });
