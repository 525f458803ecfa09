/**
 * The channel between a parent and a forked child: send, 'message', disconnect. One JSON text a line; what node itself
 * sends has a cmd that begins with NODE_ and comes as 'internalMessage'.
 */
const native = require('child_native');
const { codes } = require('errors');
const { errnoException } = require('system_error');
const { validateObject } = require('validators');

/** What handles are called on the way, and how they are made again. */
function kindOf(handle) {
  if (handle instanceof require('net_socket')) return 'net.Socket';
  if (handle instanceof require('net_server')) return 'net.Server';
  if (typeof handle.udp === 'string') return 'dgram.Native';
  if (handle.type === 'udp4' || handle.type === 'udp6') return 'dgram.Socket';
  return undefined;
}

/** Gives target (a ChildProcess, or process) the methods of one end of the channel id; closed is called at its end. */
function setup(target, id, closed = () => {}) {
  const state = { id, refs: 0, pendingHandle: null, waiting: [] };
  target.connected = true;
  const channel = {
    id,
    ref() { native.refChannel(id, true); },
    unref() { native.refChannel(id, false); },
    refCounted() {
      state.refs += 1;
      if (state.refs === 1) this.ref();
    },
    unrefCounted() {
      state.refs -= 1;
      if (state.refs === 0) this.unref();
    },
  };
  target.channel = channel;
  Object.defineProperty(target, '_channel', { configurable: true, enumerable: true, get() { return target.channel; }, set(v) { target.channel = v; } });

  const ended = () => {
    if (!target.channel) return;
    target.connected = false;
    target.channel = null;
    native.closeChannel(id);
    process.nextTick(() => {
      target.emit('disconnect');
      closed();
    });
  };

  const deliver = (message, handle) => {
    if (!target.channel) return;
    const event = internal(message) ? 'internalMessage' : 'message';
    if (event === 'message' && target.listenerCount('message') === 0) {
      state.waiting.push([message, handle]);
      return;
    }
    process.nextTick(() => target.emit(event, message, handle));
  };
  target.on('newListener', (type) => {
    if (type !== 'message' || state.waiting.length === 0) return;
    process.nextTick(() => {
      for (const [message, handle] of state.waiting.splice(0)) target.emit('message', message, handle);
    });
  });

  native.readChannel(id, {
    onmessage(text) {
      let message;
      try {
        message = JSON.parse(text);
      } catch (err) {
        target.emit('error', err);
        return;
      }
      if (message && message.cmd === 'NODE_HANDLE') {
        const handle = receive(id, message);
        if (target._send) target._send({ cmd: 'NODE_HANDLE_ACK' });
        deliver(message.msg, handle);
      } else if (message && message.cmd === 'NODE_HANDLE_ACK') {
        const { pendingHandle } = state;
        state.pendingHandle = null;
        if (pendingHandle) pendingHandle();
      } else if (message && message.cmd === 'NODE_HANDLE_NACK') {
        state.pendingHandle = null;
      } else {
        deliver(message);
      }
    },
    onend: ended,
  });

  target.send = function send(message, given, givenOptions, givenCallback) {
    let [handle, options, callback] = [given, givenOptions, givenCallback];
    if (typeof handle === 'function') [handle, options, callback] = [undefined, undefined, handle];
    else if (typeof options === 'function') [options, callback] = [undefined, options];
    else if (options !== undefined) validateObject(options, 'options');
    if (message === undefined) throw new codes.ERR_MISSING_ARGS('message');
    if (!['string', 'object', 'number', 'boolean'].includes(typeof message)) {
      throw new codes.ERR_INVALID_ARG_TYPE('message', ['string', 'object', 'number', 'boolean'], message);
    }
    if (target.connected) return target._send(message, handle, options, callback);
    const err = new codes.ERR_IPC_CHANNEL_CLOSED();
    if (typeof callback === 'function') process.nextTick(callback, err);
    else process.nextTick(() => target.emit('error', err));
    return false;
  };

  target._send = function _send(message, handle, options, callback) {
    if (!target.channel) {
      if (typeof callback === 'function') process.nextTick(callback, new codes.ERR_IPC_CHANNEL_CLOSED());
      return false;
    }
    let line = message;
    let carried;
    if (handle) {
      const kind = kindOf(handle);
      if (kind === undefined && typeof handle.id !== 'number') throw new codes.ERR_INVALID_HANDLE_TYPE();
      const native_ = nativeOf(kind, handle);
      if (!native_) line = { ...message };
      else {
        carried = native_.id;
        line = { cmd: 'NODE_HANDLE', type: kind || 'net.Native', msg: message, dgramType: handle.udp ?? handle.type };
        if (kind === 'net.Socket' && !(options && options.keepOpen)) state.pendingHandle = () => handle.destroy();
      }
    }
    const fault = native.sendChannel(id, JSON.stringify(line), carried, (failure) => {
      if (typeof callback === 'function') callback(failure === undefined ? null : errnoException(failure, 'write'));
      else if (failure !== undefined && failure[1] !== 'ECANCELED' && failure[1] !== 'EPIPE') target.emit('error', errnoException(failure, 'write'));
    });
    if (fault !== undefined) {
      const err = errnoException(fault, 'write');
      if (typeof callback === 'function') process.nextTick(callback, err);
      return false;
    }
    return true;
  };

  target.disconnect = function disconnect() {
    if (!target.connected) {
      target.emit('error', new codes.ERR_IPC_DISCONNECTED());
      return;
    }
    target._disconnect();
  };
  /** What was sent before goes out first. */
  target._disconnect = function _disconnect() {
    target.connected = false;
    if (!target.channel) return;
    const line = native.sendChannel(id, '', undefined, ended);
    if (line !== undefined) ended();
  };
  return channel;
}

