/** ReadableStream and its default controller and reader: https://streams.spec.whatwg.org/#rs */
const { codes } = require('errors');
const { kInternal, kInspect, deferred, settled, invalidState, SizedQueue, strategyOf, promised, inspector, expose } = require('webstreams_state');

const states = new WeakMap();
const readers = new WeakMap();

function stateOf(stream, name = 'ReadableStream') {
  const state = states.get(stream);
  if (state === undefined) throw new codes.ERR_INVALID_THIS(name);
  return state;
}

class ReadableStream {
  constructor(source = {}, strategy = {}) {
    if (source === null || (typeof source !== 'object' && typeof source !== 'function')) throw new codes.ERR_INVALID_ARG_TYPE('source', 'Object', source);
    const state = begin(this);
    const type = source.type === undefined ? undefined : `${source.type}`;
    if (type === 'bytes') {
      const { mark, given } = strategyOf(strategy, 0);
      if (given) throw Object.setPrototypeOf(new codes.ERR_INVALID_ARG_VALUE('strategy.size', strategy.size), RangeError.prototype);
      require('webstreams_bytes').setUp(state, source, mark);
      return;
    }
    if (type !== undefined) throw new codes.ERR_INVALID_ARG_VALUE('source.type', type);
    const { mark, size } = strategyOf(strategy, 1);
    setUp(state, { start: source.start?.bind(source), pull: promised(source, 'pull'), cancel: promised(source, 'cancel') }, mark, size);
  }

  static from(iterable) { return require('webstreams_pipe').from(iterable); }

  get locked() { return stateOf(this).reader !== undefined; }

  cancel(reason = undefined) {
    if (!states.has(this)) return Promise.reject(new codes.ERR_INVALID_THIS('ReadableStream'));
    const state = stateOf(this);
    return state.reader !== undefined ? Promise.reject(invalidState('ReadableStream is locked')) : cancel(state, reason);
  }

  getReader(options = {}) {
    const state = stateOf(this);
    if (options !== undefined && options !== null && typeof options !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    const mode = options?.mode;
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (`${mode}` !== 'byob') throw new codes.ERR_INVALID_ARG_VALUE('options.mode', mode);
    return new (require('webstreams_bytes').ReadableStreamBYOBReader)(state.stream);
  }

  pipeThrough(transform, options = {}) {
    stateOf(this);
    const { readable, writable } = transform ?? {};
    if (!states.has(readable)) throw new codes.ERR_INVALID_ARG_TYPE('transform.readable', 'ReadableStream', readable);
    if (require('webstreams_writable').writableState(writable) === undefined) throw new codes.ERR_INVALID_ARG_TYPE('transform.writable', 'WritableStream', writable);
    if (this.locked) throw invalidState('The ReadableStream is locked');
    if (writable.locked) throw invalidState('The WritableStream is locked');
    require('webstreams_pipe').pipe(this, writable, options).catch(() => {});
    return readable;
  }

  pipeTo(destination, options = {}) {
    try {
      stateOf(this);
      if (require('webstreams_writable').writableState(destination) === undefined) {
        throw new codes.ERR_INVALID_ARG_TYPE('transform.writable', 'WritableStream', destination);
      }
      if (this.locked) throw invalidState('The ReadableStream is locked');
      if (destination.locked) throw invalidState('The WritableStream is locked');
      return require('webstreams_pipe').pipe(this, destination, options);
    } catch (err) {
      return Promise.reject(err);
    }
  }

  tee() {
    stateOf(this);
    if (this.locked) throw invalidState('ReadableStream is locked');
    return require('webstreams_pipe').tee(this);
  }

  values(options = undefined) {
    stateOf(this);
    if (options !== undefined && options !== null && typeof options !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    return require('webstreams_pipe').iterate(this, Boolean(options?.preventCancel));
  }

  [kInspect](depth, options, show) {
    return inspector((s) => ({ locked: s.locked, state: stateOf(s).state, supportsBYOB: Boolean(stateOf(s).bytes) })).call(this, depth, options, show);
  }
}
expose(ReadableStream);
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, { value: ReadableStream.prototype.values, configurable: true, writable: true });

/** The state of a new stream. */
function begin(stream) {
  const state = { stream, state: 'readable', error: undefined, reader: undefined, disturbed: false, over: deferred() };
  state.over.promise.catch(() => {});
  states.set(stream, state);
  return state;
}

/** Gives a stream its default controller, which reads from a source of start, pull and cancel. */
function setUp(state, source, mark, size) {
  Object.assign(state, { queue: new SizedQueue(), mark, size, source, started: false, closing: false, pulling: false, again: false });
  state.controller = new ReadableStreamDefaultController(kInternal, state);
  state.read = (request) => readOne(state, request);
  state.pull = () => pullIfNeeded(state);
  state.drop = () => { state.queue.clear(); };
  const first = source.start === undefined ? undefined : source.start(state.controller);
  Promise.resolve(first).then(() => {
    state.started = true;
    pullIfNeeded(state);
  }, (err) => fail(state, err));
}

const desired = (state) => (state.state === 'errored' ? null : state.state === 'closed' ? 0 : state.mark - state.queue.size);
const canEnqueue = (state) => !state.closing && state.state === 'readable';

function pullIfNeeded(state) {
  if (!canEnqueue(state) || !state.started) return;
  if (!(state.reader !== undefined && requests(state).length > 0) && desired(state) <= 0) return;
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
  }, (err) => fail(state, err));
}

/** The reads that wait at the stream's default reader. */
const requests = (state) => readers.get(state.reader)?.requests ?? [];

