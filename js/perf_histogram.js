/** Histograms of perf_hooks: exact counts of whole numbers. */
const { codes } = require('errors');
const { validateInteger, validateNumber, validateObject } = require('validators');
const { kClone } = require('messaging');

const kMake = Symbol('kMake');
const states = new WeakMap();
const NONE = 9223372036854775807n;

const stateOf = (histogram) => {
  const state = states.get(histogram);
  if (state === undefined) throw new codes.ERR_INVALID_THIS('Histogram');
  return state;
};
const newState = (highest = Number.MAX_SAFE_INTEGER) => ({ counts: new Map(), count: 0, sum: 0, squares: 0, min: Infinity, max: 0, exceeds: 0, highest, last: undefined });

function put(state, value, times = 1) {
  if (value > state.highest) {
    state.exceeds += times;
    return;
  }
  state.counts.set(value, (state.counts.get(value) ?? 0) + times);
  state.count += times;
  state.sum += value * times;
  state.squares += value * value * times;
  state.min = Math.min(state.min, value);
  state.max = Math.max(state.max, value);
}

/** The value below which so many percent lie. */
function percentile(state, percent) {
  let left = Math.max(1, Math.ceil((percent / 100) * state.count));
  for (const value of [...state.counts.keys()].sort((a, b) => a - b)) {
    left -= state.counts.get(value);
    if (left <= 0) return value;
  }
  return 0;
}

function percentiles(state, convert) {
  const map = new Map();
  if (state.count === 0) return map.set(100, convert(0));
  let step = 50;
  for (let at = 0; at < 100 && percentile(state, at) < state.max; at += step, step /= 2) map.set(at, convert(percentile(state, at)));
  if (map.size === 0) map.set(0, convert(percentile(state, 0)));
  return map.set(100, convert(state.max));
}

class Histogram {
  constructor(token) { if (token !== kMake) throw new codes.ERR_ILLEGAL_CONSTRUCTOR(); }

  get count() { return stateOf(this).count; }
  get countBigInt() { return BigInt(this.count); }
  get min() { return stateOf(this).count === 0 ? Number(NONE) : stateOf(this).min; }
  get minBigInt() { return stateOf(this).count === 0 ? NONE : BigInt(stateOf(this).min); }
  get max() { return stateOf(this).max; }
  get maxBigInt() { return BigInt(this.max); }
  get exceeds() { return stateOf(this).exceeds; }
  get exceedsBigInt() { return BigInt(this.exceeds); }
  get mean() { return stateOf(this).sum / stateOf(this).count; }

  get stddev() {
    const { count, squares } = stateOf(this);
    return count === 0 ? NaN : Math.sqrt(Math.max(0, squares / count - this.mean ** 2));
  }

  percentile(percent) {
    validateNumber(percent, 'percentile');
    if (Number.isNaN(percent) || percent <= 0 || percent > 100) throw new codes.ERR_OUT_OF_RANGE('percentile', '> 0 && <= 100', percent);
    return percentile(stateOf(this), percent);
  }

  percentileBigInt(percent) { return BigInt(this.percentile(percent)); }
  get percentiles() { return percentiles(stateOf(this), Number); }
  get percentilesBigInt() { return percentiles(stateOf(this), BigInt); }
  reset() { states.set(this, newState(stateOf(this).highest)); }

  toJSON() {
    const { count, min, max, mean, exceeds, stddev } = this;
    return { count, min, max, mean, exceeds, stddev, percentiles: Object.fromEntries(this.percentiles) };
  }

  [kClone]() { return { name: 'perf_histogram:received', data: { ...stateOf(this), recordable: this instanceof RecordableHistogram } }; }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, show) {
    if (depth < 0) return `[${this.constructor.name}]`;
    const { min, max, mean, exceeds, stddev, count, percentiles: all } = this;
    return `Histogram ${show({ min, max, mean, exceeds, stddev, count, percentiles: all }, options)}`;
  }
}

class RecordableHistogram extends Histogram {
  record(value) {
    const state = stateOf(this);
    if (typeof value !== 'bigint') validateInteger(value, 'val', 1);
    else if (value < 1n) throw new codes.ERR_OUT_OF_RANGE('val', '>= 1', value);
    put(state, Number(value));
  }

  /** Records the nanoseconds since the last call. */
  recordDelta() {
    const state = stateOf(this);
    const now = Number(process.hrtime.bigint());
    if (state.last !== undefined && now > state.last) put(state, now - state.last);
    state.last = now;
  }

  add(other) {
    if (!states.has(other)) throw new codes.ERR_INVALID_ARG_TYPE('other', 'RecordableHistogram', other);
    for (const [value, times] of stateOf(other).counts) put(stateOf(this), value, times);
  }
}

function make(Class, state) {
  const histogram = new Class(kMake);
  states.set(histogram, state);
  return histogram;
}

const received = ({ recordable, ...state }) => make(recordable ? RecordableHistogram : Histogram, state);

function createHistogram(options = {}) {
  validateObject(options, 'options');
  const { lowest = 1, highest = Number.MAX_SAFE_INTEGER, figures = 3 } = options;
  if (typeof lowest !== 'bigint') validateInteger(lowest, 'options.lowest', 1);
  if (typeof highest !== 'bigint') validateInteger(highest, 'options.highest', 2 * Number(lowest));
  else if (highest < 2n * BigInt(lowest)) throw new codes.ERR_INVALID_ARG_VALUE('options.highest', highest);
  validateInteger(figures, 'options.figures', 1, 5);
  return make(RecordableHistogram, newState(Number(highest)));
}

/** A histogram of how much later than asked a timer comes. */
class IntervalHistogram extends Histogram {
  #resolution;
  #timer;

  constructor(token, resolution) {
    super(token);
    this.#resolution = resolution;
  }

  enable() {
    if (this.#timer !== undefined) return false;
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      put(stateOf(this), Math.max(1, Math.round((now - last) * 1e6)));
      last = now;
    }, this.#resolution).unref();
    return true;
  }

  disable() {
    if (this.#timer === undefined) return false;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return true;
  }

  [Symbol.dispose]() { this.disable(); }
}

function monitorEventLoopDelay(options = {}) {
  validateObject(options, 'options');
  const { resolution = 10 } = options;
  validateInteger(resolution, 'options.resolution', 1);
  const histogram = new IntervalHistogram(kMake, resolution);
  states.set(histogram, newState());
  return histogram;
}

module.exports = { createHistogram, monitorEventLoopDelay, received };
