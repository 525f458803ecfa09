/** Global classes that goja lacks: SuppressedError, WeakRef and FinalizationRegistry. */
class SuppressedError extends Error {
  constructor(error, suppressed, message = '') {
    super(message);
    for (const [name, value] of Object.entries({ error, suppressed })) {
      Object.defineProperty(this, name, { value, writable: true, configurable: true });
    }
  }
}
Object.defineProperty(SuppressedError.prototype, 'name', { value: 'SuppressedError', writable: true, configurable: true });

const heldWeakly = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function' || typeof v === 'symbol';

/** Holds its target, since the engine cannot tell when nothing else does: that is within what the standard allows. */
class WeakRef {
  #target;

  constructor(target) {
    if (!heldWeakly(target)) throw new TypeError('WeakRef: the target must be an object or a symbol');
    this.#target = target;
  }

  deref() { return this.#target; }

  get [Symbol.toStringTag]() { return 'WeakRef'; }
}

/** Never calls back, which the standard allows too. */
class FinalizationRegistry {
  #tokens = new WeakSet();

  constructor(cleanup) {
    if (typeof cleanup !== 'function') throw new TypeError('FinalizationRegistry: cleanup must be callable');
  }

  register(target, held, token) {
    if (!heldWeakly(target)) throw new TypeError('FinalizationRegistry.register: the target must be an object or a symbol');
    if (target === held) throw new TypeError('FinalizationRegistry.register: target and holdings must not be the same');
    if (token !== undefined && typeof token !== 'symbol') this.#tokens.add(token);
  }

  unregister(token) { return this.#tokens.delete(token); }

  get [Symbol.toStringTag]() { return 'FinalizationRegistry'; }
}

Object.assign(exports, { SuppressedError, WeakRef, FinalizationRegistry });
