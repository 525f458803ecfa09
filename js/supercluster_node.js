// What master, worker and tracker have in common: joining, leaving, and
// discovery events that a late listener still hears.
'use strict';

const EventEmitter = require('events');
const { codedError, wrongType } = require('supercluster_errors');
const { Bus } = require('supercluster_bus');

/** Events that the library itself emits; no message may have such a name. */
const RESERVED = new Set(binding.reserved);

/**
 * Checks the name of a message before it is sent.
 * @param {string} call the call it came in, for the error
 * @param {number} position among the call's arguments, from 1
 * @param {*} event
 */
function checkEvent(call, position, event) {
  if (typeof event !== 'string') throw wrongType(call, position, 'event', 'a string', event);
  if (event === '') throw codedError('ERR_INVALID_ARG_VALUE', `${call}: argument ${position} (event) must not be empty`, TypeError);
  if (RESERVED.has(event)) {
    throw codedError('ERR_RESERVED_EVENT',
      `${call}: "${event}" is emitted by the library itself; choose another name for the message`);
  }
}

/** How many messages may wait for the first links beyond the opposite role. */
const MAX_HELD = 10000;

/**
 * Lets a call's promise be ignored: that a message could not be delivered is
 * for those who ask.
 */
function quiet(promise) {
  promise.catch(() => {});
  return promise;
}

/**
 * A node of the cluster as another node sees it. There is one such object for
 * each node seen, kept up to date, and it may be given as a target.
 */
class Peer {
  constructor(snapshot) { this.update(snapshot); }

  /** Takes over what discovery says now. */
  update(snapshot) { Object.assign(this, snapshot); }
}

class Node extends EventEmitter {
  #native;
  #peers = new Map();

  /**
   * @param {object} binding the host's functions
   * @param {string} role 'master', 'worker' or 'tracker'
   * @param {object} [conf]
   */
  constructor(binding, role, conf) {
    super();
    this.role = role;
    this.left = false;
    this.#native = binding.open(role, conf, this.hooks());
    this.on('newListener', (event, listener) => this.#replay(event, listener));
    if (!conf || conf.join !== false) this.join();
  }

  /** What the host calls; subclasses add their own. */
  hooks() {
    return {
      peer: (snapshot, up) => this.#peer(snapshot, up),
      message: (id, event, data, sender) => {
        if (RESERVED.has(event)) this.#native.refused(id, event);
        else this.emit(event, data, this.#sender(id, sender));
      },
      bus: (id, event, data, sender) => {
        if (this.#bus) this.#bus.deliver(event, data, this.#sender(id, sender));
      },
    };
  }

  get native() { return this.#native; }
  get id() { return this.#native.id; }
  get data() { return this.#native.data; }
  get addr() { return this.#native.address().addr; }
  get port() { return this.#native.address().port; }

  /** Joins the cluster; creating a node does so unless conf.join is false. */
  join() {
    this.left = false;
    this.#reached = false;
    this.#held = undefined;
    this.#native.join();
    if (this.#bus && this.#bus.heard) this.beyond(() => {});
    return this;
  }

  /** Says goodbye. @returns {Promise<void>} settled when all has been said */
  leave() {
    this.left = true;
    return this.#native.leave();
  }

  /** Lets the process end although this node is joined; ref() undoes it. */
  unref() { this.#native.ref(false); return this; }
  ref() { this.#native.ref(true); return this; }

  #bus;

  /** The event bus of the cluster, as this node has it. */
  get bus() { return this.#bus ??= new Bus(this, (send) => this.beyond(send)); }

  // Links to nodes of all roles are made for the first who asks. What is sent
  // meanwhile waits here, in order.
  #reached = false;
  #held;

  /**
   * Sends to nodes beyond those of the opposite role.
   * @param {function(): (Promise|void)} send
   * @returns {Promise<void>} settled as send says
   */
  beyond(send) {
    if (this.#reached) {
      try {
        return quiet(Promise.resolve(send()));
      } catch (err) {
        if (err.code === 'ERR_BACKPRESSURE') throw err; // who does not wait must hear of it
        return quiet(Promise.reject(err));
      }
    }
    if (this.#held && this.#held.length >= MAX_HELD) {
      throw codedError('ERR_BACKPRESSURE', `${MAX_HELD} messages wait already; await what the calls before returned`);
    }
    if (!this.#held) {
      this.#held = [];
      this.#native.reach().then(() => {
        const held = this.#held;
        this.#reached = true;
        for (const { send, resolve, reject } of held) {
          try { resolve(send()); } catch (err) { reject(err); }
        }
      });
    }
    return quiet(new Promise((resolve, reject) => this.#held.push({ send, resolve, reject })));
  }

  // Who sent a message: the same object for each message of the same node.
  #sender(id, snapshot) { return id === this.id ? this : this.peer(id) || this.known(id) || this.seen(snapshot()); }

  /** @returns {Peer[]} the nodes that it looks for and that are alive */
  peers() { return [...this.#peers.values()]; }

  /** @returns {Peer|undefined} the object of the node with that id */
  peer(id) { return this.#peers.get(id); }

  #peer(snapshot, up) {
    let peer = this.#peers.get(snapshot.id);
    const event = snapshot.role + (up ? 'Available' : 'Unavailable');
    if (up && !peer) {
      this.#peers.set(snapshot.id, peer = this.seen(snapshot));
      this.emit(event, peer);
    } else if (up) {
      peer.update(snapshot);
    } else if (peer) {
      this.#peers.delete(snapshot.id);
      peer.update(snapshot);
      this.emit(event, this.role === 'worker' ? peer : peer.id);
    }
  }

  /** @returns {Peer|undefined} the object of a node seen, alive or not */
  known(id) { return this.#known.get(id); }

  // A node that comes back is the same object as before, while this node
  // remembers it; the memory is bounded.
  #known = new Map();

  seen(snapshot) {
    let peer = this.#known.get(snapshot.id);
    if (peer) peer.update(snapshot);
    else peer = new Peer(snapshot);
    this.#known.delete(snapshot.id);
    this.#known.set(snapshot.id, peer);
    if (this.#known.size > 10000) this.#known.delete(this.#known.keys().next().value);
    return peer;
  }

  #replay(event, listener) {
    const alive = this.peers().filter((peer) => event === peer.role + 'Available');
    if (alive.length === 0) return;
    process.nextTick(() => {
      for (const peer of alive) {
        const registered = this.rawListeners(event).find((l) => l === listener || l.listener === listener);
        if (registered && this.#peers.get(peer.id) === peer) registered.call(this, peer);
      }
    });
  }
}

exports.Node = Node;
exports.quiet = quiet;
exports.Peer = Peer;
exports.RESERVED = RESERVED;
exports.checkEvent = checkEvent;
