/**
 * DOMException, Event, CustomEvent and EventTarget, as in browsers and Node.
 * binding.report(error) treats an error as uncaught; binding.now() is the time in milliseconds since the start.
 */

/** The legacy numbers of the names that have one. */
const CODES = {
  IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
  NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10, InvalidStateError: 11,
  SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14, InvalidAccessError: 15, TypeMismatchError: 17,
  SecurityError: 18, NetworkError: 19, AbortError: 20, URLMismatchError: 21, QuotaExceededError: 22, TimeoutError: 23,
  InvalidNodeTypeError: 24, DataCloneError: 25,
};

class DOMException extends Error {
  #name;

  constructor(message = '', options = 'Error') {
    super(String(message));
    delete this.message;
    Object.defineProperty(this, 'message', { value: String(message), configurable: true, writable: true });
    if (options !== null && typeof options === 'object') {
      this.#name = options.name === undefined ? 'Error' : String(options.name);
      if ('cause' in options) Object.defineProperty(this, 'cause', { value: options.cause, configurable: true, writable: true });
    } else {
      this.#name = String(options);
    }
    const frames = String(this.stack).split('\n').slice(1).join('\n');
    Object.defineProperty(this, 'stack', { value: `${this.#name}: ${this.message}\n${frames}`, configurable: true, writable: true });
  }

  get name() { return this.#name; }

  get code() { return CODES[this.#name] ?? 0; }

  get [Symbol.toStringTag]() { return 'DOMException'; }
}

const missing = (what) => Object.assign(new TypeError(`The "${what}" argument must be specified`), { code: 'ERR_MISSING_ARGS' });

class Event {
  #type; #bubbles; #cancelable; #composed;
  #canceled = false;
  #time = binding.now();
  #state = { target: null, phase: 0, stopped: false, stoppedNow: false, passive: false };

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw missing('type');
    this.#type = String(type);
    this.#bubbles = Boolean(options?.bubbles);
    this.#cancelable = Boolean(options?.cancelable);
    this.#composed = Boolean(options?.composed);
  }

  get type() { return this.#type; }
  get bubbles() { return this.#bubbles; }
  get cancelable() { return this.#cancelable; }
  get composed() { return this.#composed; }
  get defaultPrevented() { return this.#canceled; }
  get returnValue() { return !this.#canceled; }
  get timeStamp() { return this.#time; }
  get target() { return this.#state.target; }
  get srcElement() { return this.#state.target; }
  get currentTarget() { return this.#state.phase ? this.#state.target : null; }
  get eventPhase() { return this.#state.phase; }
  get isTrusted() { return false; }
  get cancelBubble() { return this.#state.stopped; }
  set cancelBubble(v) { if (v) this.#state.stopped = true; }

  preventDefault() { if (this.#cancelable && !this.#state.passive) this.#canceled = true; }
  stopPropagation() { this.#state.stopped = true; }
  stopImmediatePropagation() { this.#state.stoppedNow = this.#state.stopped = true; }
  composedPath() { return this.#state.phase ? [this.#state.target] : []; }

  get [Symbol.toStringTag]() { return 'Event'; }

  /** What EventTarget needs to know; nobody else can call it with an event. */
  static state(event) { return event.#state; }
}
const stateOf = Event.state;
delete Event.state;
for (const [name, value] of Object.entries({ NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 })) {
  Object.defineProperty(Event, name, { value, enumerable: true });
}

class CustomEvent extends Event {
  #detail;

  constructor(type, options = undefined) {
    super(type, options);
    this.#detail = options?.detail ?? null;
  }

  get detail() { return this.#detail; }

  get [Symbol.toStringTag]() { return 'CustomEvent'; }
}

class EventTarget {
  #listeners = new Map();

  addEventListener(type, listener, options = undefined) {
    if (arguments.length < 2) throw missing(arguments.length ? 'listener' : 'type');
    if (listener == null) return;
    const { capture = false, once = false, passive = false, signal } = typeof options === 'boolean' ? { capture: options } : options ?? {};
    if (signal?.aborted) return;
    const list = this.#listeners.get(String(type)) ?? [];
    if (list.some((l) => l.listener === listener && l.capture === Boolean(capture))) return;
    this.#listeners.set(String(type), [...list, { listener, capture: Boolean(capture), once, passive }]);
    signal?.addEventListener('abort', () => this.removeEventListener(type, listener, options), { once: true });
  }

  removeEventListener(type, listener, options = undefined) {
    const capture = Boolean(typeof options === 'boolean' ? options : options?.capture);
    const rest = (this.#listeners.get(String(type)) ?? []).filter((l) => l.listener !== listener || l.capture !== capture);
    this.#listeners.set(String(type), rest);
  }

  dispatchEvent(event) {
    if (!(event instanceof Event)) {
      throw Object.assign(new TypeError('The "event" argument must be an instance of Event'), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    const state = stateOf(event);
    if (state.phase) throw new DOMException('The event is already being dispatched', 'InvalidStateError');
    Object.assign(state, { target: this, phase: 2 });
    for (const entry of this.#listeners.get(event.type) ?? []) {
      if (state.stoppedNow) break;
      if (!this.#listeners.get(event.type).includes(entry)) continue; // removed by one before it
      if (entry.once) this.removeEventListener(event.type, entry.listener, entry.capture);
      state.passive = entry.passive;
      try {
        if (typeof entry.listener === 'function') entry.listener.call(this, event);
        else entry.listener.handleEvent(event);
      } catch (error) {
        binding.report(error);
      }
    }
    Object.assign(state, { phase: 0, passive: false, stopped: false, stoppedNow: false });
    return !event.defaultPrevented;
  }

  get [Symbol.toStringTag]() { return 'EventTarget'; }
}

Object.assign(exports, { DOMException, Event, CustomEvent, EventTarget });
