/** Readable byte streams: their controller, and the reader that brings its own buffer. */
const { codes } = require('errors');
const { kInternal, kInspect, deferred, invalidState, promised, inspector, expose } = require('webstreams_state');
const core = require('webstreams_readable');

/** Takes the memory of a view or buffer from its owner. */
const take = (buffer) => structuredClone(buffer, { transfer: [buffer] });

function setUp(state, source, mark) {
  const chunk = source.autoAllocateChunkSize;
  if (chunk !== undefined && !(Number.isInteger(Number(chunk)) && Number(chunk) > 0)) {
    throw new codes.ERR_INVALID_ARG_VALUE('source.autoAllocateChunkSize', chunk);
  }
  Object.assign(state, {
    bytes: true, mark, chunks: [], size: 0, started: false, closing: false, pulling: false, again: false, into: [],
    auto: chunk === undefined ? undefined : Number(chunk), source: { pull: promised(source, 'pull'), cancel: promised(source, 'cancel') },
  });
  state.controller = new ReadableByteStreamController(kInternal, state);
  state.read = (request) => readChunk(state, request);
  state.pull = () => pullIfNeeded(state);
  state.drop = () => {
    state.into = [];
    state.chunks = [];
    state.size = 0;
  };
  const first = source.start === undefined ? undefined : source.start.call(source, state.controller);
  Promise.resolve(first).then(() => {
    state.started = true;
    pullIfNeeded(state);
  }, (err) => core.failReadable(state, err));
}

const desired = (state) => (state.state === 'errored' ? null : state.state === 'closed' ? 0 : state.mark - state.size);
/** The reads into buffers that wait. */
const waiting = (state) => core.readers.get(state.reader)?.into ?? [];

function pullIfNeeded(state) {
  if (state.state !== 'readable' || state.closing || !state.started) return;
  if (core.requests(state).length === 0 && waiting(state).length === 0 && desired(state) <= 0) return;
  if (state.pulling) {
    state.again = true;
    return;
  }
  state.pulling = true;
  state.source.pull(state.controller).then(() => {
    state.pulling = false;
    if (!state.again) return;
    state.again = false;
    pullIfNeeded(state);
  }, (err) => core.failReadable(state, err));
}

function readChunk(state, request) {
  state.disturbed = true;
  if (state.state === 'closed') request.close();
  else if (state.state === 'errored') request.error(state.error);
  else if (state.chunks.length > 0) {
    const bytes = state.chunks.shift();
    state.size -= bytes.byteLength;
    afterTake(state);
    request.chunk(bytes);
  } else {
    if (state.auto !== undefined) state.into.push({ buffer: new ArrayBuffer(state.auto), offset: 0, length: state.auto, filled: 0, element: 1, View: Uint8Array, reader: 'default' });
    core.requests(state).push(request);
    pullIfNeeded(state);
  }
}

function afterTake(state) {
  if (state.size === 0 && state.closing) core.closeReadable(state);
  else pullIfNeeded(state);
}

/** Copies what waits in the queue into a read; true if that is enough for it. */
function fill(state, into) {
  while (state.chunks.length > 0 && into.filled < into.length) {
    const [head] = state.chunks;
    const n = Math.min(head.byteLength, into.length - into.filled);
    new Uint8Array(into.buffer, into.offset + into.filled, n).set(head.subarray(0, n));
    if (n === head.byteLength) state.chunks.shift();
    else state.chunks[0] = head.subarray(n);
    state.size -= n;
    into.filled += n;
  }
  return into.filled >= into.least;
}

/** The view of what a read got; bytes that make no whole element go back to the queue. */
function viewOf(state, into) {
  const rest = into.filled % into.element;
  if (rest > 0) {
    const end = into.offset + into.filled;
    state.chunks.unshift(new Uint8Array(into.buffer.slice(end - rest, end)));
    state.size += rest;
  }
  return new into.View(into.buffer, into.offset, (into.filled - rest) / into.element);
}

