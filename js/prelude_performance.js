/** The object `performance`. binding.now() is in milliseconds since binding.timeOrigin, itself since 1970. */
const { DOMException } = require('prelude_events');

class PerformanceEntry {
  constructor(name, entryType, startTime, duration, detail) {
    Object.assign(this, { name, entryType, startTime, duration, detail });
  }

  toJSON() { return { ...this }; }
}

/** More entries than these push out the oldest: nobody may ever clear them. */
const MAX_ENTRIES = 10000;
let entries = [];

const add = (entry) => {
  entries.push(entry);
  if (entries.length > MAX_ENTRIES) entries.shift();
  return entry;
};

const at = (mark, otherwise) => {
  if (mark === undefined) return otherwise;
  if (typeof mark === 'number') return mark;
  const entry = entries.findLast((e) => e.entryType === 'mark' && e.name === String(mark));
  if (!entry) throw new DOMException(`The "${mark}" performance mark has not been set`, 'SyntaxError');
  return entry.startTime;
};

const without = (type, name) => {
  entries = entries.filter((e) => e.entryType !== type || (name !== undefined && e.name !== name));
};

class Performance {
  get timeOrigin() { return binding.timeOrigin; }

  now() { return binding.now(); }

  mark(name, { startTime = binding.now(), detail = null } = {}) {
    return add(new PerformanceEntry(String(name), 'mark', startTime, 0, detail));
  }

  measure(name, from = undefined, to = undefined) {
    const o = from !== null && typeof from === 'object' ? from : { start: from, end: to };
    const end = at(o.end, o.duration === undefined ? binding.now() : at(o.start, 0) + o.duration);
    const start = at(o.start, o.duration === undefined ? 0 : end - o.duration);
    return add(new PerformanceEntry(String(name), 'measure', start, end - start, o.detail ?? null));
  }

  getEntries() { return entries.slice().sort((a, b) => a.startTime - b.startTime); }
  getEntriesByName(name, type) { return this.getEntries().filter((e) => e.name === name && (type === undefined || e.entryType === type)); }
  getEntriesByType(type) { return this.getEntries().filter((e) => e.entryType === type); }
  clearMarks(name) { without('mark', name); }
  clearMeasures(name) { without('measure', name); }
  toJSON() { return { timeOrigin: this.timeOrigin }; }

  get [Symbol.toStringTag]() { return 'Performance'; }
}

Object.assign(exports, { performance: new Performance(), Performance, PerformanceEntry });
