/**
 * The module "worker_threads", as far as one thread goes: its main part, and ports whose messages are cloned. Threads
 * themselves are not here; child_process.fork and the workers of a cluster run code beside the script.
 */
const { EventEmitter } = require('events');
const { codes } = require('errors');

const kPeer = Symbol('peer');
const kQueue = Symbol('queue');
const kState = Symbol('state');
const FOREVER = 2 ** 31 - 1;

/** One end of a channel. It keeps the script alive while it is listened to, unless unref was called. */
class MessagePort extends EventEmitter {
  constructor(token) {
    if (token !== kState) throw new codes.ERR_CONSTRUCT_CALL_INVALID();
    super();
    this[kQueue] = [];
    this[kState] = { started: false, closed: false, ref: true, alive: undefined, onmessage: null };
    this.on('newListener', (name) => { if (name === 'message') this.start(); });
  }

  get onmessage() { return this[kState].onmessage; }

  set onmessage(fn) {
    const state = this[kState];
    if (state.handler) this.off('message', state.handler);
    state.onmessage = typeof fn === 'function' ? fn : null;
    state.handler = state.onmessage && ((data) => fn.call(this, { type: 'message', data, target: this, ports: [] }));
    if (state.handler) this.on('message', state.handler);
    else if (this.listenerCount('message') === 0) this.unref();
  }

  postMessage(value, transfer = undefined) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('message');
    const list = Array.isArray(transfer) ? transfer : transfer?.transfer ?? [];
    if (list.some((item) => item instanceof MessagePort)) throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('transfer of a MessagePort');
    const copy = structuredClone(value, { transfer: list });
    const peer = this[kPeer];
    if (this[kState].closed || !peer || peer[kState].closed) return;
    peer[kQueue].push(copy);
    if (peer[kState].started) deliver(peer);
  }

  start() {
    const state = this[kState];
    if (state.started || state.closed) return;
    state.started = true;
    if (state.ref) this.ref();
    if (this[kQueue].length > 0) deliver(this);
  }

  ref() {
    const state = this[kState];
    state.ref = true;
    if (!state.closed && state.started) state.alive ??= setInterval(() => {}, FOREVER);
  }

  unref() {
    const state = this[kState];
    state.ref = false;
    clearInterval(state.alive);
    state.alive = undefined;
  }

  hasRef() { return this[kState].alive !== undefined; }

  close(callback = undefined) {
    if (typeof callback === 'function') this.once('close', callback);
    for (const port of [this, this[kPeer]]) if (port) end(port);
  }

  addEventListener(name, fn, options = {}) {
    const call = name === 'message' ? (data) => handle({ type: name, data, target: this }) : () => handle({ type: name, target: this });
    const handle = (event) => (typeof fn === 'function' ? fn.call(this, event) : fn.handleEvent(event));
    (this[kState].wrapped ??= new Map()).set(fn, call);
    this[options?.once ? 'once' : 'on'](name, call);
  }

  removeEventListener(name, fn) { this.off(name, this[kState].wrapped?.get(fn) ?? fn); }
}

/** Emits what waits, a message a turn. */
function deliver(port) {
  setImmediate(() => {
    if (port[kState].closed || !port[kState].started || port[kQueue].length === 0) return;
    const message = port[kQueue].shift();
    if (port[kQueue].length > 0) deliver(port);
    port.emit('message', message);
  });
}

function end(port) {
  if (port[kState].closed) return;
  port.unref();
  setImmediate(() => {
    if (port[kState].closed) return;
    for (const message of port[kState].started ? port[kQueue].splice(0) : []) port.emit('message', message);
    port[kState].closed = true;
    port.emit('close');
  });
}

class MessageChannel {
  constructor() {
    this.port1 = new MessagePort(kState);
    this.port2 = new MessagePort(kState);
    this.port1[kPeer] = this.port2;
    this.port2[kPeer] = this.port1;
  }
}

function receiveMessageOnPort(port) {
  if (!(port instanceof MessagePort)) throw new codes.ERR_INVALID_ARG_TYPE('port', 'MessagePort instance', port);
  return port[kQueue].length > 0 ? { message: port[kQueue].shift() } : undefined;
}

class Worker {
  constructor() { throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('worker_threads.Worker'); }
}

const unavailable = (name) => () => { throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`worker_threads.${name}`); };
const environment = new Map();

module.exports = {
  isMainThread: true, isInternalThread: false, threadId: 0, parentPort: null, workerData: null, resourceLimits: {},
  SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  MessageChannel, MessagePort, Worker, receiveMessageOnPort,
  getEnvironmentData: (key) => environment.get(key),
  setEnvironmentData: (key, value) => { if (value === undefined) environment.delete(key); else environment.set(key, structuredClone(value)); },
  markAsUntransferable: unavailable('markAsUntransferable'),
  markAsUncloneable: unavailable('markAsUncloneable'),
  isMarkedAsUntransferable: () => false,
  moveMessagePortToContext: unavailable('moveMessagePortToContext'),
  postMessageToThread: unavailable('postMessageToThread'),
};
Object.defineProperty(module.exports, 'BroadcastChannel', { get: unavailable('BroadcastChannel'), enumerable: false, configurable: true });
