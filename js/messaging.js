/**
 * Message ports, structuredClone, and how objects that are not of the language travel between threads.
 *
 * A class says how its objects travel with two methods whose names are kClone and kMoved: object[kClone](listed) returns
 * {name, data}, and the export `name` ("file:export") makes the object of the data at the other end; object[kMoved]() is
 * called when it was in a transfer list and has left.
 */
const { codes } = require('errors');
const { NodeEventTarget, attribute, kAdded, kRemoved, kArgument } = require('node_event_target');

const { DOMException, Event } = globalThis;
const { kClone, kMoved } = binding;
const marked = { transfer: new WeakSet(), clone: new WeakSet() };
const native = new WeakMap();
const closing = new WeakSet();
const kConstruct = Symbol('kConstruct');

const refuse = (text) => new DOMException(text, 'DataCloneError');
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The DataCloneError for a value that no message can hold; what is why. */
function refused(what, value) {
  let text;
  if (/detached/.test(what)) text = 'An ArrayBuffer is detached and could not be cloned.';
  else if (typeof value === 'function') text = `${value} could not be cloned.`;
  else if (typeof value === 'symbol') text = `${String(value)} could not be cloned.`;
  else if (/^nested|^more than|^longer/.test(what)) text = `the value could not be cloned: ${what}`;
  else text = `#<${constructorName(value)}> could not be cloned.`;
  return refuse(text);
}

function constructorName(value) {
  try {
    return value.constructor.name || 'Object';
  } catch {
    return 'Object';
  }
}

