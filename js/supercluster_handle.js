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

  /**
   * @param {Promise} result what the handle settles as
   * @param {object} tasks `ids`, a getter's array of task ids; `cancel(reason)`
   */
  constructor(result, tasks) {
    super((resolve, reject) => result.then(resolve, reject));
    EventEmitter.call(this);
    this.id = tasks.id;
    this.worker = undefined;
    this.state = 'queued';
    Object.defineProperty(this, 'cancel', {
      value: (reason) => { tasks.cancel(reason === undefined ? 'cancelled' : String(reason)); return this; },
    });
  }
}

for (const name of Object.getOwnPropertyNames(EventEmitter.prototype)) {
  if (name === 'constructor') continue;
  Object.defineProperty(Handle.prototype, name, Object.getOwnPropertyDescriptor(EventEmitter.prototype, name));
}

exports.Handle = Handle;
