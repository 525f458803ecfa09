/**
 * The module "async_hooks". What goes along with the flow of control is one frozen map from storages to their values,
 * the async context of vm.Loop. Hooks hear of AsyncResource objects, and of nothing inside the engine.
 */
const { codes } = require('errors');
const { validateFunction, validateString, validateObject } = require('validators');

const EMPTY = new Map();
const current = () => binding.get() ?? EMPTY;

/** Runs fn in the context, whatever it does to it. */
function within(context, fn, self, args) {
  const before = binding.get();
  binding.set(context);
  try {
    return Reflect.apply(fn, self, args);
  } finally {
    binding.set(before);
  }
}

class AsyncLocalStorage {
  #default;
  #name;
  #enabled = true;

  constructor(options = undefined) {
    if (options !== undefined) validateObject(options, 'options');
    this.#default = options?.defaultValue;
    if (options?.name !== undefined) validateString(options.name, 'options.name');
    this.#name = options?.name ?? '';
  }

  static bind(fn) { return AsyncResource.bind(fn); }

  static snapshot() {
    const context = binding.get();
    return (fn, ...args) => within(context, fn, undefined, args);
  }

  get name() { return this.#name; }

  #with(store) {
    this.#enabled = true;
    return new Map(current()).set(this, store);
  }

  run(store, fn, ...args) { return within(this.#with(store), fn, undefined, args); }

  exit(fn, ...args) {
    const context = new Map(current());
    context.delete(this);
    return within(context, fn, undefined, args);
  }

  enterWith(store) { binding.set(this.#with(store)); }

  getStore() {
    const context = current();
    return this.#enabled && context.has(this) ? context.get(this) : this.#default;
  }

  disable() {
    this.#enabled = false;
    const context = new Map(current());
    context.delete(this);
    binding.set(context);
  }
}

let last = 1;
let executing = { id: 1, trigger: 0, resource: {} };
const hooks = new Set();

function tell(kind, ...args) {
  for (const hook of [...hooks]) hook[kind]?.(...args);
}

class AsyncResource {
  #id = ++last;
  #trigger;
  #context = binding.get();
  #destroyed = false;

  constructor(type, options = {}) {
    validateString(type, 'type');
    if (type === '' && hooks.size > 0) throw new codes.ERR_ASYNC_TYPE(type);
    const trigger = typeof options === 'number' ? options : options?.triggerAsyncId ?? executing.id;
    if (!Number.isSafeInteger(trigger) || trigger < -1) throw new codes.ERR_INVALID_ASYNC_ID('triggerAsyncId', trigger);
    this.#trigger = trigger;
    tell('init', this.#id, type, trigger, this);
  }

  static bind(fn, type = undefined, thisArg = undefined) {
    return new AsyncResource(type || fn.name || 'bound-anonymous-fn').bind(fn, thisArg);
  }

  runInAsyncScope(fn, thisArg, ...args) {
    const before = executing;
    executing = { id: this.#id, trigger: this.#trigger, resource: this };
    tell('before', this.#id);
    try {
      return within(this.#context, fn, thisArg, args);
    } finally {
      tell('after', this.#id);
      executing = before;
    }
  }

  emitDestroy() {
    if (!this.#destroyed) queueMicrotask(() => tell('destroy', this.#id));
    this.#destroyed = true;
    return this;
  }

  asyncId() { return this.#id; }

  triggerAsyncId() { return this.#trigger; }

  bind(fn, thisArg = undefined) {
    validateFunction(fn, 'fn');
    const resource = this;
    const bound = thisArg === undefined
      ? function bound(...args) { return resource.runInAsyncScope(fn, this, ...args); }
      : (...args) => resource.runInAsyncScope(fn, thisArg, ...args);
    Object.defineProperty(bound, 'length', { value: fn.length, configurable: true });
    return bound;
  }
}

class AsyncHook {
  #callbacks;

  constructor(callbacks) { this.#callbacks = callbacks; }

  enable() {
    hooks.add(this.#callbacks);
    return this;
  }

  disable() {
    hooks.delete(this.#callbacks);
    return this;
  }
}

function createHook(callbacks) {
  validateObject(callbacks, 'callbacks');
  for (const name of ['init', 'before', 'after', 'destroy', 'promiseResolve']) {
    if (callbacks[name] !== undefined && typeof callbacks[name] !== 'function') throw new codes.ERR_ASYNC_CALLBACK(`hook.${name}`);
  }
  return new AsyncHook({ ...callbacks });
}

module.exports = {
  AsyncLocalStorage, AsyncResource, createHook,
  executionAsyncId: () => executing.id,
  triggerAsyncId: () => executing.trigger,
  executionAsyncResource: () => executing.resource,
  asyncWrapProviders: Object.freeze({ __proto__: null, NONE: 0 }),
};
