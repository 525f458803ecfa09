/** The object `performance` of scripts: marks, measures, and the times of the process and its loop. */
const { codes } = require('errors');
const { validateFunction, validateNumber, validateObject, validateString } = require('validators');

const { DOMException, EventTarget, Event } = globalThis;
const kMake = Symbol('kMake');
/** More entries than these push out the oldest: nobody may ever clear them. */
const MAX_ENTRIES = 10000;
let entries = [];

class PerformanceEntry {
  #name; #type; #start; #duration;

  constructor(token, name, type, start, duration) {
    if (token !== kMake) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    this.#name = name;
    this.#type = type;
    this.#start = start;
    this.#duration = duration;
  }

  get name() { return read(this, #name in this) && this.#name; }
  get entryType() { return read(this, #name in this) && this.#type; }
  get startTime() { read(this, #name in this); return this.#start; }
  get duration() { read(this, #name in this); return this.#duration; }

  toJSON() {
    const { name, entryType, startTime, duration } = this;
    return { name, entryType, startTime, duration };
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, show) {
    return depth < 0 ? this : `${this.constructor.name} ${show(this.toJSON(), options)}`;
  }
}

function read(entry, ours) {
  if (!ours) throw new codes.ERR_INVALID_THIS('PerformanceEntry');
  return true;
}

/** A copy of the detail of a mark or measure. */
const detailOf = (detail) => (detail === undefined || detail === null ? null : structuredClone(detail));

class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(name, options = undefined) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('name');
    const text = `${name}`;
    if (text in nodeTiming) throw new codes.ERR_INVALID_ARG_VALUE('name', name);
    if (options !== undefined && options !== null) validateObject(options, 'options');
    const start = options?.startTime ?? binding.now();
    validateNumber(start, 'startTime');
    if (start < 0) throw new codes.ERR_PERFORMANCE_INVALID_TIMESTAMP(start);
    super(kMake, text, 'mark', start, 0);
    this.#detail = detailOf(options?.detail);
  }

  get detail() { return this.#detail; }
  toJSON() { return { ...super.toJSON(), detail: this.#detail }; }
}

class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(token, name, start, duration, detail) {
    super(token, name, 'measure', start, duration);
    this.#detail = detail;
  }

  get detail() { return this.#detail; }
  toJSON() { return { ...super.toJSON(), detail: this.#detail }; }
}

/** An entry of a type that has no class of its own: function, http, net, … */
class PerformanceNodeEntry extends PerformanceEntry {
  #detail;

  constructor(token, name, type, start, duration, detail) {
    super(token, name, type, start, duration);
    this.#detail = detail;
  }

  get detail() { return this.#detail; }
  toJSON() { return { ...super.toJSON(), detail: this.#detail }; }
}
for (const Class of [PerformanceEntry, PerformanceMark, PerformanceMeasure]) {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: Class.name, configurable: true });
  for (const name of ['name', 'entryType', 'startTime', 'duration', 'detail']) {
    if (Object.hasOwn(Class.prototype, name)) Object.defineProperty(Class.prototype, name, { enumerable: true });
  }
}

function add(entry) {
  entries.push(entry);
  if (entries.length > MAX_ENTRIES) entries.shift();
  require('perf_observer').announce(entry);
  return entry;
}

/** The times of the process, in milliseconds since timeOrigin. */
const nodeTiming = Object.create(PerformanceEntry.prototype, Object.fromEntries(Object.entries({
  name: () => 'node', entryType: () => 'node', startTime: () => 0, duration: () => binding.now(),
  nodeStart: () => binding.marks()[0], v8Start: () => binding.marks()[1], environment: () => binding.marks()[2], bootstrapComplete: () => binding.marks()[3],
  loopStart: () => binding.loop()[0], loopExit: () => binding.loop()[2], idleTime: () => binding.loop()[1],
  uvMetricsInfo: () => ({ loopCount: binding.loop()[3], events: 0, eventsWaiting: 0 }),
}).map(([name, get]) => [name, { enumerable: true, configurable: true, get }])));
Object.defineProperty(nodeTiming, 'toJSON', {
  value() { return Object.fromEntries(Object.keys(this).map((name) => [name, this[name]])); },
});

/** The time of a mark by its name, of the process's own, or a time itself. */
function timeOf(mark) {
  if (mark === undefined) return undefined;
  if (typeof mark === 'number') {
    if (mark < 0) throw new codes.ERR_PERFORMANCE_INVALID_TIMESTAMP(mark);
    return mark;
  }
  if (mark in nodeTiming && mark !== 'name' && mark !== 'entryType') return nodeTiming[mark];
  const entry = entries.findLast((e) => e.entryType === 'mark' && e.name === `${mark}`);
  if (!entry) throw new DOMException(`The "${mark}" performance mark has not been set`, 'SyntaxError');
  return entry.startTime;
}

function measure(name, from = undefined, to = undefined) {
  validateString(name, 'name');
  const options = from !== null && typeof from === 'object' ? from : undefined;
  if (options !== undefined) {
    const { start, end, duration } = options;
    if (to !== undefined) throw new codes.ERR_INVALID_ARG_VALUE('endMark', to, 'must not be specified');
    if (start === undefined && end === undefined) throw new codes.ERR_INVALID_ARG_VALUE('options', options, 'One of options.start or options.end is required');
    if (start !== undefined && end !== undefined && duration !== undefined) {
      throw new codes.ERR_INVALID_ARG_VALUE('options', options, 'Must not have options.start, options.end, and options.duration specified');
    }
  }
  const given = options ?? { start: from, end: to };
  let end = timeOf(given.end);
  let start = timeOf(given.start);
  if (end === undefined) end = given.start !== undefined && given.duration !== undefined ? start + timeOf(given.duration) : binding.now();
  if (start === undefined) start = given.duration !== undefined ? end - timeOf(given.duration) : 0;
  return add(new PerformanceMeasure(kMake, name, start, end - start, detailOf(options?.detail)));
}

const without = (type, name) => {
  const text = name === undefined ? undefined : `${name}`;
  entries = entries.filter((e) => e.entryType !== type || (text !== undefined && e.name !== text));
};
const sorted = () => [...entries].sort((a, b) => a.startTime - b.startTime);

/** The share of time that the loop did not wait, since one or between two earlier results. */
function eventLoopUtilization(one = undefined, two = undefined) {
  const [start, idle] = binding.loop();
  if (start <= 0) return { idle: 0, active: 0, utilization: 0 };
  if (two !== undefined) {
    const [gap, work] = [one.idle - two.idle, one.active - two.active];
    return { idle: gap, active: work, utilization: work / (gap + work) };
  }
  const active = binding.now() - start - idle;
  if (one === undefined) return { idle, active, utilization: active / (idle + active) };
  const [gap, work] = [idle - one.idle, active - one.active];
  return { idle: gap, active: work, utilization: work / (gap + work) };
}

/** fn, each call of which is an entry of type function. */
function timerify(fn, options = {}) {
  validateFunction(fn, 'fn');
  validateObject(options, 'options');
  const { histogram } = options;
  if (histogram !== undefined && (histogram === null || typeof histogram !== 'object' || typeof histogram.record !== 'function')) {
    throw new codes.ERR_INVALID_ARG_TYPE('options.histogram', 'RecordableHistogram', histogram);
  }
  function timerified(...args) {
    const start = binding.now();
    const result = new.target === undefined ? Reflect.apply(fn, this, args) : Reflect.construct(fn, args, fn);
    const end = () => {
      const duration = binding.now() - start;
      histogram?.record(Math.max(1, Math.ceil(duration * 1e6)));
      const entry = new PerformanceNodeEntry(kMake, fn.name, 'function', start, duration, args);
      for (const [i, arg] of args.entries()) entry[i] = arg;
      require('perf_observer').announce(entry);
    };
    if (new.target === undefined && typeof result?.finally === 'function') return result.finally(end);
    end();
    return result;
  }
  Object.defineProperties(timerified, {
    length: { configurable: false, enumerable: true, value: fn.length }, name: { configurable: false, enumerable: true, value: `timerified ${fn.name}` },
  });
  return timerified;
}

class Performance extends EventTarget {
  constructor(token) {
    if (token !== kMake) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    super();
  }

  get timeOrigin() { return check(this) && binding.timeOrigin; }
  get nodeTiming() { return nodeTiming; }
  get timerify() { return timerify; }
  get eventLoopUtilization() { return eventLoopUtilization; }
  now() { return check(this) && binding.now(); }
  mark(name, options = undefined) { return check(this) && add(new PerformanceMark(name, options)); }
  measure(...args) { return check(this) && measure(...args); }
  getEntries() { return check(this) && sorted(); }

  getEntriesByName(name, type = undefined) {
    check(this);
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('name');
    return sorted().filter((e) => e.name === `${name}` && (type === undefined || e.entryType === `${type}`));
  }

  getEntriesByType(type) {
    check(this);
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('type');
    return sorted().filter((e) => e.entryType === `${type}`);
  }

  clearMarks(name = undefined) { check(this); without('mark', name); }
  clearMeasures(name = undefined) { check(this); without('measure', name); }
  clearResourceTimings(name = undefined) { check(this); without('resource', name); }
  setResourceTimingBufferSize() { check(this); }
  markResourceTiming(...args) { return add(require('perf_resource').make(...args)); }

  toJSON() {
    check(this);
    return { nodeTiming, timeOrigin: binding.timeOrigin, eventLoopUtilization: eventLoopUtilization() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, show) {
    return depth < 0 ? this : `Performance ${show({ nodeTiming, timeOrigin: binding.timeOrigin }, options)}`;
  }
}

function check(self) {
  if (!(self instanceof Performance)) throw new codes.ERR_INVALID_THIS('Performance');
  return true;
}
for (const name of Object.getOwnPropertyNames(Performance.prototype)) if (name !== 'constructor') Object.defineProperty(Performance.prototype, name, { enumerable: true });
Object.defineProperty(Performance.prototype, Symbol.toStringTag, { value: 'Performance', configurable: true });

module.exports = {
  performance: new Performance(kMake), Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, timerify, eventLoopUtilization, nodeTiming,
  entriesOf: (type) => sorted().filter((e) => e.entryType === type), kMake, Event,
};
