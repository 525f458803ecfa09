/** Sending of dgram. */
const { Buffer } = require('buffer');
const native = require('dgram_native');
const { codes } = require('errors');
const { validateNumber, validateString } = require('validators');
const { validatePort } = require('net_args');
const { isIP } = require('net_ip');
const { kState, running } = require('dgram_state');
const { resolve, enqueue, hostException } = require('dgram_bind');

const KINDS = ['Buffer', 'TypedArray', 'DataView', 'string'];

/** Text or memory as bytes; undefined for anything else. */
function bytes(chunk) {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (ArrayBuffer.isView(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return undefined;
}

function slice(chunk, givenOffset, givenLength) {
  const all = bytes(chunk);
  if (all === undefined) throw new codes.ERR_INVALID_ARG_TYPE('buffer', KINDS, chunk);
  const offset = givenOffset >>> 0;
  if (offset > all.byteLength) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('offset');
  const length = givenLength >>> 0;
  if (length > all.byteLength - offset) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('length');
  return all.subarray(offset, offset + length);
}

/** The pieces of a message: one, or an array of them. */
function pieces(message) {
  if (!Array.isArray(message)) {
    const one = bytes(message);
    if (one === undefined) throw new codes.ERR_INVALID_ARG_TYPE('buffer', KINDS, message);
    return [one];
  }
  const list = message.map(bytes);
  if (list.includes(undefined)) throw new codes.ERR_INVALID_ARG_TYPE('buffer list arguments', KINDS, message);
  return list;
}

/** (message[, offset, length][, port][, address][, callback]) as [message, port, address, callback]. */
function sort(connected, message, offset, length, port, address, callback) {
  if (!connected) {
    if (address || (port && typeof port !== 'function')) return [slice(message, offset, length), port, address, callback];
    return [message, offset, length, port];
  }
  let [to, host, done, data] = [port, address, callback, message];
  if (typeof length === 'number') {
    data = slice(message, offset, length);
    if (typeof to === 'function') [done, to] = [to, null];
  } else {
    done = offset;
  }
  if (to || host) throw new codes.ERR_SOCKET_DGRAM_IS_CONNECTED();
  return [data, to, host, done];
}

function fail(socket, err, callback) {
  if (callback) process.nextTick(callback, err);
  else process.nextTick(() => socket.emit('error', err));
}

function transmit(socket, err, ip, list, address, port, callback) {
  const state = socket[kState];
  if (err) {
    fail(socket, err, callback);
    return;
  }
  if (state.closed) return;
  if (ip && state.sendBlockList && state.sendBlockList.check(ip, `ipv${isIP(ip)}`)) {
    fail(socket, new codes.ERR_IP_BLOCKED(ip), callback);
    return;
  }
  const done = callback && ((fault, size) => {
    if (fault === undefined) callback(null, size);
    else callback(hostException(fault, 'send', address, port));
  });
  const fault = native.send(state.id, list, ip || '', port || 0, done);
  if (fault !== undefined && callback) process.nextTick(callback, hostException(fault, 'send', address, port));
}

const methods = {
  send(...args) {
    const state = this[kState];
    const connected = state.connect === 'done';
    const [message, givenPort, givenAddress, givenCallback] = sort(connected, ...args);
    const list = pieces(message);
    let [port, address, callback] = [givenPort, givenAddress, givenCallback];
    if (!connected) port = validatePort(port, 'Port', false);
    if (typeof callback !== 'function') callback = undefined;
    if (typeof address === 'function') [callback, address] = [address, undefined];
    else if (address !== undefined && address !== null) validateString(address, 'address');
    running(this);
    if (state.bind === 'none') this.bind({ port: 0, exclusive: true }, null);
    const go = () => {
      if (connected) transmit(this, null, '', list, state.remote.address, state.remote.port, callback);
      else resolve(this, address, (err, ip) => transmit(this, err, ip, list, address || ip, port, callback));
    };
    if (state.bind === 'done') go();
    else enqueue(this, go);
  },

  sendto(buffer, offset, length, port, address, callback) {
    validateNumber(offset, 'offset');
    validateNumber(length, 'length');
    validateNumber(port, 'port');
    validateString(address, 'address');
    this.send(buffer, offset, length, port, address, callback);
  },

  getSendQueueSize() { return queue(this)[0]; },

  getSendQueueCount() { return queue(this)[1]; },
};

const queue = (socket) => (socket[kState].id === undefined ? [0, 0] : native.queue(socket[kState].id));

module.exports = { methods };
