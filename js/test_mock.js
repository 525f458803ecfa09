/** The mocks of node:test: functions and methods whose calls are kept. Timers and modules are not mocked here. */
const { codes } = require('errors');
const { validateFunction } = require('validators');

/** What a mocked function knows of its calls. */
class MockContext {
  #calls = [];
  #original;
  #current;
  #once = new Map();
  #undo;

  constructor(original, current, times, undo) {
    this.#original = original;
    this.#current = current;
    this.left = times;
    this.#undo = undo;
  }

  get calls() { return [...this.#calls]; }

  callCount() { return this.#calls.length; }

  resetCalls() { this.#calls = []; }

  mockImplementation(fn) {
    validateFunction(fn, 'implementation');
    this.#current = fn;
  }

  mockImplementationOnce(fn, onCall = this.#calls.length) {
    validateFunction(fn, 'implementation');
    this.#once.set(onCall, fn);
  }

  restore() {
    this.#undo?.();
    this.#current = this.#original;
  }

  /** Calls what is to be called now. */
  invoke(target, self, args, newTarget) {
    const n = this.#calls.length;
    let fn = this.#once.get(n) ?? this.#current;
    if (this.left !== Infinity && n >= this.left) fn = this.#original;
    const call = { arguments: args, error: undefined, result: undefined, stack: new Error(), target: newTarget, this: self };
    try {
      call.result = newTarget ? Reflect.construct(fn, args, newTarget) : Reflect.apply(fn, self, args);
      if (newTarget) call.this = call.result;
      return call.result;
    } catch (err) {
      call.error = err;
      throw err;
    } finally {
      this.#calls.push(call);
    }
  }
}

class MockTracker {
  #made = [];

  fn(original = () => {}, implementation = original, options = {}) {
    if (original !== null && typeof original === 'object') [original, implementation, options] = [() => {}, () => {}, original];
    else if (implementation !== null && typeof implementation === 'object') [implementation, options] = [original, implementation];
    return this.#mock(original, implementation, options.times, undefined);
  }

  #mock(original, implementation, times = Infinity, undo = undefined) {
    validateFunction(original, 'original');
    validateFunction(implementation, 'implementation');
    const context = new MockContext(original, implementation, times, undo);
    this.#made.push(context);
    const mocked = new Proxy(original, {
      // The engine uses the array of arguments again: what is kept has to be a copy.
      apply: (target, self, args) => context.invoke(target, self, [...args], undefined),
      construct: (target, args, newTarget) => context.invoke(target, undefined, [...args], newTarget),
      get: (target, name, receiver) => (name === 'mock' ? context : Reflect.get(target, name, receiver)),
    });
    return mocked;
  }

  method(object, name, implementation = undefined, options = {}) {
    if (implementation !== null && typeof implementation === 'object') [implementation, options] = [undefined, implementation];
    const part = options.getter ? 'get' : options.setter ? 'set' : 'value';
    let holder = object;
    while (holder && !Object.getOwnPropertyDescriptor(holder, name)) holder = Object.getPrototypeOf(holder);
    const descriptor = holder && Object.getOwnPropertyDescriptor(holder, name);
    const original = descriptor?.[part];
    if (typeof original !== 'function') throw new codes.ERR_INVALID_ARG_VALUE('methodName', original, 'must be a method');
    const undo = () => (holder === object ? Object.defineProperty(object, name, descriptor) : delete object[name]);
    const mocked = this.#mock(original, implementation ?? original, options.times, undo);
    Object.defineProperty(object, name, { ...descriptor, configurable: true, [part]: mocked });
    return mocked;
  }

  getter(object, name, implementation, options = {}) { return this.method(object, name, implementation, { ...options, getter: true }); }

  setter(object, name, implementation, options = {}) { return this.method(object, name, implementation, { ...options, setter: true }); }

  reset() {
    this.restoreAll();
    this.#made = [];
  }

  restoreAll() { for (const context of this.#made) context.restore(); }

  get timers() { throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('mock.timers'); }

  module() { throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('mock.module'); }
}

module.exports = { mock: new MockTracker(), tracker: () => new MockTracker() };