/** A transfer list, or an object with one, as an array; source is the port that sends. */
function transferables(transfer, source = undefined) {
  if (transfer === undefined || transfer === null) return undefined;
  if (typeof transfer !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('transferList', ['Array', 'Iterable'], transfer);
  let list = transfer;
  if (typeof list[Symbol.iterator] !== 'function') {
    list = transfer.transfer;
    if (list === undefined || list === null) return undefined;
    if (typeof list[Symbol.iterator] !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('options.transfer', 'Iterable', list);
  }
  const found = [];
  for (const item of list) {
    const isBuffer = require('types').brand(item) === 'ArrayBuffer';
    if (!isObject(item)) throw new codes.ERR_INVALID_TRANSFER_OBJECT();
    if (!isBuffer && typeof item[kMoved] !== 'function') {
      throw kClone in item ? refuse('Cannot transfer object of unsupported type.') : new codes.ERR_INVALID_TRANSFER_OBJECT();
    }
    if (marked.transfer.has(item)) throw refuse('An object that was marked as untransferable could not be cloned.');
    if (found.includes(item)) throw refuse(`Transfer list contains duplicate ${isBuffer ? 'ArrayBuffer' : constructorName(item)}`);
    if (item === source) throw refuse('Transfer list contains source port');
    if (item instanceof MessagePort && !native.has(item)) throw refuse('MessagePort in transfer list is already detached');
    if (isBuffer && item.detached) throw refuse('An ArrayBuffer is detached and could not be cloned.');
    found.push(item);
  }
  return found;
}

/** Takes an object of ours from this thread; for a port the result is its end. */
function moved(item) { return item[kMoved](); }

/** Makes the object that came as name and data. */
function receive(name, data) {
  const [file, member] = /^[a-z_]+:\w+$/.test(name) ? name.split(':') : [];
  let make;
  try {
    make = require(file)[member];
  } catch {
    make = undefined;
  }
  if (make === undefined) throw new Error(`Missing internal module '${name}'`);
  return make(data);
}

/** The event of a message. */
class MessageEvent extends Event {
  #init;

  constructor(type, init = {}) {
    super(type, init ?? {});
    const { origin = '', lastEventId = '', source = null, ports = [] } = init ?? {};
    const data = init !== null && 'data' in init ? init.data : null;
    if (source !== null && !(source instanceof MessagePort)) throw new codes.ERR_INVALID_ARG_TYPE('init.source', 'MessagePort', source);
    for (const [i, port] of Array.from(ports).entries()) {
      if (!(port instanceof MessagePort)) throw new codes.ERR_INVALID_ARG_TYPE(`init.ports[${i}]`, 'MessagePort', port);
    }
    this.#init = { data, origin: `${origin}`, lastEventId: `${lastEventId}`, source, ports: Object.freeze([...ports]) };
  }

  get data() { return this.#init.data; }
  get origin() { return this.#init.origin; }
  get lastEventId() { return this.#init.lastEventId; }
  get source() { return this.#init.source; }
  get ports() { return this.#init.ports; }
}

/** One end of a channel. It keeps the script alive while it is listened to, unless unref was called. */
class MessagePort extends NodeEventTarget {
  constructor(token, end) {
    if (token !== kConstruct) throw new codes.ERR_CONSTRUCT_CALL_INVALID();
    super();
    native.set(this, binding.open(end, {
      message: (data, ports) => this.dispatchEvent(new MessageEvent('message', { data, ports })),
      failed: (error) => this.dispatchEvent(new MessageEvent('messageerror', { data: error })),
      released: () => native.delete(this),
      closed: () => this.dispatchEvent(new Event('close')),
    }));
  }

  postMessage(value, transfer = undefined) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('message');
    const half = native.get(this);
    const list = transferables(transfer, this);
    if (half === undefined) return;
    if (half.post(value, list) === 'self') {
      process.emitWarning('The target port was posted to itself, and the communication channel was lost');
    }
  }

  start() { native.get(this)?.start(); }

  ref() { native.get(this)?.ref(true); }

  unref() { native.get(this)?.ref(false); }

  hasRef() { return native.has(this) ? native.get(this).hasRef() : false; }

  close(callback = undefined) {
    if (typeof callback === 'function') this.once('close', callback);
    closing.add(this);
    native.get(this)?.close();
  }

  [kAdded](type, count) {
    if (type !== 'message' || count !== 1) return;
    this.ref();
    this.start();
  }

  [kRemoved](type, count) {
    if (type === 'message' && count === 0) this.unref();
  }

  [kArgument](event) { return kArgument in event ? event[kArgument] : event instanceof MessageEvent ? event.data : event; }

  [kClone](listed) {
    if (!listed) throw refuse('Object that needs transfer was found in message but not listed in transferList');
    return { name: 'messaging:same', data: native.get(this).end }; // the end arrives as its port
  }

  [kMoved]() {
    const half = native.get(this);
    native.delete(this);
    half.detach();
    queueMicrotask(() => this.dispatchEvent(new Event('close')));
    return half.end;
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return `MessagePort [EventTarget] ${inspect({ active: native.has(this), refed: this.hasRef() }, options)}`;
  }
}
attribute(MessagePort.prototype, 'message', function changed(on) {
  if (on) return;
  if (this.listenerCount('message') === 0) this.unref();
});
attribute(MessagePort.prototype, 'messageerror');

const ports = new WeakMap();

/** The port of an end that came in a message, made once. */
function portOf(end) {
  if (!ports.has(end)) ports.set(end, new MessagePort(kConstruct, end));
  return ports.get(end);
}

class MessageChannel {
  constructor() {
    const [one, two] = binding.channel();
    this.port1 = new MessagePort(kConstruct, one);
    this.port2 = new MessagePort(kConstruct, two);
  }
}

function receiveMessageOnPort(port) {
  const half = native.get(port);
  if (!isObject(port) || !(port instanceof MessagePort)) {
    if (isObject(port) && port.constructor?.name === 'BroadcastChannel') return require('broadcast_channel').take(port);
    throw Object.assign(new codes.ERR_INVALID_ARG_TYPE('port', 'MessagePort instance', port), {
      message: 'The "port" argument must be a MessagePort instance',
    });
  }
  const got = half?.take();
  return got === undefined ? undefined : { message: got[0] };
}

function structuredClone(value, options = undefined) {
  if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('value');
  if (options !== undefined && options !== null && typeof options !== 'object' && typeof options !== 'function') {
    throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
  }
  return binding.clone(value, transferables(options?.transfer));
}

/** A DOMException arrives as one. */
function exceptionOf({ message, name, stack, cause }) {
  const made = new DOMException(message, cause === undefined ? name : { name, cause });
  Object.defineProperty(made, 'stack', { value: stack, configurable: true, writable: true });
  return made;
}
Object.defineProperty(DOMException.prototype, kClone, {
  value() {
    let name;
    try {
      ({ name } = this);
    } catch {
      return { name: '' }; // it only inherits from a DOMException
    }
    const { message, stack } = this;
    return { name: 'messaging:exceptionOf', data: 'cause' in this ? { message, name, stack, cause: this.cause } : { message, name, stack } };
  },
});

module.exports = {
  MessagePort, MessageChannel, MessageEvent, receiveMessageOnPort, structuredClone, portOf, exceptionOf,
  same: (data) => data, transferables, moved, receive, refused, refuse, kClone, kMoved, native, open: binding.open, join: binding.join,
  isClosed: (port) => closing.has(port) || !native.has(port),
  markAsUntransferable(value) { if (isObject(value)) marked.transfer.add(value); },
  isMarkedAsUntransferable: (value) => isObject(value) && marked.transfer.has(value),
  markAsUncloneable(value) {
    if (!isObject(value)) return;
    Object.defineProperty(value, kClone, { value() { throw refuse(`#<${constructorName(value)}> could not be cloned.`); }, configurable: true });
  },
};
