/** AbortController and AbortSignal, as in browsers and Node. */
const { DOMException, Event, EventTarget } = require('prelude_events');

/** Given to the constructor by this file alone: nobody else makes signals. */
const KEY = Symbol('AbortSignal');

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason;
  #handler = null;
  #followers = [];

  constructor(key = undefined) {
    if (key !== KEY) throw Object.assign(new TypeError('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    super();
  }

  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  get onabort() { return this.#handler; }

  set onabort(fn) {
    if (this.#handler) this.removeEventListener('abort', this.#handler);
    this.#handler = typeof fn === 'function' ? fn : null;
    if (this.#handler) this.addEventListener('abort', this.#handler);
  }

  get [Symbol.toStringTag]() { return 'AbortSignal'; }

  static abort(reason = new DOMException('This operation was aborted', 'AbortError')) {
    const signal = new AbortSignal(KEY);
    signal.#aborted = true;
    signal.#reason = reason;
    return signal;
  }

  /** Aborts after `delay` milliseconds; the timer keeps nothing alive. */
  static timeout(delay) {
    const signal = new AbortSignal(KEY);
    const expire = () => signal.#abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    setTimeout(expire, delay).unref?.();
    return signal;
  }

  static any(signals) {
    const all = [...signals];
    const result = new AbortSignal(KEY);
    const first = all.find((s) => s.aborted);
    if (first) {
      result.#aborted = true;
      result.#reason = first.reason;
      return result;
    }
    for (const s of all) s.#followers.push(result);
    return result;
  }

  #abort(reason) {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.dispatchEvent(new Event('abort'));
    for (const s of this.#followers.splice(0)) s.#abort(reason);
  }

  /** For AbortController. */
  static fire(signal, reason) { signal.#abort(reason); }
}
const fire = AbortSignal.fire;
delete AbortSignal.fire;

class AbortController {
  #signal = new AbortSignal(KEY);

  get signal() { return this.#signal; }

  abort(reason = new DOMException('This operation was aborted', 'AbortError')) { fire(this.#signal, reason); }

  get [Symbol.toStringTag]() { return 'AbortController'; }
}

Object.assign(exports, { AbortController, AbortSignal });
