/** An EventTarget that can also be used as an EventEmitter, as MessagePort is one in node. */
const { codes } = require('errors');
const { validateFunction } = require('validators');

const { EventTarget, Event } = globalThis;

/** Called on the target after a listener was added or removed, with the type and how many there are now. */
const kAdded = Symbol('kNewListener');
const kRemoved = Symbol('kRemoveListener');
/** What a listener of `on` gets for an event. */
const kArgument = Symbol('kArgument');

const captureOf = (options) => Boolean(typeof options === 'boolean' ? options : options?.capture);

class NodeEventTarget extends EventTarget {
  #lists = new Map();
  #max = 10;

  #record(type, fn, call, capture) {
    const list = this.#lists.get(type) ?? [];
    if (list.some((l) => l.fn === fn && l.capture === capture)) return false;
    this.#lists.set(type, [...list, { fn, call, capture }]);
    return true;
  }

  #forget(type, fn, capture) {
    const list = this.#lists.get(type) ?? [];
    const entry = list.find((l) => l.fn === fn && l.capture === capture);
    if (entry === undefined) return;
    const rest = list.filter((l) => l !== entry);
    if (rest.length > 0) this.#lists.set(type, rest);
    else this.#lists.delete(type);
    super.removeEventListener(type, entry.call, capture);
    this[kRemoved]?.(type, rest.length);
  }

  addEventListener(type, listener, options = undefined) {
    if (listener == null) return super.addEventListener(...arguments);
    this.#add(String(type), listener, (event) => (typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event)), options);
    return undefined;
  }

  #add(type, fn, run, options) {
    const capture = captureOf(options);
    const once = Boolean(options?.once);
    if (options?.signal?.aborted) return;
    const call = once ? (event) => { this.#forget(type, fn, capture); return run(event); } : run;
    if (!this.#record(type, fn, call, capture)) return;
    super.addEventListener(type, call, { capture, passive: Boolean(options?.passive) });
    options?.signal?.addEventListener('abort', () => this.#forget(type, fn, capture), { once: true });
    this[kAdded]?.(type, this.#lists.get(type).length);
  }

  removeEventListener(type, listener, options = undefined) { this.#forget(String(type), listener, captureOf(options)); }

  on(type, listener) {
    validateFunction(listener, 'listener');
    this.#add(String(type), listener, (event) => listener.call(this, this[kArgument] ? this[kArgument](event) : event), undefined);
    return this;
  }

  addListener(type, listener) { return this.on(type, listener); }

  once(type, listener) {
    validateFunction(listener, 'listener');
    this.#add(String(type), listener, (event) => listener.call(this, this[kArgument] ? this[kArgument](event) : event), { once: true });
    return this;
  }

  off(type, listener, options = undefined) {
    this.removeEventListener(type, listener, options);
    return this;
  }

  removeListener(type, listener, options = undefined) { return this.off(type, listener, options); }

  removeAllListeners(type = undefined) {
    for (const name of type === undefined ? [...this.#lists.keys()] : [String(type)]) {
      for (const { fn, capture } of this.#lists.get(name) ?? []) this.#forget(name, fn, capture);
    }
    return this;
  }

  emit(type, argument) {
    if (type === undefined) throw new codes.ERR_MISSING_ARGS('type');
    const had = this.listenerCount(type) > 0;
    const event = new Event(String(type));
    Object.defineProperty(event, kArgument, { value: argument });
    this.dispatchEvent(argument instanceof Event ? argument : event);
    return had;
  }

  eventNames() { return [...this.#lists.keys()]; }
  listenerCount(type) { return (this.#lists.get(String(type)) ?? []).length; }
  setMaxListeners(n) { this.#max = n; return this; }
  getMaxListeners() { return this.#max; }
}

/** Defines target.on<type> as an attribute whose function is a listener; changed(on) hears of each setting. */
function attribute(proto, type, changed = undefined) {
  const key = Symbol(`on${type}`);
  Object.defineProperty(proto, `on${type}`, {
    enumerable: true,
    configurable: true,
    get() { return this[key]?.fn ?? null; },
    set(fn) {
      const old = this[key];
      if (old) this.removeEventListener(type, old.call);
      const usable = typeof fn === 'function' || (typeof fn === 'object' && fn !== null);
      const call = usable ? (event) => (typeof fn === 'function' ? fn.call(this, event) : undefined) : undefined;
      Object.defineProperty(this, key, { value: usable ? { fn, call } : undefined, writable: true, configurable: true });
      if (call) this.addEventListener(type, call);
      changed?.call(this, usable);
    },
  });
}

module.exports = { NodeEventTarget, attribute, kAdded, kRemoved, kArgument };
