/** What is done with whole readable streams: pipe, tee, iterate, and make one of an iterable. */
const { codes } = require('errors');
const { invalidState } = require('webstreams_state');
const { ReadableStream, create, readableState, cancelReadable } = require('webstreams_readable');
const { writableState, closeQueued, abortWritable } = require('webstreams_writable');

/** Moves all chunks from source to destination; options as of pipeTo. */
async function pipe(source, destination, options = {}) {
  const { preventAbort, preventCancel, preventClose, signal } = options ?? {};
  if (signal !== undefined) require('validators').validateAbortSignal(signal, 'options.signal');
  const reader = source.getReader();
  const writer = destination.getWriter();
  const from = readableState(source);
  const to = writableState(destination);
  from.disturbed = true;
  let last = Promise.resolve();
  let over = false;
  let stop;
  const stopped = new Promise((resolve) => { stop = resolve; });
  const abort = () => {
    if (over) return;
    const actions = [];
    if (!preventAbort && to.state === 'writable') actions.push(abortWritable(to, signal.reason));
    if (!preventCancel && from.state === 'readable') actions.push(cancelReadable(from, signal.reason));
    stop({ error: signal.reason, after: Promise.all(actions) });
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  writer.closed.catch(() => {});
  writer.closed.then(() => stop({ gone: true }), (error) => stop({ error, broken: true }));
  try {
    return await Promise.race([stopped.then((why) => ended(why)), move()]);
  } finally {
    over = true;
    signal?.removeEventListener('abort', abort);
    reader.releaseLock();
    writer.releaseLock();
  }

  async function ended(why) {
    if (over) return undefined;
    over = true;
    if (why.after !== undefined) await why.after;
    else if (why.broken && !preventCancel) await cancelReadable(from, why.error);
    else if (why.gone) {
      const closed = invalidState('Destination WritableStream is closed');
      if (!preventCancel) await cancelReadable(from, closed);
      throw closed;
    }
    await last.catch(() => {});
    throw why.error;
  }

  async function move() {
    for (;;) {
      if (to.state === 'errored' || to.state === 'erroring') return stopped;
      await writer.ready.catch(() => {});
      if (over) return stopped;
      let next;
      try {
        next = await reader.read();
      } catch (err) {
        if (over) return stopped;
        over = true;
        await last.catch(() => {});
        if (!preventAbort) await abortWritable(to, err).catch(() => {});
        throw err;
      }
      if (over) return stopped.then((why) => { throw why.error; });
      if (next.done) break;
      last = writer.write(next.value);
      last.catch(() => {});
    }
    over = true;
    await last.catch(() => {});
    if (to.state === 'errored') throw to.error;
    if (!preventClose && !closeQueued(to) && to.state !== 'closed') await writer.close();
    return undefined;
  }
}

/** Two streams of what one gives. */
function tee(stream) {
  const reader = stream.getReader();
  const reasons = [];
  let reading = false;
  let again = false;
  let settle;
  const cancelled = new Promise((resolve) => { settle = resolve; });
  const controllers = [];
  const dropped = [false, false];
  const pull = () => {
    if (reading) {
      again = true;
      return Promise.resolve();
    }
    reading = true;
    reader.read().then(({ done, value }) => {
      reading = false;
      controllers.forEach((controller, i) => {
        if (dropped[i]) return;
        if (done) controller.close();
        else controller.enqueue(value);
      });
      if (done) settle();
      else if (again) {
        again = false;
        pull();
      }
    }, () => {});
    return Promise.resolve();
  };
  const cancel = (i) => (reason) => {
    dropped[i] = true;
    reasons[i] = reason;
    if (dropped[1 - i]) settle(reader.cancel(reasons));
    return cancelled;
  };
  const branches = [0, 1].map((i) => create({ start: (controller) => { controllers[i] = controller; }, pull, cancel: cancel(i) }));
  reader.closed.catch((err) => {
    controllers.forEach((controller) => controller.error(err));
    settle();
  });
  return branches;
}

/** The async iterator of a stream. */
function iterate(stream, preventCancel) {
  const reader = stream.getReader();
  let last = Promise.resolve();
  let over = false;
  const step = async () => {
    if (over) return { value: undefined, done: true };
    try {
      const next = await reader.read();
      if (next.done) {
        over = true;
        reader.releaseLock();
      }
      return next;
    } catch (err) {
      over = true;
      reader.releaseLock();
      throw err;
    }
  };
  const end = async (value) => {
    if (over) return { value, done: true };
    over = true;
    if (preventCancel) reader.releaseLock();
    else {
      const cancelled = reader.cancel(value);
      reader.releaseLock();
      await cancelled;
    }
    return { value, done: true };
  };
  const queued = (f) => {
    last = last.then(f, f);
    return last;
  };
  return {
    next: () => queued(step),
    return: (value) => queued(() => end(value)),
    [Symbol.asyncIterator]() { return this; },
  };
}

function from(iterable) {
  const method = iterable?.[Symbol.asyncIterator] ?? iterable?.[Symbol.iterator];
  if (typeof method !== 'function') {
    throw new codes.ERR_ARG_NOT_ITERABLE(iterable);
  }
  const iterator = method.call(iterable);
  return create({
    async pull(controller) {
      const next = await iterator.next();
      if (typeof next !== 'object' || next === null) throw invalidState('The promise returned by the iterator.next() method must fulfill with an object');
      if (next.done) controller.close();
      else controller.enqueue(await next.value);
    },
    async cancel(reason) {
      const result = await iterator.return?.(reason);
      if (iterator.return !== undefined && (typeof result !== 'object' || result === null)) {
        throw invalidState('The promise returned by the iterator.return() method must fulfill with an object');
      }
    },
  }, 0);
}

module.exports = { pipe, tee, iterate, from, ReadableStream };
