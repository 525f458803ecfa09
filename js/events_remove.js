/** The methods of EventEmitter that take listeners away or list them. */
const { validateFunction } = require('validators');
const { kShapeMode } = require('events_emit');

/** The listeners of a type; unwrap: as they were given to once. */
function listenersOf(emitter, type, unwrap) {
  const found = emitter._events === undefined ? undefined : emitter._events[type];
  if (found === undefined) return [];
  const list = typeof found === 'function' ? [found] : found.slice();
  return unwrap ? list.map((fn) => fn.listener || fn) : list;
}

function forget(emitter, type) {
  emitter._eventsCount -= 1;
  if (emitter[kShapeMode]) emitter._events[type] = undefined;
  else if (emitter._eventsCount === 0) emitter._events = Object.create(null);
  else delete emitter._events[type];
}

module.exports = {
  removeListener(type, listener) {
    validateFunction(listener, 'listener');
    const events = this._events;
    const found = events === undefined ? undefined : events[type];
    if (found === undefined) return this;
    if (typeof found === 'function') {
      if (found !== listener && found.listener !== listener) return this;
      forget(this, type);
    } else {
      let at = found.length - 1;
      while (at >= 0 && found[at] !== listener && found[at].listener !== listener) at -= 1;
      if (at < 0) return this;
      found.splice(at, 1);
      if (found.length === 1) [events[type]] = found;
    }
    if (this._events.removeListener !== undefined) this.emit('removeListener', type, listener);
    return this;
  },

  removeAllListeners(type) {
    const events = this._events;
    if (events === undefined) return this;
    const all = arguments.length === 0;
    this[kShapeMode] = false;
    if (events.removeListener === undefined) {
      if (all) {
        this._events = Object.create(null);
        this._eventsCount = 0;
      } else if (events[type] !== undefined) {
        forget(this, type);
      }
      return this;
    }
    if (all) {
      for (const key of Reflect.ownKeys(events)) if (key !== 'removeListener') this.removeAllListeners(key);
      this.removeAllListeners('removeListener');
      this._events = Object.create(null);
      this._eventsCount = 0;
      return this;
    }
    for (const fn of listenersOf(this, type, false).reverse()) this.removeListener(type, fn);
    return this;
  },

  listeners(type) { return listenersOf(this, type, true); },
  rawListeners(type) { return listenersOf(this, type, false); },

  listenerCount(type, listener) {
    const found = listenersOf(this, type, false);
    if (listener === undefined || listener === null) return found.length;
    return found.filter((fn) => fn === listener || fn.listener === listener).length;
  },

  eventNames() { return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : []; },
};
