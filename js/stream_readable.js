/** stream.Readable: the buffer of what was pushed and not yet read. Flowing and piping are in stream_flow. */
const { codes } = require('errors');
const { Buffer } = require('buffer');
const { Stream } = require('stream_legacy');
const { highWaterMarkOf, encodingOf } = require('stream_state');
const { construct, destroy, undestroy, errorOrDestroy } = require('stream_destroy');

function ReadableState(options, stream, duplex) {
  this.objectMode = Boolean(options && (options.objectMode || (duplex && options.readableObjectMode)));
  this.highWaterMark = highWaterMarkOf(options, 'readableHighWaterMark', duplex, this.objectMode);
  this.buffer = [];
  this.bufferIndex = 0; // where in buffer the first unread chunk is
  this.length = 0;
  this.pipes = [];
  this.flowing = null;
  this.ended = false;
  this.endEmitted = false;
  this.reading = false;
  this.constructed = true;
  this.sync = true; // _read is being called
  this.needReadable = false;
  this.emittedReadable = false;
  this.readableListening = false;
  this.resumeScheduled = false;
  this.paused = null;
  this.errorEmitted = false;
  this.emitClose = !options || options.emitClose !== false;
  this.autoDestroy = !options || options.autoDestroy !== false;
  this.destroyed = false;
  this.errored = null;
  this.closed = false;
  this.closeEmitted = false;
  this.defaultEncoding = encodingOf(options);
  this.awaitDrainWriters = null; // whose buffer is full: one writable, or a Set once there were several pipes
  this.multiAwaitDrain = false;
  this.readingMore = false;
  this.dataEmitted = false;
  this.decoder = null;
  this.encoding = null;
  if (options && options.encoding) {
    const { StringDecoder } = require('string_decoder');
    this.decoder = new StringDecoder(options.encoding);
    this.encoding = options.encoding;
  }
}
Object.defineProperty(ReadableState.prototype, 'pipesCount', { get() { return this.pipes.length; } });

function Readable(options) {
  if (!(this instanceof Readable)) return new Readable(options);
  this._events ??= { close: undefined, error: undefined, data: undefined, end: undefined, readable: undefined };
  this._readableState = new ReadableState(options, this, false);
  if (options) {
    if (typeof options.read === 'function') this._read = options.read;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) require('stream_signal').addAbortSignal(options.signal, this);
  }
  Stream.call(this, options);
  if (this._construct !== null && this._construct !== undefined) {
    construct(this, () => {
      if (this._readableState.needReadable) require('stream_flow').maybeReadMore(this, this._readableState);
    });
  }
  return undefined;
}
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);
Readable.ReadableState = ReadableState;
module.exports = Readable;

const { emitReadable, emitReadableNow, maybeReadMore } = require('stream_flow');

Readable.prototype.destroy = destroy;
Readable.prototype._undestroy = undestroy;
Readable.prototype._destroy = function _destroy(err, callback) { callback(err); };
Readable.prototype[require('events').captureRejectionSymbol] = function rejected(err) { this.destroy(err); };

/** Takes a chunk from the source; false: enough for now. */
Readable.prototype.push = function push(chunk, encoding) { return add(this, chunk, encoding, false); };
/** Puts a chunk back, to be read next. */
Readable.prototype.unshift = function unshift(chunk, encoding) { return add(this, chunk, encoding, true); };

