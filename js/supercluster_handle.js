// What sending a task gives back: a promise that is an EventEmitter as well.
'use strict';

const EventEmitter = require('events');

/**
 * The promise of a task's result. It emits 'state' (name, worker), 'progress'
 * (fraction, worker) and 'log' ({stream, text}, worker) meanwhile.
 */
class Handle extends Promise {
  // What then() and finally() make is a plain promise.
  static get [Symbol.species]() { return Promise; }

  #group; #native;

  /**
   * @param {{then: function(Function, Function): void}} result what the handle settles as, called at once
   * @param {object} group what supercluster_task's gather gave
   * @param {object} native the master's
   */
  constructor(result, group, native) {
    super((resolve, reject) => result.then(resolve, reject));
    EventEmitter.call(this);
    this.#group = group;
    this.#native = native;
    this.id = group.id;
  }

  /** 'queued', 'sent', 'received', 'started' or 'done', of the first task. */
  get state() {
    const [run] = this.#group.runs;
    return run ? this.#native.taskState(run.native) : 'done';
  }

  /** The worker that has, or had, the first task; undefined before that. */
  get worker() {
    const [run] = this.#group.runs;
    return run && run.master.known(this.#native.taskPeer(run.native));
  }

  /** Ends the task where it is; the handle rejects with ERR_CANCELLED. */
  cancel(reason) {
    this.#group.cancel(reason === undefined ? 'cancelled' : String(reason));
    return this;
  }

  /** Has what happens before the end reported from now on. */
  watch() { for (const run of this.#group.runs) run.watch(); }
}

for (const name of Object.getOwnPropertyNames(EventEmitter.prototype)) {
  if (name === 'constructor') continue;
  Object.defineProperty(Handle.prototype, name, Object.getOwnPropertyDescriptor(EventEmitter.prototype, name));
}

// Whoever adds a listener wants to hear.
for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener']) {
  const add = Handle.prototype[name];
  Object.defineProperty(Handle.prototype, name, {
    value(event, listener) { this.watch(); return add.call(this, event, listener); },
    writable: true, configurable: true,
  });
}

exports.Handle = Handle;
