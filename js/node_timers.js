// Timers of one task, which end with it.
'use strict';

class Timers {
  #live = new Set();
  #over = false;

  /** Wraps a function that makes timers: what it made is known until it has run, and runs nothing after the end. */
  #making(make, once) {
    return (callback, ...rest) => {
      if (typeof callback !== 'function') return make(callback, ...rest); // which says what is wrong
      const timers = this;
      const handle = make(function run(...args) {
        if (timers.#over) return timers.#clear(handle);
        if (once) timers.#live.delete(handle);
        return callback.apply(this, args);
      }, ...rest);
      if (this.#over) this.#clear(handle);
      else this.#live.add(handle);
      return handle;
    };
  }

  #clear(handle) {
    clearTimeout(handle);
    clearImmediate(handle);
  }

  setTimeout = this.#making(setTimeout, true);
  setInterval = this.#making(setInterval, false);
  setImmediate = this.#making(setImmediate, true);

  clear = (handle) => {
    if (handle !== undefined && handle !== null) this.#live.delete(handle);
    clearTimeout(handle);
    if (typeof handle === 'object') clearImmediate(handle);
  };

  /** Ends all. */
  end() {
    this.#over = true;
    for (const handle of this.#live) this.#clear(handle);
    this.#live.clear();
  }
}

exports.Timers = Timers;
