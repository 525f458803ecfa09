/** The operators of readables that give one value or one stream: toArray, reduce, compose. */
const { codes, AbortError } = require('errors');
const { validateObject, validateAbortSignal } = require('validators');
const { each } = require('stream_iterate');
const kinds = require('stream_kinds');

function check(options) {
  if (options !== undefined && options !== null) validateObject(options, 'options');
  if (options && options.signal !== undefined && options.signal !== null) validateAbortSignal(options.signal, 'options.signal');
}

/** Destroys the stream once the signal aborts, so that no read waits for ever; the result takes that back. */
function obey(stream, signal) {
  if (!signal) return () => {};
  const stop = () => stream.destroy(new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}

async function toArray(options) {
  check(options);
  const list = [];
  const signal = options && options.signal;
  const done = obey(this, signal);
  try {
    await each(this, (value) => {
      if (signal && signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
      list.push(value);
    });
  } finally {
    done();
  }
  return list;
}

async function reduce(fn, initial, options) {
  if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('reducer', ['Function', 'AsyncFunction'], fn);
  check(options);
  let value = initial;
  let has = arguments.length > 1;
  const signal = options && options.signal;
  if (signal && signal.aborted) {
    const err = new AbortError(undefined, { cause: signal.reason });
    this.once('error', () => {});
    await require('stream_finished').finishedPromise(this.destroy(err)).catch(() => {});
    throw err;
  }
  const abort = new AbortController();
  const done = obey(this, signal);
  if (signal) signal.addEventListener('abort', () => abort.abort(), { once: true });
  let any = false;
  try {
    await each(this, async (chunk) => {
      any = true;
      if (signal && signal.aborted) throw new AbortError();
      if (has) {
        value = await fn(value, chunk, { signal: abort.signal });
      } else {
        value = chunk;
        has = true;
      }
    });
  } finally {
    done();
    abort.abort();
  }
  if (!any && !has) {
    const err = new TypeError('Reduce of an empty stream requires an initial value');
    err.code = 'ERR_MISSING_ARGS';
    throw err;
  }
  return value;
}

function compose(stream, options) {
  check(options);
  if (kinds.isNode(stream) && !kinds.isWritable(stream)) throw new codes.ERR_INVALID_ARG_VALUE('stream', stream, 'must be writable');
  const composed = require('stream_compose').compose(this, stream);
  if (options && options.signal) require('stream_signal').addAbortSignalNoValidate(options.signal, composed);
  return composed;
}

module.exports = { toArray, reduce, compose };
