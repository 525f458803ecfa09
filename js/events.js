/**
 * The module "events": EventEmitter as node has it. The static once and on stand in events_async.js.
 */
const { validateFunction, validateNumber } = require('validators');
const { emit, once, kCapture, kShapeMode, errorMonitor, captureRejectionSymbol } = require('events_emit');


let defaultMaxListeners = 10;

/** @param {{captureRejections: (boolean|undefined)}} [opts] */
function EventEmitter(opts) {
  EventEmitter.init.call(this, opts);
}

EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;

/** What the constructor does; classes of the old style call it themselves. */
EventEmitter.init = function init(opts) {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = Object.create(null);
    this._eventsCount = 0;
    this[kShapeMode] = false;
  } else {
    this[kShapeMode] = true;
  }
  this._maxListeners = this._maxListeners || undefined;
  if (opts && opts.captureRejections) {
    require('validators').validateBoolean(opts.captureRejections, 'options.captureRejections');
    this[kCapture] = Boolean(opts.captureRejections);
  } else {
    this[kCapture] = EventEmitter.prototype[kCapture];
  }
};

function limitOf(emitter) {
  return emitter._maxListeners === undefined ? defaultMaxListeners : emitter._maxListeners;
}

/** Warns once a list of listeners grows beyond the limit: most likely somebody forgets to remove them. */
function warnLeak(emitter, type, list) {
  list.warned = true;
  const warning = new Error(`Possible EventEmitter memory leak detected. ${list.length} ${String(type)} listeners added to `
    + `${require('inspect').inspect(emitter, { depth: -1 })}. MaxListeners is ${limitOf(emitter)}. Use emitter.setMaxListeners() to increase limit`);
  warning.name = 'MaxListenersExceededWarning';
  warning.emitter = emitter;
  warning.type = type;
  warning.count = list.length;
  if (typeof process === 'object' && process.emitWarning) process.emitWarning(warning);
}

function add(emitter, type, listener, first) {
  validateFunction(listener, 'listener');
  if (emitter._events === undefined) {
    emitter._events = Object.create(null);
    emitter._eventsCount = 0;
  } else if (emitter._events.newListener !== undefined) {
    emitter.emit('newListener', type, listener.listener ? listener.listener : listener);
  }
  const events = emitter._events;
  const present = events[type];
  if (present === undefined) {
    events[type] = listener;
    emitter._eventsCount += 1;
    return emitter;
  }
  const list = typeof present === 'function' ? [present] : present;
  if (first) list.unshift(listener);
  else list.push(listener);
  events[type] = list;
  const limit = limitOf(emitter);
  if (limit > 0 && list.length > limit && !list.warned) warnLeak(emitter, type, list);
  return emitter;
}

function onceWrapper(emitter, type, listener) {
  validateFunction(listener, 'listener');
  return once(emitter, type, listener);
}

/** The methods in the order in which node lists them. */
const removing = require('events_remove');
Object.assign(EventEmitter.prototype, {
  setMaxListeners(n) {
    validateNumber(n, 'setMaxListeners', 0);
    this._maxListeners = n;
    return this;
  },
  getMaxListeners() { return limitOf(this); },
  emit,
  addListener(type, listener) { return add(this, type, listener, false); },
  on: undefined,
  prependListener(type, listener) { return add(this, type, listener, true); },
  once(type, listener) { return this.on(type, onceWrapper(this, type, listener)); },
  prependOnceListener(type, listener) { return this.prependListener(type, onceWrapper(this, type, listener)); },
  removeListener: removing.removeListener,
  off: removing.removeListener,
  ...removing,
});
EventEmitter.prototype.on = EventEmitter.prototype.addListener;
Object.defineProperty(EventEmitter.prototype, kCapture, { value: false, writable: true, enumerable: false });

Object.defineProperties(EventEmitter, {
  defaultMaxListeners: {
    enumerable: true,
    get: () => defaultMaxListeners,
    set(n) {
      validateNumber(n, 'defaultMaxListeners', 0);
      defaultMaxListeners = n;
    },
  },
  captureRejections: {
    enumerable: true,
    configurable: true,
    get: () => EventEmitter.prototype[kCapture],
    set(value) {
      require('validators').validateBoolean(value, 'EventEmitter.captureRejections');
      EventEmitter.prototype[kCapture] = value;
    },
  },
});

Object.assign(EventEmitter, {
  EventEmitter, errorMonitor, captureRejectionSymbol, usingDomains: false,
  once: (...args) => require('events_async').once(...args),
  on: (...args) => require('events_async').on(...args),
  listenerCount(emitter, type) {
    if (typeof emitter.listenerCount === 'function') return emitter.listenerCount(type);
    if (typeof emitter.addEventListener === 'function') return EventEmitter.getEventListeners(emitter, type).length;
    return EventEmitter.prototype.listenerCount.call(emitter, type);
  },
  getEventListeners: (emitter, type) => require('events_async').getEventListeners(emitter, type),
  getMaxListeners: (emitter) => require('events_async').getMaxListeners(emitter, defaultMaxListeners),
  setMaxListeners(n = defaultMaxListeners, ...targets) {
    validateNumber(n, 'setMaxListeners', 0);
    if (targets.length === 0) defaultMaxListeners = n;
    else for (const target of targets) require('events_async').setMaxListeners(target, n);
  },
  addAbortListener: (signal, listener) => require('events_async').addAbortListener(signal, listener),
});

module.exports = EventEmitter;
