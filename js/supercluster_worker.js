// A worker, as a script sees its own.
'use strict';

const { Node, checkEvent, quiet } = require('supercluster_node');
const { wrongType } = require('supercluster_errors');
const { select, noWorker } = require('supercluster_target');

class Worker extends Node {
  constructor(binding, conf) { super(binding, 'worker', conf); }

  hooks() {
    return {
      ...super.hooks(),
      task: (masterId, task) => this.emit('taskReceived', this.peer(masterId), task),
    };
  }

  get slots() { return this.native.slots; }

  /**
   * Takes this worker out of the list of available ones, or puts it back.
   * Running tasks end as they would have.
   * @param {boolean} available
   */
  setAvailability(available) {
    if (typeof available !== 'boolean') throw wrongType('setAvailability', 1, 'available', 'true or false', available);
    this.native.setAvailable(available);
  }

  /**
   * Tells the masters of the tasks that run here now how far they are.
   * @param {number} fraction from 0 to 1
   */
  setProgress(fraction) {
    if (!Number.isFinite(fraction)) throw wrongType('setProgress', 1, 'fraction', 'a number from 0 to 1', fraction);
    this.native.setProgress(Math.min(Math.max(fraction, 0), 1));
  }

  /**
   * Sends an event to every master that this worker knows.
   * @returns {Promise<void>} settled when it is on its way to all
   */
  sendToMaster(event, data) {
    checkEvent('sendToMaster', 1, event);
    return quiet(this.native.send(this.peers().map((m) => m.id), event, this.native.wrap(data)));
  }

  /**
   * Sends an event to each other worker that target selects.
   * @returns {Promise<void>} settled when it is on its way to all
   */
  sendTo(target, event, data) {
    checkEvent('sendTo', 2, event);
    const packed = this.native.wrap(data);
    return this.beyond(() => {
      const peers = this.#others();
      let ids = select('sendTo', target, { peers, query: this.native.query });
      if (ids[0] === undefined) {
        if (peers.length === 0) throw noWorker('sendTo', 'no target was given', peers);
        ids = [peers[Math.floor(Math.random() * peers.length)].id];
      }
      return this.native.send(ids, event, packed);
    });
  }

  /**
   * Sends an event to all other workers.
   * @returns {Promise<void>} settled when it is on its way to all
   */
  sendToAll(event, data) {
    checkEvent('sendToAll', 1, event);
    const packed = this.native.wrap(data);
    return this.beyond(() => this.native.send(this.#others().map((w) => w.id), event, packed));
  }

  /** @returns {Promise<Peer[]>} the other workers that are here now */
  workers() {
    let found;
    return this.beyond(() => { found = this.#others(); }).then(() => found);
  }

  #others() { return this.native.siblings().map((snapshot) => this.seen(snapshot)); }
}

exports.Worker = Worker;
