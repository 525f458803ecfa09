/** The module "diagnostics_channel". */
const { codes } = require('errors');
const { validateFunction } = require('validators');

const channels = new Map();

/** Calls fn; what it throws is thrown on its own, and the others are called all the same. */
function guarded(fn, ...args) {
  try {
    fn(...args);
  } catch (err) {
    process.nextTick(() => { throw err; });
  }
}

class Channel {
  #subscribers = [];
  #stores = new Map();

  constructor(name) { Object.defineProperty(this, 'name', { value: name, enumerable: true }); }

  static [Symbol.hasInstance](value) { return Function.prototype[Symbol.hasInstance].call(this, value); }

  get hasSubscribers() { return this.#subscribers.length > 0 || this.#stores.size > 0; }

  subscribe(fn) {
    validateFunction(fn, 'subscription');
    this.#subscribers = [...this.#subscribers, fn];
  }

  unsubscribe(fn) {
    const at = this.#subscribers.indexOf(fn);
    if (at < 0) return false;
    this.#subscribers = this.#subscribers.filter((_, i) => i !== at);
    return true;
  }

  bindStore(store, transform) { this.#stores.set(store, transform); }

  unbindStore(store) { return this.#stores.delete(store); }

  publish(data) { for (const fn of this.#subscribers) guarded(fn, data, this.name); }

  runStores(data, fn, thisArg, ...args) {
    let run = () => {
      this.publish(data);
      return Reflect.apply(fn, thisArg, args);
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => {
        let value = data;
        if (transform) {
          try {
            value = transform(data);
          } catch (err) {
            process.nextTick(() => { throw err; });
            return inner();
          }
        }
        return store.run(value, inner);
      };
    }
    return run();
  }
}

function channel(name) {
  if (typeof name !== 'string' && typeof name !== 'symbol') throw new codes.ERR_INVALID_ARG_TYPE('channel', ['string', 'symbol'], name);
  if (!channels.has(name)) {
    channels.set(name, new Channel(name));
    if (typeof name === 'string' && name.startsWith('console.')) (require('stdio').channels ??= new Map()).set(name, channels.get(name));
  }
  return channels.get(name);
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

class TracingChannel {
  constructor(names) {
    if (typeof names !== 'string' && (names === null || typeof names !== 'object')) throw new codes.ERR_INVALID_ARG_TYPE('nameOrChannels', ['string', 'object', 'TracingChannel'], names);
    for (const event of EVENTS) {
      const value = typeof names === 'string' ? channel(`tracing:${names}:${event}`) : names[event];
      if (!(value instanceof Channel)) throw new codes.ERR_INVALID_ARG_TYPE(`nameOrChannels.${event}`, ['Channel'], value);
      Object.defineProperty(this, event, { value, enumerable: true });
    }
  }

  get hasSubscribers() { return EVENTS.some((event) => this[event].hasSubscribers); }

  subscribe(handlers) { for (const event of EVENTS) if (handlers[event]) this[event].subscribe(handlers[event]); }

  unsubscribe(handlers) {
    let done = true;
    for (const event of EVENTS) if (handlers[event] && !this[event].unsubscribe(handlers[event])) done = false;
    return done;
  }

  #failed(context, err) {
    context.error = err;
    this.error.publish(context);
  }

  traceSync(fn, context = {}, thisArg = undefined, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    return this.start.runStores(context, () => {
      try {
        const result = Reflect.apply(fn, thisArg, args);
        context.result = result;
        return result;
      } catch (err) {
        this.#failed(context, err);
        throw err;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(fn, context = {}, thisArg = undefined, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    const after = (name) => (value) => {
      if (name === 'error') this.#failed(context, value);
      else context.result = value;
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      if (name === 'error') throw value;
      return value;
    };
    return this.start.runStores(context, () => {
      try {
        let promise = Reflect.apply(fn, thisArg, args);
        if (!(promise instanceof Promise)) promise = Promise.resolve(promise);
        return promise.then(after('result'), after('error'));
      } catch (err) {
        this.#failed(context, err);
        throw err;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceCallback(fn, position = -1, context = {}, thisArg = undefined, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    const at = position < 0 ? args.length + position : position;
    const callback = args[at];
    validateFunction(callback, 'callback');
    const tracing = this;
    args.splice(at, 1, function traced(err, result) {
      if (err) tracing.#failed(context, err);
      else context.result = result;
      const given = arguments;
      return tracing.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, this, given);
        } finally {
          tracing.asyncEnd.publish(context);
        }
      });
    });
    return this.start.runStores(context, () => {
      try {
        return Reflect.apply(fn, thisArg, args);
      } catch (err) {
        this.#failed(context, err);
        throw err;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

module.exports = {
  channel, Channel,
  hasSubscribers: (name) => channels.get(name)?.hasSubscribers ?? false,
  subscribe: (name, fn) => channel(name).subscribe(fn),
  unsubscribe: (name, fn) => channel(name).unsubscribe(fn),
  tracingChannel: (names) => new TracingChannel(names),
};