const internal = (message) => message !== null && typeof message === 'object' && typeof message.cmd === 'string'
  && message.cmd.length > 5 && message.cmd.startsWith('NODE_');

/** What has the number of a handle that is to be sent. */
function nativeOf(kind, handle) {
  if (kind === 'dgram.Socket') return require('dgram_state').nativeOf(handle);
  return kind === undefined || kind === 'dgram.Native' ? handle : handle._handle;
}

/** Makes the handle that came with a message. */
function receive(id, { type, dgramType }) {
  if (type === 'dgram.Native' || type === 'dgram.Socket') {
    const { Handle, adopt } = require('dgram');
    const handle = new Handle(null);
    const taken = native.takeHandle(id, dgramType, handle);
    if (!Array.isArray(taken) || typeof taken[1] === 'string') return undefined;
    return type === 'dgram.Native' ? { id: taken[0], handle } : adopt(dgramType, taken[0], handle);
  }
  if (type === 'net.Socket') {
    const stream = native.takeHandle(id, 'stream');
    return typeof stream === 'number' ? new (require('net_socket'))({ handle: stream, readable: true, writable: true }) : undefined;
  }
  if (type === 'net.Server') {
    const Server = require('net_server');
    const server = new Server();
    const taken = native.takeHandle(id, 'listener', server._owner());
    if (!Array.isArray(taken) || typeof taken[1] === 'string') return undefined;
    server._accept(taken[0], taken[1]);
    return server;
  }
  const stream = native.takeHandle(id, 'stream');
  return typeof stream === 'number' ? { id: stream } : undefined;
}

/** Opens the channel that this process was forked with, if there is one. */
function openInChild(process_) {
  const fd = Number(process_.env.NODE_CHANNEL_FD);
  delete process_.env.NODE_CHANNEL_FD;
  delete process_.env.NODE_CHANNEL_SERIALIZATION_MODE;
  const id = native.openChannel(fd);
  if (typeof id !== 'number') return;
  const channel = setup(process_, id);
  channel.unref();
  const counts = (type) => type === 'message' || type === 'disconnect';
  process_.on('newListener', (type) => { if (counts(type)) channel.refCounted(); });
  process_.on('removeListener', (type) => { if (counts(type)) channel.unrefCounted(); });
}

module.exports = { setup, openInChild };