function enqueue(state, view) {
  if (state.closing || state.state !== 'readable') throw invalidState('Controller is already closed');
  if (view.byteLength === 0 || view.buffer.byteLength === 0) throw invalidState('chunk ArrayBuffer is zero-length or detached');
  const { byteOffset, byteLength } = view;
  const bytes = new Uint8Array(take(view.buffer), byteOffset, byteLength);
  state.request = undefined;
  const reads = core.requests(state);
  if (reads.length > 0) {
    if (state.into[0]?.reader === 'default') state.into.shift();
    reads.shift().chunk(bytes);
  } else {
    state.chunks.push(bytes);
    state.size += bytes.byteLength;
    while (state.into.length > 0 && waiting(state).length > 0 && fill(state, state.into[0])) {
      const into = state.into.shift();
      waiting(state).shift().chunk(viewOf(state, into));
    }
  }
  pullIfNeeded(state);
}

class ReadableByteStreamController {
  #state;

  constructor(token, state) {
    if (token !== kInternal) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#state = state;
  }

  get byobRequest() {
    const state = this.#state;
    if (state.request === undefined && state.into.length > 0) state.request = new ReadableStreamBYOBRequest(kInternal, state, state.into[0]);
    return state.request ?? null;
  }

  get desiredSize() { return desired(this.#state); }

  close() {
    const state = this.#state;
    if (state.closing || state.state !== 'readable') throw invalidState('Controller is already closed');
    if (state.size > 0) {
      state.closing = true;
      return;
    }
    if (state.into[0]?.filled % state.into[0]?.element > 0) {
      const err = invalidState('Partial read');
      core.failReadable(state, err);
      throw err;
    }
    core.closeReadable(state);
  }

  enqueue(chunk) {
    if (!ArrayBuffer.isView(chunk)) throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], chunk);
    enqueue(this.#state, chunk);
  }

  error(err = undefined) { core.failReadable(this.#state, err); }

  [kInspect](depth, options, show) { return inspector(() => ({})).call(this, depth, options, show); }
}

class ReadableStreamBYOBRequest {
  #state;
  #into;
  #view;

  constructor(token, state, into) {
    if (token !== kInternal) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#state = state;
    this.#into = into;
    this.#view = new Uint8Array(into.buffer, into.offset + into.filled, into.length - into.filled);
  }

  get view() { return this.#view; }

  respond(bytesWritten) {
    const state = this.#state;
    if (state === undefined) throw invalidState('This BYOB request has been invalidated');
    const n = Number(bytesWritten);
    if (this.#view.buffer.byteLength === 0) throw invalidState('Viewed ArrayBuffer is detached');
    if (state.state === 'closed' ? n !== 0 : n === 0) throw invalidState(n === 0 ? 'bytesWritten is 0' : 'Controller is closed');
    if (n > this.#view.byteLength) throw new codes.ERR_INVALID_ARG_VALUE_RANGE('bytesWritten', bytesWritten);
    this.#finish(n);
  }

  respondWithNewView(view) {
    if (this.#state === undefined) throw invalidState('This BYOB request has been invalidated');
    if (!ArrayBuffer.isView(view)) throw new codes.ERR_INVALID_ARG_TYPE('view', ['Buffer', 'TypedArray', 'DataView'], view);
    if (view.byteOffset !== this.#view.byteOffset) throw new codes.ERR_INVALID_ARG_VALUE_RANGE('view.byteOffset', view.byteOffset);
    if (view.byteLength > this.#view.byteLength) throw new codes.ERR_INVALID_ARG_VALUE_RANGE('view.byteLength', view.byteLength);
    const n = view.byteLength;
    this.#into.buffer = view.buffer;
    this.#finish(n);
  }

  #finish(n) {
    const state = this.#state;
    const into = this.#into;
    this.#state = undefined;
    this.#view = null;
    state.request = undefined;
    if (state.state === 'closed') {
      state.into = [];
      for (const request of waiting(state).splice(0)) request.close(new into.View(take(into.buffer), into.offset, 0));
      return;
    }
    into.buffer = take(into.buffer);
    into.filled += n;
    if (into.reader === 'default') {
      state.into.shift();
      core.requests(state).shift().chunk(new Uint8Array(into.buffer, into.offset, into.filled));
    } else if (into.filled >= into.least) {
      state.into.shift();
      waiting(state).shift().chunk(viewOf(state, into));
    }
    pullIfNeeded(state);
  }
}

class ReadableStreamBYOBReader {
  constructor(stream) {
    const state = core.readableState(stream);
    if (state !== undefined && !state.bytes) throw new codes.ERR_INVALID_ARG_VALUE('stream', stream, 'must be a byte stream');
    core.acquire(stream, this, { into: [] });
  }

  get closed() { return core.readers.get(this)?.into ? core.readers.get(this).closed.promise : Promise.reject(new codes.ERR_INVALID_THIS('ReadableStreamBYOBReader')); }

  read(view, options = {}) {
    const own = core.readers.get(this);
    if (!own?.into) return Promise.reject(new codes.ERR_INVALID_THIS('ReadableStreamBYOBReader'));
    if (!ArrayBuffer.isView(view)) return Promise.reject(new codes.ERR_INVALID_ARG_TYPE('view', ['Buffer', 'TypedArray', 'DataView'], view));
    if (view.byteLength === 0 || view.buffer.byteLength === 0) return Promise.reject(invalidState('View or Viewed ArrayBuffer is zero-length or detached'));
    const { state } = own;
    if (state === undefined) return Promise.reject(invalidState('The reader is not attached to a stream'));
    const min = options?.min ?? 1;
    const element = view.BYTES_PER_ELEMENT ?? 1;
    if (!(min > 0)) return Promise.reject(new codes.ERR_INVALID_ARG_VALUE('options.min', min));
    if (min * element > view.byteLength) return Promise.reject(Object.setPrototypeOf(new codes.ERR_INVALID_ARG_VALUE('options.min', min), RangeError.prototype));
    state.disturbed = true;
    if (state.state === 'errored') return Promise.reject(state.error);
    const View = view.constructor.name === 'Buffer' ? Uint8Array : view.constructor;
    const { byteOffset: offset, byteLength: length } = view;
    const into = { buffer: take(view.buffer), offset, length, filled: 0, element, View, reader: 'byob', least: min * element };
    if (state.state === 'closed') return Promise.resolve({ value: new View(into.buffer, offset, 0), done: true });
    if (state.chunks.length > 0 && state.into.length === 0 && fill(state, into)) {
      const value = viewOf(state, into);
      afterTake(state);
      return Promise.resolve({ value, done: false });
    }
    const done = deferred();
    state.into.push(into);
    own.into.push({ chunk: (value) => done.resolve({ value, done: false }), close: (value) => done.resolve({ value, done: true }), error: done.reject });
    pullIfNeeded(state);
    return done.promise;
  }

  cancel(reason = undefined) {
    const own = core.readers.get(this);
    if (!own?.into) return Promise.reject(new codes.ERR_INVALID_THIS('ReadableStreamBYOBReader'));
    return own.state === undefined ? Promise.reject(invalidState('The reader is not attached to a stream')) : core.cancelReadable(own.state, reason);
  }

  releaseLock() {
    if (!core.readers.get(this)?.into) throw new codes.ERR_INVALID_THIS('ReadableStreamBYOBReader');
    core.release(core.readers.get(this));
  }

  [kInspect](depth, options, show) {
    return inspector((r) => ({ stream: core.readers.get(r)?.state?.stream, requests: core.readers.get(r)?.into.length, close: core.readers.get(r)?.closed.promise }))
      .call(this, depth, options, show);
  }
}
for (const Class of [ReadableByteStreamController, ReadableStreamBYOBRequest, ReadableStreamBYOBReader]) expose(Class);

module.exports = { setUp, ReadableByteStreamController, ReadableStreamBYOBRequest, ReadableStreamBYOBReader };
