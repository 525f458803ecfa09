/** stream.pipeline: streams, generators and functions joined end to end; any failure ends all of them. */
const { codes, AbortError } = require('errors');
const { validateFunction, validateAbortSignal } = require('validators');
const kinds = require('stream_kinds');
const { once, finished } = require('stream_finished');
const { destroyer } = require('stream_destroy');

const { each, aggregate } = require('stream_iterate');

const nop = () => {};

/** Watches a stream; the result destroys it. */
function watched(stream, reading, writing) {
  let done = false;
  stream.on('close', () => { done = true; });
  const cleanup = finished(stream, { readable: reading, writable: writing }, (err) => { done = !err; });
  return {
    destroy(err) {
      if (done) return;
      done = true;
      destroyer(stream, err || new codes.ERR_STREAM_DESTROYED('pipe'));
    },
    cleanup,
  };
}

function toAsyncIterable(value) {
  if (kinds.isIterable(value)) return value;
  if (kinds.isReadableNode(value)) return require('stream_iterate').iterate(value);
  throw new codes.ERR_INVALID_ARG_TYPE('val', ['Readable', 'Iterable', 'AsyncIterable'], value);
}

/** Writes all that iterable gives. */
async function pumpToNode(iterable, writable, finish, { end }) {
  let error;
  let onresolve = null;
  const resume = (err) => {
    if (err) error = err;
    if (onresolve) {
      const callback = onresolve;
      onresolve = null;
      callback();
    }
  };
  const wait = () => new Promise((resolve, reject) => {
    if (error) reject(error);
    else onresolve = () => (error ? reject(error) : resolve());
  });
  writable.on('drain', resume);
  const cleanup = finished(writable, { readable: false }, resume);
  try {
    if (writable.writableNeedDrain) await wait();
    await each(iterable, (chunk) => (writable.write(chunk) ? undefined : wait()));
    if (end) {
      writable.end();
      await wait();
    }
    finish();
  } catch (err) {
    finish(error !== err ? aggregate(error, err) : err);
  } finally {
    cleanup();
    writable.off('drain', resume);
  }
}

async function pumpToWeb(readable, writable, finish, { end }) {
  const target = kinds.isTransformStream(writable) ? writable.writable : writable;
  const writer = target.getWriter();
  try {
    await each(readable, async (chunk) => {
      await writer.ready;
      writer.write(chunk).catch(nop);
    });
    await writer.ready;
    if (end) await writer.close();
    finish();
  } catch (err) {
    try {
      await writer.abort(err);
    } finally {
      finish(err);
    }
  }
}

function pipeline(...streams) {
  const callback = streams[streams.length - 1];
  validateFunction(callback, 'streams[stream.length - 1]');
  streams.pop();
  return run(streams, once(callback));
}

function run(given, callback, options) {
  const streams = given.length === 1 && Array.isArray(given[0]) ? given[0] : given;
  if (streams.length < 2) throw new codes.ERR_MISSING_ARGS('streams');
  const abort = new AbortController();
  const { signal } = abort;
  const outer = options && options.signal;
  const lastCleanup = [];
  validateAbortSignal(outer, 'options.signal');
  const destroys = [];
  let error;
  let value;
  let count = 0;
  const finishImpl = (err, last) => {
    if (err && (!error || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) error = err;
    if (!error && !last) return;
    while (destroys.length > 0) destroys.shift()(error);
    if (disposable) disposable[Symbol.dispose]();
    abort.abort();
    if (last) {
      if (!error) for (const fn of lastCleanup) fn();
      process.nextTick(callback, error, value);
    }
  };
  const finish = (err) => { count -= 1; finishImpl(err, count === 0); };
  const onAbort = () => finishImpl(new AbortError(undefined, { cause: outer && outer.reason }));
  let disposable;
  if (outer) disposable = require('events').addAbortListener(outer, onAbort);
  const link = { streams, signal, destroys, finish, finishImpl, lastCleanup, setValue: (v) => { value = v; }, begin: () => { count += 1; } };
  let result;
  for (let i = 0; i < streams.length; i++) result = require('stream_pipeline_link').link(i, result, link, options);
  if ((signal && signal.aborted) || (outer && outer.aborted)) process.nextTick(onAbort);
  return result;
}

/** pipeline as a promise. */
function pipelinePromise(...streams) {
  return new Promise((resolve, reject) => {
    let signal;
    let end;
    const last = streams[streams.length - 1];
    if (last && typeof last === 'object' && !kinds.isNode(last) && !kinds.isIterable(last) && !kinds.isWebStream(last)) {
      ({ signal, end } = streams.pop());
    }
    run(streams, (err, value) => (err ? reject(err) : resolve(value)), { signal, end });
  });
}

module.exports = { pipeline, run, pipelinePromise, watched, toAsyncIterable, pumpToNode, pumpToWeb };