/** Bytes as a Buffer over the same memory. */
function asBuffer(view) {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function add(stream, given, givenEncoding, front) {
  const state = stream._readableState;
  let chunk = given;
  let encoding = givenEncoding;
  if (!state.objectMode && chunk !== null) {
    if (typeof chunk === 'string') {
      encoding = encoding || state.defaultEncoding;
      if (state.encoding !== encoding) {
        chunk = Buffer.from(chunk, encoding);
        if (front && state.encoding) chunk = chunk.toString(state.encoding);
        else encoding = '';
      }
    } else if (chunk instanceof Buffer) {
      encoding = '';
    } else if (ArrayBuffer.isView(chunk)) {
      chunk = asBuffer(chunk);
      encoding = '';
    } else if (chunk !== undefined) {
      errorOrDestroy(stream, new codes.ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk));
      return false;
    }
  } else if (state.objectMode && typeof chunk === 'string' && state.decoder && encoding && encoding !== state.encoding) {
    chunk = Buffer.from(chunk, encoding);
  }
  if (chunk === null || (chunk === undefined && !state.objectMode)) {
    if (chunk === null) {
      state.reading = false;
      onEnd(stream, state);
    } else {
      state.reading = false;
      maybeReadMore(stream, state);
    }
  } else if (state.objectMode || chunk.length > 0) {
    if (front) {
      if (state.endEmitted) errorOrDestroy(stream, new codes.ERR_STREAM_UNSHIFT_AFTER_END_EVENT());
      else if (state.destroyed || state.errored) return false;
      else addChunk(stream, state, chunk, true);
    } else if (state.ended) {
      errorOrDestroy(stream, new codes.ERR_STREAM_PUSH_AFTER_EOF());
    } else if (state.destroyed || state.errored) {
      return false;
    } else {
      state.reading = false;
      if (state.decoder && !encoding) {
        chunk = state.decoder.write(chunk);
        if (state.objectMode || chunk.length > 0) addChunk(stream, state, chunk, false);
        else maybeReadMore(stream, state);
      } else {
        addChunk(stream, state, chunk, false);
      }
    }
  } else if (!front) {
    state.reading = false;
    maybeReadMore(stream, state);
  }
  return !state.ended && (state.length < state.highWaterMark || state.length === 0);
}

function addChunk(stream, state, chunk, front) {
  if (state.flowing && state.length === 0 && !state.sync && stream.listenerCount('data') > 0) {
    if (state.multiAwaitDrain) state.awaitDrainWriters.clear();
    else state.awaitDrainWriters = null;
    state.dataEmitted = true;
    stream.emit('data', chunk);
  } else {
    state.length += state.objectMode ? 1 : chunk.length;
    if (!front) state.buffer.push(chunk);
    else if (state.bufferIndex > 0) state.buffer[--state.bufferIndex] = chunk;
    else state.buffer.unshift(chunk);
    if (state.needReadable) emitReadable(stream);
  }
  maybeReadMore(stream, state);
}

/** The source has no more. */
function onEnd(stream, state) {
  if (state.ended) return;
  if (state.decoder) {
    const rest = state.decoder.end();
    if (rest && rest.length > 0) {
      state.buffer.push(rest);
      state.length += state.objectMode ? 1 : rest.length;
    }
  }
  state.ended = true;
  if (state.sync) {
    emitReadable(stream);
  } else {
    state.needReadable = false;
    state.emittedReadable = true;
    emitReadableNow(stream);
  }
}

Readable.prototype._read = function _read() { throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_read()'); };
Object.assign(Readable.prototype, require('stream_read'));
require('stream_flow').install(Readable);
require('stream_readable_properties').install(Readable);

Readable._fromList = require('stream_read').fromList;
delete Readable.prototype.fromList;
Readable.from = (iterable, options) => require('stream_from').from(Readable, iterable, options);
Readable.fromWeb = (stream, options) => require('stream_web_adapters').readableFromWeb(stream, options);
Readable.toWeb = (stream, options) => require('stream_web_adapters').readableToWeb(stream, options);
Readable.wrap = (source, options) => new Readable({ objectMode: source.readableObjectMode ?? source.objectMode ?? true,
  ...options,
  destroy(err, callback) { require('stream_destroy').destroyer(source, err); callback(err); } }).wrap(source);
Readable.prototype.wrap = function wrap(source) { return require('stream_from').wrap(this, source); };
