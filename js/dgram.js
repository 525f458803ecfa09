/** The module "dgram": sockets of UDP. Binding and connecting are in dgram_bind, sending in dgram_send, options in dgram_options. */
const EventEmitter = require('events');
const { Buffer } = require('buffer');
const native = require('dgram_native');
const { codes } = require('errors');
const { errnoException } = require('system_error');
const { validateAbortSignal, validateFunction, validateNumber } = require('validators');
const { kState, running } = require('dgram_state');

const FastBuffer = Buffer[Symbol.species];
/** What the native side calls. */
class Handle {
  constructor(socket) { this.socket = socket; }

  onmessage(memory, address, port, family) {
    const { socket } = this;
    if (!socket) return;
    const list = socket[kState].receiveBlockList;
    if (list && list.check(address, family.toLowerCase())) return;
    const message = new FastBuffer(memory);
    socket.emit('message', message, { address, family, port, size: message.length });
  }

  onerror(fault) { if (this.socket) this.socket.emit('error', errnoException(fault, 'recvmsg')); }
}

function Socket(given, listener) {
  EventEmitter.call(this);
  let type = given;
  let options = {};
  if (given !== null && typeof given === 'object') {
    options = given;
    ({ type } = options);
    if (options.lookup !== undefined) validateFunction(options.lookup, 'lookup');
    for (const name of ['recvBufferSize', 'sendBufferSize']) if (options[name]) validateNumber(options[name], `options.${name}`);
    for (const name of ['receiveBlockList', 'sendBlockList']) {
      if (options[name] && !require('net_blocklist').BlockList.isBlockList(options[name])) {
        throw new codes.ERR_INVALID_ARG_TYPE(`options.${name}`, 'net.BlockList', options[name]);
      }
    }
  }
  if (type !== 'udp4' && type !== 'udp6') throw new codes.ERR_SOCKET_BAD_TYPE();
  this.type = type;
  Object.defineProperty(this, kState, {
    value: {
      id: undefined, // of the native socket
      handle: new Handle(this),
      bind: 'none', // 'none', 'soon', 'done'
      connect: 'none',
      closed: false,
      unref: false,
      queue: undefined, // what waits for the socket to be bound
      lookup: options.lookup,
      reuseAddr: Boolean(options.reuseAddr),
      reusePort: Boolean(options.reusePort),
      ipv6Only: Boolean(options.ipv6Only),
      recvBufferSize: options.recvBufferSize,
      sendBufferSize: options.sendBufferSize,
      receiveBlockList: options.receiveBlockList,
      sendBlockList: options.sendBlockList,
      remote: undefined,
    },
  });
  if (typeof listener === 'function') this.on('message', listener);
  if (options.signal !== undefined) {
    const { signal } = options;
    validateAbortSignal(signal, 'options.signal');
    const abort = () => { if (!this[kState].closed) this.close(); };
    if (signal.aborted) abort();
    else {
      signal.addEventListener('abort', abort, { once: true });
      this.once('close', () => signal.removeEventListener('abort', abort));
    }
  }
}
Object.setPrototypeOf(Socket.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Socket, EventEmitter);

Object.assign(Socket.prototype, {
  close(callback) {
    const state = this[kState];
    if (typeof callback === 'function') this.on('close', callback);
    if (state.queue !== undefined) {
      state.queue.push(() => this.close());
      return this;
    }
    running(this);
    state.closed = true;
    state.handle.socket = null;
    if (state.id !== undefined) native.close(state.id);
    state.id = undefined;
    process.nextTick(() => this.emit('close'));
    return this;
  },

  async [Symbol.asyncDispose]() {
    if (this[kState].closed) return;
    await new Promise((resolve, reject) => { this.close((err) => (err ? reject(err) : resolve())); });
  },

  address() {
    const { id } = running(this);
    if (id === undefined) throw errnoException([-9, 'EBADF'], 'getsockname');
    const [address, port, family] = native.names(id);
    return { address, family, port };
  },

  remoteAddress() {
    const state = running(this);
    if (state.connect !== 'done') throw new codes.ERR_SOCKET_DGRAM_NOT_CONNECTED();
    return { ...state.remote };
  },

  ref() {
    const state = this[kState];
    state.unref = false;
    if (state.id !== undefined) native.ref(state.id, true);
    return this;
  },

  unref() {
    const state = this[kState];
    state.unref = true;
    if (state.id !== undefined) native.ref(state.id, false);
    return this;
  },
});

function createSocket(type, listener) { return new Socket(type, listener); }

Object.assign(Socket.prototype, require('dgram_bind').methods, require('dgram_send').methods, require('dgram_options').methods);
require('dgram_options').deprecated(Socket.prototype);

/** A socket of the native one id, which came from another process. */
function adopt(type, id, handle) {
  const socket = new Socket(type);
  handle.socket = socket;
  socket[kState].handle = handle;
  require('dgram_bind').bound(socket, id);
  return socket;
}

module.exports = { createSocket, Socket };
Object.defineProperties(module.exports, { Handle: { value: Handle }, adopt: { value: adopt } });
