/** What the classes of web streams have in common: promises that can be settled, queues with sizes, and strategies. */
const { codes } = require('errors');

/** Makes the objects that no script can make by itself; see ReadableStreamDefaultController and its like. */
const kInternal = Symbol('kInternal');

/** A promise with its resolve and reject; a rejection that nobody looks at is none of the script's faults. */
function deferred() {
  const d = {};
  d.promise = new Promise((resolve, reject) => { Object.assign(d, { resolve, reject }); });
  return d;
}

function settled(how, value) {
  const d = deferred();
  d[how](value);
  d.promise.catch(() => {});
  d.done = true;
  return d;
}

/** ERR_INVALID_STATE as the TypeError that web streams throw. */
const invalidState = (text) => require('errors').withCode(new TypeError(`Invalid state: ${text}`), 'ERR_INVALID_STATE');

/** A queue of chunks that knows the size of what it holds. */
class SizedQueue {
  items = [];
  size = 0;

  push(value, size) {
    const n = Number(size);
    if (Number.isNaN(n) || n < 0 || n === Infinity) throw rangeError(size);
    this.items.push({ value, size: n });
    this.size += n;
  }

  shift() {
    const { value, size } = this.items.shift();
    this.size = Math.max(0, this.size - size);
    return value;
  }

  clear() {
    this.items = [];
    this.size = 0;
  }

  get length() { return this.items.length; }
}

function rangeError(size) {
  const err = new codes.ERR_INVALID_ARG_VALUE('size', size);
  return Object.setPrototypeOf(err, RangeError.prototype);
}

/** The mark and the size function of a strategy. */
function strategyOf(strategy, mark) {
  if (strategy === undefined || strategy === null) return { mark, size: () => 1 };
  const { highWaterMark, size } = strategy;
  if (size !== undefined && typeof size !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('strategy.size', 'Function', size);
  const n = highWaterMark === undefined ? mark : Number(highWaterMark);
  if (Number.isNaN(n) || n < 0) {
    throw Object.setPrototypeOf(new codes.ERR_INVALID_ARG_VALUE('strategy.highWaterMark', highWaterMark), RangeError.prototype);
  }
  return { mark: n, size: size === undefined ? () => 1 : (chunk) => size.call(undefined, chunk), given: size !== undefined };
}

/** A method of a source, sink or transformer that returns a promise, whatever it does. */
function promised(owner, name, fallback = undefined) {
  const method = owner?.[name];
  if (method === undefined) return fallback ?? (() => Promise.resolve());
  if (typeof method !== 'function') throw new codes.ERR_INVALID_ARG_TYPE(name, 'Function', method);
  return (...args) => {
    try {
      return Promise.resolve(method.apply(owner, args));
    } catch (err) {
      return Promise.reject(err);
    }
  };
}

/** Shows a stream's class and a few of its facts. */
const inspector = (facts) => function inspect(depth, options, show) {
  if (typeof this !== 'object' || this === null) throw new codes.ERR_INVALID_THIS('Stream');
  if (depth < 0) return this.constructor.name;
  return `${this.constructor.name} ${show(facts(this), { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
};
const kInspect = Symbol.for('nodejs.util.inspect.custom');

/** Makes accessors and methods enumerable, as Web IDL has it, and names the class. */
function expose(Class) {
  for (const name of Object.getOwnPropertyNames(Class.prototype)) {
    if (name !== 'constructor') Object.defineProperty(Class.prototype, name, { enumerable: true });
  }
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: Class.name, configurable: true });
}

class ByteLengthQueuingStrategy {
  #mark;

  constructor(init) {
    if (typeof init !== 'object' || init === null) throw new codes.ERR_INVALID_ARG_TYPE('init', 'Object', init);
    if (init.highWaterMark === undefined) throw new codes.ERR_MISSING_OPTION('init.highWaterMark');
    this.#mark = +init.highWaterMark;
  }

  get highWaterMark() { return this.#mark; }
  get size() { return byteLength; }
  [kInspect](depth, options, show) { return inspector((s) => ({ highWaterMark: s.#mark })).call(this, depth, options, show); }
}

class CountQueuingStrategy {
  #mark;

  constructor(init) {
    if (typeof init !== 'object' || init === null) throw new codes.ERR_INVALID_ARG_TYPE('init', 'Object', init);
    if (init.highWaterMark === undefined) throw new codes.ERR_MISSING_OPTION('init.highWaterMark');
    this.#mark = +init.highWaterMark;
  }

  get highWaterMark() { return this.#mark; }
  get size() { return one; }
  [kInspect](depth, options, show) { return inspector((s) => ({ highWaterMark: s.#mark })).call(this, depth, options, show); }
}
const byteLength = Object.defineProperty((chunk) => chunk.byteLength, 'name', { value: 'size' });
const one = Object.defineProperty(() => 1, 'name', { value: 'size' });
expose(ByteLengthQueuingStrategy);
expose(CountQueuingStrategy);

module.exports = {
  kInternal, kInspect, deferred, settled, invalidState, SizedQueue, strategyOf, promised, inspector, expose, ByteLengthQueuingStrategy, CountQueuingStrategy,
};
