// A worker, as a script sees its own.
'use strict';

const { Node, checkEvent, codedError } = require('supercluster_node');

class Worker extends Node {
  constructor(binding, conf) { super(binding, 'worker', conf); }

  hooks() {
    return {
      ...super.hooks(),
      task: (masterId, task) => this.emit('taskReceived', this.peer(masterId), task),
      message: (masterId, event, data) => this.emit(event, data, this.peer(masterId)),
    };
  }

  get slots() { return this.native.slots; }

  /**
   * Takes this worker out of the list of available ones, or puts it back.
   * Running tasks end as they would have.
   * @param {boolean} available
   */
  setAvailability(available) {
    if (typeof available !== 'boolean') {
      throw codedError('ERR_INVALID_ARG_TYPE', 'setAvailability: the argument must be true or false', TypeError);
    }
    this.native.setAvailable(available);
  }

  /** Sends an event to every master that this worker knows. */
  sendToMaster(event, data) {
    checkEvent('sendToMaster', event);
    this.native.send(this.peers().map((m) => m.id), event, data);
  }
}

exports.Worker = Worker;
