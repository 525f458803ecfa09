/** WritableStream, its writer and its controller: https://streams.spec.whatwg.org/#ws */
const { codes } = require('errors');
const { kInternal, kInspect, deferred, settled, invalidState, SizedQueue, strategyOf, promised, inspector, expose } = require('webstreams_state');

/** The state of each stream, by which the functions here do what the standard's do. */
const states = new WeakMap();
const CLOSE = Symbol('close');

function stateOf(stream) {
  const state = states.get(stream);
  if (state === undefined) throw new codes.ERR_INVALID_THIS('WritableStream');
  return state;
}

class WritableStream {
  constructor(sink = {}, strategy = {}) {
    if (sink === null) throw new codes.ERR_INVALID_ARG_VALUE('sink', 'Object', sink);
    if (sink?.type !== undefined) throw Object.setPrototypeOf(new codes.ERR_INVALID_ARG_VALUE('type', sink.type), RangeError.prototype);
    const { mark, size } = strategyOf(strategy, 1);
    const controller = new AbortController();
    const state = {
      stream: this, over: deferred(), state: 'writable', error: undefined, writer: undefined, queue: new SizedQueue(), mark, size, started: false,
      inFlight: undefined, closing: undefined, closeInFlight: false, pending: undefined, backpressure: false, abort: controller,
      sink: { write: promised(sink, 'write'), close: promised(sink, 'close'), abort: promised(sink, 'abort') },
    };
    state.over.promise.catch(() => {});
    states.set(this, state);
    state.controller = new WritableStreamDefaultController(kInternal, state);
    state.backpressure = state.mark - state.queue.size <= 0;
    const start = sink?.start === undefined ? undefined : sink.start.call(sink, state.controller);
    Promise.resolve(start).then(() => {
      state.started = true;
      advance(state);
    }, (err) => {
      state.started = true;
      erroring(state, err);
    });
  }

  get locked() { return stateOf(this).writer !== undefined; }

  abort(reason = undefined) {
    if (!states.has(this)) return Promise.reject(new codes.ERR_INVALID_THIS('WritableStream'));
    const state = stateOf(this);
    return state.writer !== undefined ? Promise.reject(invalidState('WritableStream is locked')) : abort(state, reason);
  }

  close() {
    if (!states.has(this)) return Promise.reject(new codes.ERR_INVALID_THIS('WritableStream'));
    const state = stateOf(this);
    if (state.writer !== undefined) return Promise.reject(invalidState('WritableStream is locked'));
    if (closeQueued(state)) return Promise.reject(invalidState('Failure closing WritableStream'));
    return close(state);
  }

  getWriter() { return new WritableStreamDefaultWriter(this); }

  [kInspect](depth, options, show) {
    return inspector((s) => ({ locked: s.locked, state: stateOf(s).state })).call(this, depth, options, show);
  }
}

const closeQueued = (state) => state.closing !== undefined;
const desired = (state) => (state.state === 'errored' || state.state === 'erroring' ? null : state.state === 'closed' ? 0 : state.mark - state.queue.size);

function setBackpressure(state, on) {
  if (state.writer !== undefined && on !== state.backpressure) {
    const writer = writers.get(state.writer);
    if (on) writer.ready = deferred();
    else writer.ready.resolve();
    if (on) writer.ready.promise.catch(() => {});
  }
  state.backpressure = on;
}

function abort(state, reason) {
  if (state.state === 'closed' || state.state === 'errored') return Promise.resolve();
  state.abort.abort(reason);
  if (state.state === 'closed' || state.state === 'errored') return Promise.resolve();
  if (state.pending !== undefined) return state.pending.promise;
  const was = state.state === 'erroring';
  const pending = Object.assign(deferred(), { reason: was ? undefined : reason, was });
  state.pending = pending;
  if (!was) erroring(state, reason);
  return pending.promise;
}

