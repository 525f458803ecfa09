/** PerformanceObserver, and the entries of the timeline: https://w3c.github.io/performance-timeline/ */
const { codes } = require('errors');
const { validateFunction, validateObject } = require('validators');

const TYPES = Object.freeze(['dns', 'function', 'gc', 'http', 'http2', 'mark', 'measure', 'net', 'resource']);
const observers = new Set();
const kMake = Symbol('kMake');

class PerformanceObserverEntryList {
  #entries;

  constructor(token, entries) {
    if (token !== kMake) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#entries = entries.sort((a, b) => a.startTime - b.startTime);
  }

  getEntries() { return [...this.#entries]; }

  getEntriesByType(type) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('type');
    return this.#entries.filter((entry) => entry.entryType === `${type}`);
  }

  getEntriesByName(name, type = undefined) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('name');
    return this.#entries.filter((entry) => entry.name === `${name}` && (type === undefined || entry.entryType === `${type}`));
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, show) {
    return depth < 0 ? this : `PerformanceObserverEntryList ${show(this.#entries, options)}`;
  }
}

class PerformanceObserver {
  #callback;
  #types = new Set();
  #entries = [];
  #mode;
  #due = false;

  constructor(callback) {
    validateFunction(callback, 'callback');
    this.#callback = callback;
  }

  static get supportedEntryTypes() { return TYPES; }

  observe(options = {}) {
    validateObject(options, 'options');
    const { entryTypes, type, buffered } = options;
    if (entryTypes === undefined && type === undefined) throw new codes.ERR_MISSING_ARGS('options.entryTypes', 'options.type');
    if (entryTypes !== undefined && type !== undefined) throw new codes.ERR_INVALID_ARG_VALUE('options.entryTypes', entryTypes, 'options.entryTypes can not set with options.type together');
    const mode = entryTypes === undefined ? 'single' : 'multiple';
    if (this.#mode !== undefined && this.#mode !== mode) {
      const word = mode === 'single' ? 'type' : 'entryTypes';
      throw new codes.ERR_INVALID_ARG_VALUE(`options.${word}`, entryTypes ?? type, `can not set options.${word} with ${mode === 'single' ? 'multiple' : 'single'} entry types observer`);
    }
    if (mode === 'multiple') {
      if (!Array.isArray(entryTypes)) throw new codes.ERR_INVALID_ARG_TYPE('options.entryTypes', 'string[]', entryTypes);
      this.#types = new Set(entryTypes.filter((one) => TYPES.includes(one)));
    } else {
      if (!TYPES.includes(type)) return;
      this.#types.add(type);
      if (buffered) for (const entry of require('perf_timeline').entriesOf(type)) this.#take(entry);
    }
    this.#mode = mode;
    if (this.#types.size > 0) observers.add(this);
    else this.disconnect();
  }

  disconnect() {
    observers.delete(this);
    this.#types = new Set();
    this.#entries = [];
    this.#mode = undefined;
  }

  takeRecords() { return this.#entries.splice(0); }

  #take(entry) {
    this.#entries.push(entry);
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      const entries = this.takeRecords();
      if (entries.length > 0) this.#callback(new PerformanceObserverEntryList(kMake, entries), this);
    });
  }

  /** Hands an entry to those who observe its type. */
  static [kMake](entry) {
    for (const observer of observers) if (observer.#types.has(entry.entryType)) observer.#take(entry);
  }
}

module.exports = { PerformanceObserver, PerformanceObserverEntryList, announce: (entry) => PerformanceObserver[kMake](entry) };
