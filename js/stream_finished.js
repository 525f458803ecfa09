/** stream.finished: tells once how a stream ended. */
const { codes, AbortError } = require('errors');
const { validateFunction, validateObject, validateAbortSignal, validateBoolean } = require('validators');
const kinds = require('stream_kinds');

const nop = () => {};

function once(fn) {
  let called = false;
  return function onceOnly(...args) {
    if (called) return;
    called = true;
    fn.apply(this, args);
  };
}

function finished(stream, givenOptions, givenCallback) {
  let options = givenOptions;
  let callback = givenCallback;
  if (arguments.length === 2 && typeof options === 'function') [options, callback] = [{}, options];
  else if (options === undefined || options === null) options = {};
  else validateObject(options, 'options');
  validateFunction(callback, 'callback');
  validateAbortSignal(options.signal, 'options.signal');
  callback = once(callback);
  if (kinds.isReadableStream(stream) || kinds.isWritableStream(stream)) return finishedWeb(stream, options, callback);
  if (!kinds.isNode(stream)) {
    throw new codes.ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
  return watch(stream, options, callback);
}

function watch(stream, options, callback) {
  const readable = options.readable ?? kinds.isReadableNode(stream);
  const writable = options.writable ?? kinds.isWritableNode(stream);
  const w = stream._writableState;
  const r = stream._readableState;
  let willClose = kinds.willEmitClose(stream) && kinds.isReadableNode(stream) === readable && kinds.isWritableNode(stream) === writable;
  let writableFinished = kinds.isWritableFinished(stream, false);
  let readableFinished = kinds.isReadableFinished(stream, false);
  let closed = kinds.isClosed(stream);

  const onlegacyfinish = () => { if (!stream.writable) onfinish(); };
  const onfinish = () => {
    writableFinished = true;
    if (stream.destroyed) willClose = false;
    if (willClose && (!stream.writable || writable)) willClose = Boolean(willClose && (!readable || stream.readable));
    if (willClose && (!stream.readable || readable)) return;
    if (!readable || readableFinished) callback.call(stream);
  };
  const onend = () => {
    readableFinished = true;
    if (stream.destroyed) willClose = false;
    if (willClose && (!stream.writable || writable)) return;
    if (!writable || writableFinished) callback.call(stream);
  };
  const onerror = (err) => callback.call(stream, err);
  const onclose = () => {
    closed = true;
    const errored = kinds.isErrored(stream) && ((w && w.errored) || (r && r.errored));
    if (errored && typeof errored !== 'boolean') {
      callback.call(stream, errored);
      return;
    }
    if (readable && !readableFinished && kinds.isReadableNode(stream, true) && !kinds.isReadableFinished(stream, false)) {
      callback.call(stream, new codes.ERR_STREAM_PREMATURE_CLOSE());
      return;
    }
    if (writable && !writableFinished && !kinds.isWritableFinished(stream, false)) {
      callback.call(stream, new codes.ERR_STREAM_PREMATURE_CLOSE());
      return;
    }
    callback.call(stream);
  };
  const onclosed = () => {
    closed = true;
    const errored = (w && w.errored) || (r && r.errored);
    if (errored && typeof errored !== 'boolean') callback.call(stream, errored);
    else callback.call(stream);
  };
  const onrequest = () => stream.req.on('finish', onfinish);
  const isRequest = stream.setHeader && typeof stream.abort === 'function';
  const pairs = [];
  const listen = (type, fn) => {
    pairs.push([type, fn]);
    stream.on(type, fn);
  };
  if (isRequest) {
    listen('complete', onfinish);
    if (!willClose) listen('abort', onclose);
    if (stream.req) onrequest();
    else listen('request', onrequest);
  } else if (writable && !w) {
    listen('end', onlegacyfinish);
    listen('close', onlegacyfinish);
  }
  if (!willClose && typeof stream.aborted === 'boolean') listen('aborted', onclose);
  listen('end', onend);
  listen('finish', onfinish);
  if (options.error !== false) listen('error', onerror);
  listen('close', onclose);

  if (closed) process.nextTick(onclose);
  else if ((w && w.errorEmitted) || (r && r.errorEmitted)) {
    if (!willClose) process.nextTick(onclosed);
  } else if (!readable && (!willClose || kinds.isReadable(stream)) && (writableFinished || kinds.isWritable(stream) === false)
    && (w === undefined || w === null || w.pendingcb === undefined || w.pendingcb === 0)) {
    process.nextTick(onclosed);
  } else if (!writable && (!willClose || kinds.isWritable(stream)) && (readableFinished || kinds.isReadable(stream) === false)) {
    process.nextTick(onclosed);
  }

  const state = { callback };
  const cleanup = () => {
    state.callback = nop;
    for (const [type, fn] of pairs) stream.removeListener(type, fn);
    if (stream.req) stream.req.removeListener('finish', onfinish);
  };
  const inner = callback;
  if (options.signal && !closed) abortWith(options.signal, cleanup, (err) => inner.call(stream, err), (fn) => { callback = fn; }, inner, stream);
  return cleanup;
}

/** Ends the watch when the signal aborts. */
function abortWith(signal, cleanup, fail, replace, inner, stream) {
  const abort = () => {
    cleanup();
    fail(new AbortError(undefined, { cause: signal.reason }));
  };
  if (signal.aborted) {
    process.nextTick(abort);
    return;
  }
  const handle = require('events').addAbortListener(signal, abort);
  replace(once((...args) => {
    handle[Symbol.dispose]();
    inner.apply(stream, args);
  }));
}

function finishedWeb(stream, options, callback) {
  let done = callback;
  let stopped = false;
  if (options.signal) {
    const abort = () => {
      stopped = true;
      callback.call(stream, new AbortError(undefined, { cause: options.signal.reason }));
    };
    if (options.signal.aborted) process.nextTick(abort);
    else {
      const handle = require('events').addAbortListener(options.signal, abort);
      done = once((...args) => {
        handle[Symbol.dispose]();
        callback.apply(stream, args);
      });
    }
  }
  const settle = (...args) => { if (!stopped) process.nextTick(() => done.apply(stream, args)); };
  require('stream_web_adapters').closedOf(stream).then(() => settle(), settle);
  return nop;
}

/** finished as a promise; cleanup: without leaving listeners. */
function finishedPromise(stream, options) {
  let cleanup = false;
  if (options === null) throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
  if (options && options.cleanup !== undefined) {
    validateBoolean(options.cleanup, 'cleanup');
    cleanup = options.cleanup;
  }
  return new Promise((resolve, reject) => {
    const stop = finished(stream, options, (err) => {
      if (cleanup) stop();
      if (err) reject(err);
      else resolve();
    });
  });
}

module.exports = { finished, finishedPromise, once };
