/** The static functions of "events": once and on as promise and async iterator, and those for event targets. */
const { AbortError, codes } = require('errors');
const { validateAbortSignal, validateObject } = require('validators');

const isTarget = (emitter) => emitter && typeof emitter.addEventListener === 'function';

function attach(emitter, name, fn, once) {
  if (typeof emitter.on === 'function') emitter[once ? 'once' : 'on'](name, fn);
  else if (isTarget(emitter)) emitter.addEventListener(name, fn, { once });
  else throw new codes.ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
}

function detach(emitter, name, fn) {
  if (typeof emitter.removeListener === 'function') emitter.removeListener(name, fn);
  else if (isTarget(emitter)) emitter.removeEventListener(name, fn);
}

/** A promise for the arguments of the next event of that name; rejected by an error event before it. */
async function once(emitter, name, options = {}) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal && signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return new Promise((resolve, reject) => {
    let onAbort;
    const clean = () => signal && signal.removeEventListener('abort', onAbort);
    const onError = (err) => {
      detach(emitter, name, onEvent);
      clean();
      reject(err);
    };
    const onEvent = (...args) => {
      detach(emitter, 'error', onError);
      clean();
      resolve(args);
    };
    attach(emitter, name, onEvent, true);
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    if (!signal) return;
    onAbort = () => {
      detach(emitter, name, onEvent);
      detach(emitter, 'error', onError);
      reject(new AbortError(undefined, { cause: signal.reason }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

const AsyncIteratorPrototype = { [Symbol.asyncIterator]() { return this; } };

/** An async iterator over the arguments of every event of that name. */
function on(emitter, name, options = {}) {
  validateObject(options, 'options');
  const { signal, close = [] } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal && signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const events = [];
  const waiting = [];
  let error;
  let finished = false;

  const onEvent = (...args) => {
    const next = waiting.shift();
    if (next) next.resolve({ value: args, done: false });
    else events.push(args);
  };
  const onError = (err) => {
    const next = waiting.shift();
    if (next) next.reject(err);
    else error = err;
    iterator.return();
  };
  const onAbort = () => onError(new AbortError(undefined, { cause: signal.reason }));
  const stop = () => {
    detach(emitter, name, onEvent);
    if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
    for (const event of close) detach(emitter, event, finish);
    if (signal) signal.removeEventListener('abort', onAbort);
    finished = true;
    for (const next of waiting.splice(0)) next.resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  };
  const finish = () => iterator.return();

  const iterator = Object.setPrototypeOf({
    next() {
      if (events.length > 0) return Promise.resolve({ value: events.shift(), done: false });
      if (error) {
        const failed = Promise.reject(error);
        error = undefined;
        return failed;
      }
      if (finished) return stop();
      return new Promise((resolve, reject) => { waiting.push({ resolve, reject }); });
    },
    return: stop,
    throw(err) {
      if (!err || !(err instanceof Error)) throw new codes.ERR_INVALID_ARG_TYPE('EventEmitter.AsyncIterator', 'Error', err);
      onError(err);
    },
  }, AsyncIteratorPrototype);

  attach(emitter, name, onEvent, false);
  if (name !== 'error' && typeof emitter.on === 'function') emitter.on('error', onError);
  for (const event of close) attach(emitter, event, finish, false);
  if (signal) signal.addEventListener('abort', onAbort, { once: true });
  return iterator;
}

/** Limits of event targets, which have no method of their own. */
const targetLimits = new WeakMap();

function setMaxListeners(target, n) {
  if (typeof target.setMaxListeners === 'function') target.setMaxListeners(n);
  else if (isTarget(target)) targetLimits.set(target, n);
  else throw new codes.ERR_INVALID_ARG_TYPE('eventTargets', ['EventEmitter', 'EventTarget'], target);
}

function getMaxListeners(target, fallback) {
  if (typeof target.getMaxListeners === 'function') return target.getMaxListeners();
  // A signal may have any number of listeners: many things wait for one.
  if (isTarget(target)) return targetLimits.get(target) ?? (target instanceof AbortSignal ? 0 : fallback);
  throw new codes.ERR_INVALID_ARG_TYPE('emitter', ['EventEmitter', 'EventTarget'], target);
}

function getEventListeners(target, type) {
  if (typeof target.listeners === 'function') return target.listeners(type);
  throw new codes.ERR_INVALID_ARG_TYPE('emitter', ['EventEmitter', 'EventTarget'], target);
}

/** Calls listener once when signal aborts, at once if it has; the result's Symbol.dispose takes it away. */
function addAbortListener(signal, listener) {
  if (signal === undefined) throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  require('validators').validateFunction(listener, 'listener');
  let remove;
  if (signal.aborted) queueMicrotask(() => listener());
  else {
    signal.addEventListener('abort', listener, { once: true });
    remove = () => signal.removeEventListener('abort', listener);
  }
  return { [Symbol.dispose]() { if (remove) remove(); } };
}

module.exports = { once, on, setMaxListeners, getMaxListeners, getEventListeners, addAbortListener };
