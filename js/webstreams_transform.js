/** TransformStream, and those of the platform: text encoders and decoders, compression. */
const { codes } = require('errors');
const { kInternal, kInspect, deferred, strategyOf, promised, inspector, expose, invalidState } = require('webstreams_state');
const { create, readableState, failReadable, desiredOf } = require('webstreams_readable');
const { WritableStream, writableState, erroring } = require('webstreams_writable');

const states = new WeakMap();

function stateOf(stream) {
  const state = states.get(stream);
  if (state === undefined) throw new codes.ERR_INVALID_THIS('TransformStream');
  return state;
}

class TransformStream {
  constructor(transformer = {}, writableStrategy = {}, readableStrategy = {}) {
    for (const name of ['readableType', 'writableType']) {
      if (transformer?.[name] !== undefined) throw Object.setPrototypeOf(new codes.ERR_INVALID_ARG_VALUE(`transformer.${name}`, transformer[name]), RangeError.prototype);
    }
    const readable = strategyOf(readableStrategy, 0);
    const writable = strategyOf(writableStrategy, 1);
    const started = deferred();
    const state = { stream: this, room: deferred(), full: true };
    states.set(this, state);
    state.transform = promised(transformer, 'transform', (chunk) => {
      try {
        state.controller.enqueue(chunk);
        return Promise.resolve();
      } catch (err) {
        return Promise.reject(err);
      }
    });
    state.flush = promised(transformer, 'flush');
    state.cancel = promised(transformer, 'cancel');
    state.readable = create({
      start: (controller) => {
        state.out = controller;
        return started.promise;
      },
      pull: () => {
        setFull(state, false);
        return state.room.promise;
      },
      cancel: (reason) => finish(state, () => state.cancel(reason), (err) => {
        failWritable(state, err ?? reason);
      }),
    }, readable.mark, readable.size);
    state.writable = new WritableStream({
      start: () => started.promise,
      write: (chunk) => write(state, chunk),
      close: () => finish(state, () => state.flush(state.controller), (err) => {
        const { state: now, error, closing } = readableState(state.readable);
        if (err !== undefined) failReadable(readableState(state.readable), err);
        else if (now === 'errored') throw error;
        else if (now === 'readable' && !closing) state.out.close();
      }),
      abort: (reason) => finish(state, () => state.cancel(reason), (err) => failReadable(readableState(state.readable), err ?? reason)),
    }, { highWaterMark: writable.mark, size: writable.size });
    state.controller = new TransformStreamDefaultController(kInternal, state);
    const first = transformer?.start === undefined ? undefined : transformer.start.call(transformer, state.controller);
    started.resolve(first);
  }

  get readable() { return stateOf(this).readable; }
  get writable() { return stateOf(this).writable; }

  [kInspect](depth, options, show) {
    return inspector((s) => ({ readable: s.readable, writable: s.writable, backpressure: stateOf(s).full })).call(this, depth, options, show);
  }
}

/** Notes whether the readable side is full; whoever waits for the change goes on. */
function setFull(state, full) {
  if (state.full === full) return;
  const { room } = state;
  state.room = deferred();
  state.full = full;
  room.resolve();
}

async function write(state, chunk) {
  while (state.full) {
    await state.room.promise;
    const { state: now, error } = writableState(state.writable);
    if (now === 'erroring') throw error;
  }
  try {
    await state.transform(chunk, state.controller);
  } catch (err) {
    fail(state, err);
    throw err;
  }
}

/** Runs the last call of the transformer once, then after. */
function finish(state, last, after) {
  state.finished ??= (async () => {
    let failure;
    let failed = false;
    try {
      await last();
    } catch (err) {
      failed = true;
      failure = err;
    }
    if (failed) {
      fail(state, failure);
      throw failure;
    }
    after();
  })();
  return state.finished;
}

function failWritable(state, err) {
  const writable = writableState(state.writable);
  if (writable.state === 'writable') erroring(writable, err);
  setFull(state, false);
}

function fail(state, err) {
  failReadable(readableState(state.readable), err);
  failWritable(state, err);
}

class TransformStreamDefaultController {
  #state;

  constructor(token, state) {
    if (token !== kInternal) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#state = state;
  }

  get desiredSize() { return desiredOf(readableState(this.#state.readable)); }

  enqueue(chunk = undefined) {
    const state = this.#state;
    const readable = readableState(state.readable);
    if (readable.closing || readable.state !== 'readable') throw invalidState('Unable to enqueue');
    try {
      state.out.enqueue(chunk);
    } catch (err) {
      failWritable(state, err);
      throw readable.error;
    }
    const full = desiredOf(readable) <= 0 && !(readable.reader !== undefined && require('webstreams_readable').requests(readable).length > 0);
    if (full !== state.full) setFull(state, true);
  }

  error(reason = undefined) { fail(this.#state, reason); }

  terminate() {
    const readable = readableState(this.#state.readable);
    if (!readable.closing && readable.state === 'readable') this.#state.out.close();
    failWritable(this.#state, invalidState('TransformStream has been terminated'));
  }

  [kInspect](depth, options, show) { return inspector((c) => ({ stream: c.#state.stream })).call(this, depth, options, show); }
}
expose(TransformStream);
expose(TransformStreamDefaultController);

module.exports = { TransformStream, TransformStreamDefaultController };
