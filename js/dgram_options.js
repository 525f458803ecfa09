/** Options of dgram's sockets: reach, groups, buffers; and what old scripts look at. */
const native = require('dgram_native');
const { codes, withCode } = require('errors');
const { errnoException } = require('system_error');
const { validateNumber, validateString } = require('validators');
const { kState, running } = require('dgram_state');
const { open } = require('dgram_bind');

const UNBOUND = [-9, 'EBADF', 'bad file descriptor'];

/** Sets an option of a bound socket. */
function set(socket, syscall, name, value) {
  const { id } = running(socket);
  const fault = id === undefined ? UNBOUND : native.setOption(id, name, value);
  if (fault !== undefined) throw errnoException(fault, syscall);
}

/** Joins or leaves a group; a socket that is not bound yet is bound to a free port by it. */
function member(socket, syscall, what, group, source, face) {
  const state = running(socket);
  if (state.id === undefined && require('net_ip').isIP(group) !== 0) {
    const [id, fault] = open(socket, socket.type === 'udp4' ? '0.0.0.0' : '::', 0);
    if (id === undefined) throw errnoException(fault, syscall);
    state.id = id;
    if (state.unref) native.ref(id, false);
    native.start(id);
  }
  const fault = state.id === undefined ? [-22, 'EINVAL'] : native.member(state.id, what, group, source, face || '');
  if (fault !== undefined) throw errnoException(fault, syscall);
}

/** What goes wrong with the size of a buffer. */
function bufferException([errno, code, text], syscall) {
  const err = new Error(`Could not get or set buffer size: ${syscall} returned ${code} (${text})`);
  err.name = 'SystemError';
  withCode(err, 'ERR_SOCKET_BUFFER_SIZE');
  const info = { errno, code, message: text, syscall };
  err.info = info;
  for (const key of ['errno', 'syscall']) {
    Object.defineProperty(err, key, { configurable: true, enumerable: true, get: () => info[key], set(value) { info[key] = value; } });
  }
  return err;
}

/** Sets the size of a buffer, or asks for it where size is 0. */
function buffer(socket, name, size) {
  const syscall = name === 'recvBuffer' ? 'uv_recv_buffer_size' : 'uv_send_buffer_size';
  if (size !== 0 && (size >>> 0) !== size) throw new codes.ERR_SOCKET_BAD_BUFFER_SIZE();
  const { id } = running(socket);
  let result = UNBOUND;
  if (id !== undefined) result = size === 0 ? native.getOption(id, name) : native.setOption(id, name, size);
  if (Array.isArray(result)) throw bufferException(result, syscall);
  return result;
}

const methods = {
  setBroadcast(on) { set(this, 'setBroadcast', 'broadcast', Boolean(on)); },

  setTTL(ttl) {
    validateNumber(ttl, 'ttl');
    set(this, 'setTTL', 'ttl', ttl);
    return ttl;
  },

  setMulticastTTL(ttl) {
    validateNumber(ttl, 'ttl');
    set(this, 'setMulticastTTL', 'multicastTTL', ttl);
    return ttl;
  },

  setMulticastLoopback(on) {
    set(this, 'setMulticastLoopback', 'multicastLoop', Boolean(on));
    return on;
  },

  setMulticastInterface(address) {
    running(this);
    validateString(address, 'interfaceAddress');
    set(this, 'setMulticastInterface', 'multicastInterface', address);
  },

  addMembership(group, face) {
    running(this);
    if (!group) throw new codes.ERR_MISSING_ARGS('multicastAddress');
    member(this, 'addMembership', 'join', String(group), '', face);
  },

  dropMembership(group, face) {
    running(this);
    if (!group) throw new codes.ERR_MISSING_ARGS('multicastAddress');
    member(this, 'dropMembership', 'leave', String(group), '', face);
  },

  addSourceSpecificMembership(source, group, face) {
    running(this);
    validateString(source, 'sourceAddress');
    validateString(group, 'groupAddress');
    member(this, 'addSourceSpecificMembership', 'join', group, source, face);
  },

  dropSourceSpecificMembership(source, group, face) {
    running(this);
    validateString(source, 'sourceAddress');
    validateString(group, 'groupAddress');
    member(this, 'dropSourceSpecificMembership', 'leave', group, source, face);
  },

  setRecvBufferSize(size) { buffer(this, 'recvBuffer', size === 0 ? NaN : size); },

  setSendBufferSize(size) { buffer(this, 'sendBuffer', size === 0 ? NaN : size); },

  getRecvBufferSize() { return buffer(this, 'recvBuffer', 0); },

  getSendBufferSize() { return buffer(this, 'sendBuffer', 0); },
};

/** Names that only very old scripts use, with node's warning (DEP0112). */
function deprecated(prototype) {
  const { deprecate } = require('util');
  const text = (what) => `Socket.prototype.${what} is deprecated`;
  const of = (name, get, set_) => Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    get: deprecate(get, text(name), 'DEP0112'),
    set: deprecate(set_, text(name), 'DEP0112'),
  });
  of('_handle', function handle() { return this[kState].closed ? null : this[kState].handle; }, function set_(value) { this[kState].handle = value; });
  of('_receiving', function receiving() { return this[kState].bind === 'done'; }, () => {});
  of('_bindState', function state() { return ['none', 'soon', 'done'].indexOf(this[kState].bind); }, () => {});
  of('_queue', function queue() { return this[kState].queue; }, function set_(value) { this[kState].queue = value; });
  of('_reuseAddr', function reuse() { return this[kState].reuseAddr; }, function set_(value) { this[kState].reuseAddr = value; });
  prototype._healthCheck = deprecate(function healthCheck() { running(this); }, text('_healthCheck()'), 'DEP0112');
  prototype._stopReceiving = deprecate(function stop() {}, text('_stopReceiving()'), 'DEP0112');
}

module.exports = { methods, deprecated };
