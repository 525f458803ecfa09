/** The module "perf_hooks", as far as scripts use it to measure. */
const performance = globalThis.performance;

/** A histogram of numbers, for createHistogram: exact, in nanoseconds as node's. */
class Histogram {
  #values = [];

  record(value) {
    require('validators').validateInteger(Number(value), 'val', 1);
    this.#values.push(Number(value));
  }

  #sorted() { return this.#values.slice().sort((a, b) => a - b); }

  get count() { return this.#values.length; }

  get min() { return this.count === 0 ? 9223372036854776000 : Math.min(...this.#values); }

  get max() { return this.count === 0 ? 0 : Math.max(...this.#values); }

  get mean() { return this.count === 0 ? NaN : this.#values.reduce((a, b) => a + b, 0) / this.count; }

  get stddev() {
    const { mean } = this;
    return this.count === 0 ? NaN : Math.sqrt(this.#values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / this.count);
  }

  percentile(p) {
    require('validators').validateNumber(p, 'percentile', Number.MIN_VALUE, 100);
    return this.count === 0 ? 0 : this.#sorted()[Math.max(0, Math.ceil((p / 100) * this.count) - 1)];
  }

  reset() { this.#values = []; }
}

module.exports = {
  performance,
  createHistogram: () => new Histogram(),
  constants: {},
};
for (const name of ['Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure', 'PerformanceObserver']) {
  if (name in globalThis) Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get: () => globalThis[name] });
}