/** Gives a request the next chunk, or lets it wait. A request has chunk(value), close() and error(err). */
function readOne(state, request) {
  state.disturbed = true;
  if (state.state === 'closed') request.close();
  else if (state.state === 'errored') request.error(state.error);
  else if (state.queue.length > 0) {
    const chunk = state.queue.shift();
    if (state.closing && state.queue.length === 0) close(state);
    else pullIfNeeded(state);
    request.chunk(chunk);
  } else {
    requests(state).push(request);
    pullIfNeeded(state);
  }
}

function enqueue(state, chunk) {
  if (!canEnqueue(state)) return;
  if (state.reader !== undefined && requests(state).length > 0) {
    requests(state).shift().chunk(chunk);
  } else {
    try {
      state.queue.push(chunk, state.size(chunk));
    } catch (err) {
      fail(state, err);
      throw err;
    }
  }
  pullIfNeeded(state);
}

function close(state) {
  if (state.state !== 'readable') return;
  state.state = 'closed';
  state.over.resolve();
  const reader = readers.get(state.reader);
  if (reader === undefined) return;
  reader.closed.resolve();
  for (const request of reader.requests?.splice(0) ?? []) request.close();
}

function fail(state, err) {
  if (state.state !== 'readable') return;
  state.drop();
  state.state = 'errored';
  state.error = err;
  state.over.reject(err);
  const reader = readers.get(state.reader);
  if (reader === undefined) return;
  reader.closed.reject(err);
  reader.closed.promise.catch(() => {});
  for (const request of reader.requests?.splice(0) ?? []) request.error(err);
  for (const request of reader.into?.splice(0) ?? []) request.error(err);
}

function cancel(state, reason) {
  state.disturbed = true;
  if (state.state === 'closed') return Promise.resolve();
  if (state.state === 'errored') return Promise.reject(state.error);
  close(state);
  for (const request of readers.get(state.reader)?.into?.splice(0) ?? []) request.close(undefined);
  state.drop();
  return state.source.cancel(reason).then(() => undefined);
}

class ReadableStreamDefaultController {
  #state;

  constructor(token, state) {
    if (token !== kInternal) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#state = state;
  }

  get desiredSize() { return desired(this.#state); }

  close() {
    const state = this.#state;
    if (!canEnqueue(state)) throw invalidState('Controller is already closed');
    state.closing = true;
    if (state.queue.length === 0) close(state);
  }

  enqueue(chunk = undefined) {
    if (!canEnqueue(this.#state)) throw invalidState('Controller is already closed');
    enqueue(this.#state, chunk);
  }

  error(err = undefined) { fail(this.#state, err); }

  [kInspect](depth, options, show) { return inspector(() => ({})).call(this, depth, options, show); }
}

/** Locks a stream for a reader whose state is own. */
function acquire(stream, reader, own) {
  if (!states.has(stream)) throw new codes.ERR_INVALID_ARG_TYPE('stream', 'ReadableStream', stream);
  const state = stateOf(stream);
  if (state.reader !== undefined) throw invalidState('ReadableStream is locked');
  state.reader = reader;
  Object.assign(own, { state, closed: deferred() });
  own.closed.promise.catch(() => {});
  readers.set(reader, own);
  if (state.state === 'closed') own.closed.resolve();
  if (state.state === 'errored') own.closed.reject(state.error);
}

function release(own) {
  const { state } = own;
  if (state === undefined) return;
  const released = invalidState('Releasing reader');
  own.closed.reject(released);
  own.closed = settled('reject', released);
  state.reader = undefined;
  own.state = undefined;
  for (const request of [...(own.requests?.splice(0) ?? []), ...(own.into?.splice(0) ?? [])]) request.error(released);
}

class ReadableStreamDefaultReader {
  constructor(stream) { acquire(stream, this, { requests: [] }); }

  get closed() { return readers.get(this)?.requests ? readers.get(this).closed.promise : Promise.reject(new codes.ERR_INVALID_THIS('ReadableStreamDefaultReader')); }

  read() {
    const own = readers.get(this);
    if (!own?.requests) return Promise.reject(new codes.ERR_INVALID_THIS('ReadableStreamDefaultReader'));
    if (own.state === undefined) return Promise.reject(invalidState('The reader is not attached to a stream'));
    const done = deferred();
    own.state.read({
      chunk: (value) => done.resolve({ value, done: false }), close: () => done.resolve({ value: undefined, done: true }), error: done.reject,
    });
    return done.promise;
  }

  cancel(reason = undefined) {
    const own = readers.get(this);
    if (!own?.requests) return Promise.reject(new codes.ERR_INVALID_THIS('ReadableStreamDefaultReader'));
    return own.state === undefined ? Promise.reject(invalidState('The reader is not attached to a stream')) : cancel(own.state, reason);
  }

  releaseLock() {
    if (!readers.get(this)?.requests) throw new codes.ERR_INVALID_THIS('ReadableStreamDefaultReader');
    release(readers.get(this));
  }

  [kInspect](depth, options, show) {
    return inspector((r) => ({ stream: readers.get(r)?.state?.stream, readRequests: readers.get(r)?.requests.length, close: readers.get(r)?.closed.promise }))
      .call(this, depth, options, show);
  }
}
expose(ReadableStreamDefaultReader);
expose(ReadableStreamDefaultController);

/** A stream over functions of ours. */
function create(source, mark = 1, size = () => 1) {
  const stream = Object.create(ReadableStream.prototype);
  const state = begin(stream);
  setUp(state, { pull: () => Promise.resolve(), cancel: () => Promise.resolve(), ...source }, mark, size);
  return stream;
}

module.exports = {
  ReadableStream, ReadableStreamDefaultReader, ReadableStreamDefaultController, create, readableState: (s) => states.get(s), readers, acquire, release,
  cancelReadable: cancel, closeReadable: close, failReadable: fail, desiredOf: desired, requests,
};
