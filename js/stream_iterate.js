/** Reading a stream with for await, and iterating over anything without the syntax for it, which the engine lacks. */

const AsyncIteratorPrototype = {
  [Symbol.asyncIterator]() { return this; },
  async [Symbol.asyncDispose]() { await this.return(); },
};

/** An async iterator whose calls run one after the other, as an async generator's do. */
function serial({ next, end }) {
  let tail = Promise.resolve();
  let state = 'new';
  let waiting = 0;
  // The first call begins at once: what fails before the next microtask must find it listening.
  const queue = (fn) => {
    const result = waiting === 0 ? fn() : tail.then(fn);
    waiting += 1;
    const over = () => { waiting -= 1; };
    tail = result.then(over, over);
    return result;
  };
  const finish = (value) => {
    state = 'done';
    return { value, done: true };
  };
  return Object.setPrototypeOf({
    next: () => queue(async () => {
      if (state === 'done') return finish(undefined);
      state = 'running';
      try {
        const result = await next();
        return result.done ? finish(result.value) : result;
      } catch (err) {
        state = 'done';
        throw err;
      }
    }),
    return: (value) => queue(async () => {
      if (state === 'running') {
        state = 'done';
        await end();
      }
      return finish(await value);
    }),
    throw: (err) => queue(async () => {
      if (state === 'running') {
        state = 'done';
        await end(err);
      }
      state = 'done';
      throw err;
    }),
  }, AsyncIteratorPrototype);
}

/** Calls fn with each value in turn, awaiting it; fn returning true ends the iteration early. */
async function each(iterable, fn) {
  const async = iterable[Symbol.asyncIterator];
  const iterator = typeof async === 'function' ? async.call(iterable) : iterable[Symbol.iterator]();
  while (true) {
    const step = await iterator.next();
    if (step === null || typeof step !== 'object') throw new TypeError(`Iterator result ${String(step)} is not an object`);
    if (step.done) return;
    let stop;
    try {
      const value = typeof async === 'function' ? step.value : await step.value;
      stop = fn(value);
      if (stop !== undefined) stop = await stop;
    } catch (err) {
      try {
        if (typeof iterator.return === 'function') await iterator.return();
      } catch { /* the first error is the one to tell */ }
      throw err;
    }
    if (stop === true) {
      if (typeof iterator.return === 'function') await iterator.return();
      return;
    }
  }
}

function aggregate(inner, outer) {
  if (!inner || !outer || inner === outer) return inner || outer;
  if (Array.isArray(outer.errors)) {
    outer.errors.push(inner);
    return outer;
  }
  const err = new AggregateError([outer, inner], outer.message);
  err.code = outer.code;
  return err;
}

/** The chunks of a stream; leaving early destroys it unless destroyOnReturn is false. */
function chunksOf(stream, options) {
  let wake = () => {};
  let failure;
  let cleanup;
  const onReadable = () => {
    const fn = wake;
    wake = () => {};
    fn();
  };
  const start = () => {
    stream.on('readable', onReadable);
    cleanup = require('stream_finished').finished(stream, { writable: false }, (err) => {
      failure = err ? aggregate(failure, err) : null;
      onReadable();
    });
  };
  const leave = () => {
    if ((failure || !options || options.destroyOnReturn !== false)
      && (failure === undefined || stream._readableState.autoDestroy)) {
      require('stream_destroy').destroyer(stream, failure === undefined ? null : failure);
    } else {
      stream.removeListener('readable', onReadable);
      cleanup();
    }
  };
  const next = async () => {
    if (!cleanup) start();
    while (true) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) return { value: chunk, done: false };
      if (failure) {
        leave();
        throw failure;
      }
      if (failure === null) {
        leave();
        return { value: undefined, done: true };
      }
      await new Promise((resolve) => { wake = resolve; });
    }
  };
  return serial({
    next,
    async end(err) {
      if (err) failure = aggregate(failure, err);
      leave();
    },
  });
}

/** An async iterator over any readable; an old one is wrapped first. */
function iterate(given, options) {
  let stream = given;
  if (typeof stream.read !== 'function') stream = require('stream_readable').wrap(stream, { objectMode: true });
  const iterator = chunksOf(stream, options);
  Object.defineProperty(iterator, 'stream', { value: stream });
  return iterator;
}

module.exports = { iterate, aggregate, each, serial, AsyncIteratorPrototype };