function close(state) {
  if (state.state === 'closed' || state.state === 'errored') return Promise.reject(invalidState('WritableStream is closed'));
  state.closing = deferred();
  if (state.writer !== undefined && state.backpressure && state.state === 'writable') writers.get(state.writer).ready.resolve();
  state.queue.push(CLOSE, 0);
  advance(state);
  return state.closing.promise;
}

/** Begins to fail: what is under way may end, nothing new begins. */
function erroring(state, err) {
  if (state.state !== 'writable') return;
  state.state = 'erroring';
  state.error = err;
  if (state.writer !== undefined) rejectReady(state);
  if (state.inFlight === undefined && state.started) finishErroring(state);
}

function rejectReady(state) {
  const writer = writers.get(state.writer);
  if (writer.ready.done) writer.ready = settled('reject', state.error);
  else {
    writer.ready.reject(state.error);
    writer.ready.promise.catch(() => {});
    writer.ready = settled('reject', state.error);
  }
}

function finishErroring(state) {
  state.state = 'errored';
  const waiting = state.queue.items.filter(({ value }) => value !== CLOSE).map(({ value }) => value.done);
  state.queue.clear();
  for (const one of waiting) one.reject(state.error);
  const { pending } = state;
  if (pending === undefined) {
    rejectClosed(state);
    return;
  }
  state.pending = undefined;
  if (pending.was) {
    pending.reject(state.error);
    rejectClosed(state);
    return;
  }
  state.sink.abort(pending.reason).then(() => {
    pending.resolve();
    rejectClosed(state);
  }, (err) => {
    pending.reject(err);
    rejectClosed(state);
  });
}

function rejectClosed(state) {
  state.over.reject(state.error);
  if (state.closing !== undefined && !state.closeInFlight) {
    state.closing.reject(state.error);
    state.closing.promise.catch(() => {});
  }
  if (state.writer === undefined) return;
  const { closed } = writers.get(state.writer);
  closed.reject(state.error);
  closed.promise.catch(() => {});
}

/** Hands the next chunk to the sink, if nothing is under way. */
function advance(state) {
  if (!state.started || state.inFlight !== undefined) return;
  if (state.state === 'erroring') {
    finishErroring(state);
    return;
  }
  if (state.state !== 'writable' || state.queue.length === 0) return;
  const next = state.queue.items[0].value;
  if (next === CLOSE) {
    state.queue.shift();
    state.closeInFlight = true;
    state.inFlight = next;
    state.sink.close().then(() => closedNow(state), (err) => closeFailed(state, err));
    return;
  }
  state.inFlight = next;
  state.sink.write(next.chunk, state.controller).then(() => {
    state.inFlight = undefined;
    if (state.queue.length > 0) state.queue.shift();
    next.done.resolve();
    if (!closeQueued(state) && state.state === 'writable') setBackpressure(state, state.mark - state.queue.size <= 0);
    advance(state);
  }, (err) => {
    state.inFlight = undefined;
    if (state.queue.length > 0) state.queue.shift();
    next.done.reject(err);
    erroring(state, err);
    if (state.state === 'erroring') finishErroring(state);
  });
}

function closedNow(state) {
  state.inFlight = undefined;
  state.closing.resolve();
  if (state.state === 'erroring') {
    state.error = undefined;
    state.pending?.resolve();
    state.pending = undefined;
  }
  state.state = 'closed';
  state.over.resolve();
  if (state.writer !== undefined) writers.get(state.writer).closed.resolve();
}

function closeFailed(state, err) {
  state.inFlight = undefined;
  state.closing.reject(err);
  state.closing.promise.catch(() => {});
  if (state.pending !== undefined) {
    state.pending.reject(err);
    state.pending = undefined;
  }
  erroring(state, err);
  if (state.state === 'erroring') finishErroring(state);
}

const writers = new WeakMap();

