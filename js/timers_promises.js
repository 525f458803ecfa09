/** The module "timers/promises": timers that are promises. Delays are milliseconds. */
const { AbortError } = require('errors');
const { validateAbortSignal, validateBoolean, validateObject } = require('validators');

function optionsOf(options = {}) {
  validateObject(options, 'options');
  validateAbortSignal(options.signal, 'options.signal');
  if (options.ref !== undefined) validateBoolean(options.ref, 'options.ref');
  return options;
}

/** A promise for value that a timer settles, or an abort before it. start(fn) starts the timer, clear(timer) ends it. */
function timed(value, options, start, clear) {
  let given;
  try {
    given = optionsOf(options);
  } catch (err) {
    return Promise.reject(err);
  }
  const { signal, ref = true } = given;
  if (signal && signal.aborted) return Promise.reject(new AbortError(undefined, { cause: signal.reason }));
  return new Promise((resolve, reject) => {
    let timer;
    const onAbort = () => {
      clear(timer);
      reject(new AbortError(undefined, { cause: signal.reason }));
    };
    timer = start(() => {
      if (signal) signal.removeEventListener('abort', onAbort);
      resolve(value);
    });
    if (!ref && timer && timer.unref) timer.unref();
    if (signal) signal.addEventListener('abort', onAbort, { once: true });
  });
}

const after = (delay, value, options) => timed(value, options, (fn) => setTimeout(fn, delay), clearTimeout);
const soon = (value, options) => timed(value, options, (fn) => setImmediate(fn), clearImmediate);

/** An async iterator that gives value every delay milliseconds; ticks that nobody waited for are kept. */
function interval(delay, value, options) {
  const { signal, ref = true } = optionsOf(options);
  if (signal && signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
  let ticks = 0;
  let wake;
  let aborted = false;
  const timer = setInterval(() => {
    ticks += 1;
    if (wake) wake();
  }, delay);
  if (!ref) timer.unref();
  const onAbort = () => {
    aborted = true;
    clearInterval(timer);
    if (wake) wake();
  };
  if (signal) signal.addEventListener('abort', onAbort, { once: true });
  let finished = false;
  return {
    async next() {
      while (ticks === 0 && !aborted && !finished) await new Promise((resolve) => { wake = resolve; });
      wake = undefined;
      if (finished) return { value: undefined, done: true };
      if (ticks === 0) {
        finished = true;
        throw new AbortError(undefined, { cause: signal.reason });
      }
      ticks -= 1;
      return { value, done: false };
    },
    async return(result) {
      finished = true;
      clearInterval(timer);
      if (signal) signal.removeEventListener('abort', onAbort);
      if (wake) wake();
      return { value: result, done: true };
    },
    [Symbol.asyncIterator]() { return this; },
  };
}

module.exports = {
  setTimeout: { setTimeout: (delay, value, options) => after(delay, value, options) }.setTimeout,
  setImmediate: { setImmediate: (value, options) => soon(value, options) }.setImmediate,
  setInterval: { setInterval: (delay, value, options) => interval(delay, value, options) }.setInterval,
  scheduler: {
    wait: (delay, options) => after(delay, undefined, options),
    yield: () => soon(),
  },
};
