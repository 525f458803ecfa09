/** The operators of readables: map, filter and the rest, and compose. Each takes {signal}, some {concurrency}. */
const { codes, AbortError } = require('errors');
const { validateObject, validateInteger, validateAbortSignal } = require('validators');
const { each } = require('stream_iterate');

function check(fn, options) {
  if (fn !== undefined && typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', ['Function', 'AsyncFunction'], fn);
  if (options !== undefined && options !== null) validateObject(options, 'options');
  if (options && options.signal !== undefined && options.signal !== null) validateAbortSignal(options.signal, 'options.signal');
}

const aborted = (signal) => Boolean(signal && signal.aborted);

/** A readable of what produce(push) pushes; push gives a promise that waits for room. */
function readableOf(produce, source, options) {
  const Readable = require('stream_readable');
  const signals = options && options.signal ? [options.signal] : [];
  const abort = new AbortController();
  let wake = () => {};
  let started = false;
  const out = new Readable({
    objectMode: true,
    highWaterMark: Math.max(1, (options && options.highWaterMark) || 1),
    read() {
      wake();
      if (started) return;
      started = true;
      produce(push, abort.signal).then(() => { if (!out.destroyed) out.push(null); }, (err) => out.destroy(err));
    },
    destroy(err, callback) {
      abort.abort();
      wake();
      if (started && source && !source.destroyed && typeof source.destroy === 'function') require('stream_destroy').destroyer(source, null);
      callback(err);
    },
  });
  const push = (value) => {
    if (out.destroyed) return true;
    if (out.push(value)) return undefined;
    return new Promise((resolve) => { wake = () => resolve(out.destroyed); });
  };
  for (const signal of signals) {
    const fail = () => {
      abort.abort(signal.reason);
      out.destroy(new AbortError(undefined, { cause: signal.reason }));
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  }
  return out;
}

function map(fn, options) {
  if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', ['Function', 'AsyncFunction'], fn);
  check(fn, options);
  let concurrency = 1;
  if (options && options.concurrency !== undefined && options.concurrency !== null) concurrency = Math.floor(options.concurrency);
  validateInteger(concurrency, 'options.concurrency', 1);
  let mark = concurrency - 1;
  if (options && options.highWaterMark !== undefined && options.highWaterMark !== null) mark = Math.floor(options.highWaterMark);
  validateInteger(mark, 'options.highWaterMark', 0);
  const source = this;
  return readableOf(async (push, signal) => {
    const running = [];
    const emitFirst = async () => {
      const outcome = await running.shift();
      if ('error' in outcome) throw outcome.error;
      return outcome.value === SKIP ? undefined : push(outcome.value);
    };
    const wait = async () => (await emitFirst()) === true;
    await each(source, (chunk) => {
      let job;
      try {
        job = fn(chunk, { signal });
      } catch (error) {
        job = Promise.reject(error);
      }
      running.push(Promise.resolve(job).then((value) => ({ value }), (error) => ({ error })));
      return running.length >= concurrency + mark ? wait() : undefined;
    });
    while (running.length > 0) await emitFirst();
  }, source, options && { ...options, highWaterMark: 1 });
}
const SKIP = Symbol('skip');

function filter(fn, options) {
  if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', ['Function', 'AsyncFunction'], fn);
  return map.call(this, async (value, opts) => ((await fn(value, opts)) ? value : SKIP), options);
}

async function forEach(fn, options) {
  if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', ['Function', 'AsyncFunction'], fn);
  await each(map.call(this, async (value, opts) => {
    await fn(value, opts);
    return SKIP;
  }, options), () => {});
}

async function some(fn, options) {
  let found = false;
  await each(filter.call(this, fn, options), () => { found = true; return true; });
  return found;
}

async function every(fn, options) {
  if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', ['Function', 'AsyncFunction'], fn);
  return !(await some.call(this, async (...args) => !(await fn(...args)), options));
}

async function find(fn, options) {
  let found;
  await each(filter.call(this, fn, options), (value) => { found = value; return true; });
  return found;
}

function flatMap(fn, options) {
  const values = map.call(this, fn, options);
  return readableOf((push) => each(values, (inner) => each(inner, push)), values);
}

function count(number) {
  const n = Number(number);
  if (Number.isNaN(n)) return 0;
  if (n < 0) throw new codes.ERR_OUT_OF_RANGE('number', '>= 0', n);
  return n;
}

function drop(number, options) {
  check(undefined, options);
  let left = count(number);
  return readableOf((push, signal) => each(this, (value) => {
    if (aborted(signal)) throw new AbortError();
    if (left <= 0) return push(value);
    left -= 1;
    return undefined;
  }), this, options);
}

function take(number, options) {
  check(undefined, options);
  let left = count(number);
  return readableOf((push, signal) => (left === 0 ? Promise.resolve() : each(this, async (value) => {
    if (aborted(signal)) throw new AbortError();
    left -= 1;
    const stop = await push(value);
    return stop === true || left <= 0;
  })), this, options);
}

module.exports = { map, filter, forEach, some, every, find, flatMap, take, drop, check, ...require('stream_collect') };