class WritableStreamDefaultWriter {
  constructor(stream) {
    if (!states.has(stream)) throw new codes.ERR_INVALID_ARG_TYPE('stream', 'WritableStream', stream);
    const state = stateOf(stream);
    if (state.writer !== undefined) throw invalidState('WritableStream is locked');
    state.writer = this;
    const own = { state, closed: deferred(), ready: deferred() };
    own.closed.promise.catch(() => {});
    own.ready.promise.catch(() => {});
    writers.set(this, own);
    if (state.state === 'errored' || state.state === 'erroring') own.ready = settled('reject', state.error);
    else if (state.state === 'closed' || closeQueued(state) || !state.backpressure) own.ready.resolve();
    if (state.state === 'closed') own.closed.resolve();
    if (state.state === 'errored') own.closed.reject(state.error);
  }

  get closed() { return writers.has(this) ? writers.get(this).closed.promise : Promise.reject(new codes.ERR_INVALID_THIS('WritableStreamDefaultWriter')); }
  get ready() { return writers.has(this) ? writers.get(this).ready.promise : Promise.reject(new codes.ERR_INVALID_THIS('WritableStreamDefaultWriter')); }

  get desiredSize() {
    const { state } = ownOf(this);
    if (state === undefined) throw invalidState('Writer is not bound to a WritableStream');
    return desired(state);
  }

  abort(reason = undefined) { return onState(this, (state) => abort(state, reason)); }

  close() {
    return onState(this, (state) => (closeQueued(state) ? Promise.reject(invalidState('Failure to close WritableStream')) : close(state)));
  }

  write(chunk = undefined) { return onState(this, (state) => write(state, chunk)); }

  releaseLock() {
    const own = ownOf(this);
    const { state } = own;
    if (state === undefined) return;
    const released = invalidState('Writer has been released');
    own.ready.reject(released);
    own.ready = settled('reject', released);
    own.closed.reject(released);
    own.closed = settled('reject', released);
    state.writer = undefined;
    own.state = undefined;
  }

  [kInspect](depth, options, show) {
    return inspector((w) => ({ stream: writers.get(w)?.state?.stream, close: w.closed, ready: w.ready, desiredSize: writers.get(w)?.state ? w.desiredSize : undefined }))
      .call(this, depth, options, show);
  }
}

function ownOf(writer) {
  const own = writers.get(writer);
  if (own === undefined) throw new codes.ERR_INVALID_THIS('WritableStreamDefaultWriter');
  return own;
}

function onState(writer, f) {
  if (!writers.has(writer)) return Promise.reject(new codes.ERR_INVALID_THIS('WritableStreamDefaultWriter'));
  const { state } = writers.get(writer);
  if (state === undefined) return Promise.reject(invalidState('Writer is not bound to a WritableStream'));
  return f(state);
}

function write(state, chunk) {
  let size;
  try {
    size = state.size(chunk);
  } catch (err) {
    erroring(state, err);
    size = 1;
  }
  if (state.state === 'errored' || state.state === 'erroring') return Promise.reject(state.error);
  if (closeQueued(state) || state.state === 'closed') return Promise.reject(invalidState('Writable stream is closed'));
  const done = deferred();
  try {
    state.queue.push({ chunk, done }, size);
  } catch (err) {
    erroring(state, err);
    return Promise.reject(err);
  }
  if (!closeQueued(state)) setBackpressure(state, state.mark - state.queue.size <= 0);
  advance(state);
  return done.promise;
}

class WritableStreamDefaultController {
  #state;

  constructor(token, state) {
    if (token !== kInternal) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#state = state;
  }

  get signal() { return this.#state.abort.signal; }

  error(err = undefined) { if (this.#state.state === 'writable') erroring(this.#state, err); }

  [kInspect](depth, options, show) { return inspector((c) => ({ stream: c.#state.stream })).call(this, depth, options, show); }
}
for (const Class of [WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController]) expose(Class);

module.exports = {
  WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController, writableState: (s) => states.get(s), closeQueued, abortWritable: abort, erroring,
};
