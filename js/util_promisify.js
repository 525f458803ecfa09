/** util.promisify, callbackify and aborted. */
const { codes } = require('errors');
const { validateFunction } = require('validators');

const custom = Symbol.for('nodejs.util.promisify.custom');
/** Names for the values of callbacks with several of them, set by our own modules. */
const argumentNames = Symbol.for('sc.promisify.names');

function promisify(original) {
  validateFunction(original, 'original');
  // The timers have no callback at their end; their promises are those of timers/promises.
  if (original === globalThis.setTimeout) return require('timers_promises').setTimeout;
  if (original === globalThis.setImmediate) return require('timers_promises').setImmediate;
  if (original[custom]) {
    const fn = original[custom];
    validateFunction(fn, 'util.promisify.custom');
    return Object.defineProperty(fn, custom, { value: fn, enumerable: false, writable: false, configurable: true });
  }
  const names = original[argumentNames];
  function fn(...args) {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (err, ...values) => {
        if (err) reject(err);
        else if (names !== undefined && values.length > 1) resolve(Object.fromEntries(names.map((name, i) => [name, values[i]])));
        else resolve(values[0]);
      });
    });
  }
  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, custom, { value: fn, enumerable: false, writable: false, configurable: true });
  const properties = Object.getOwnPropertyDescriptors(original);
  for (const key of Reflect.ownKeys(properties)) {
    const own = Object.getOwnPropertyDescriptor(fn, key);
    if (own === undefined || own.configurable) Object.defineProperty(fn, key, properties[key]);
  }
  return fn;
}
promisify.custom = custom;

/** A falsy reason would look like success to the callback. */
function toError(reason) {
  if (reason) return reason;
  const err = new codes.ERR_FALSY_VALUE_REJECTION();
  err.reason = reason;
  return err;
}

function callbackify(original) {
  validateFunction(original, 'original');
  function callbackified(...args) {
    const callback = args.pop();
    validateFunction(callback, 'last argument');
    const done = callback.bind(this);
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(done, null, value),
      (reason) => process.nextTick(done, toError(reason)),
    );
  }
  const properties = Object.getOwnPropertyDescriptors(original);
  if (typeof properties.length.value === 'number') properties.length.value += 1;
  if (typeof properties.name.value === 'string') properties.name.value += 'Callbackified';
  delete properties.prototype;
  Object.defineProperties(callbackified, properties);
  return callbackified;
}

/** A promise that resolves once signal aborts. */
async function aborted(signal, resource) {
  if (signal === undefined) throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  require('validators').validateAbortSignal(signal, 'signal');
  require('validators').validateObject(resource, 'resource', { callable: true });
  if (signal.aborted) return undefined;
  return new Promise((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
}

module.exports = { promisify, callbackify, aborted, argumentNames };
