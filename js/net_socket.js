/** net.Socket: a duplex over a native connection. Connecting is in net_connect, what is asked of it in net_socket_methods. */
const { Duplex } = require('stream');
const { Buffer } = require('buffer');
const native = require('net_native');
const { codes } = require('errors');
const { errnoException } = require('system_error');

const FastBuffer = Buffer[Symbol.species];
const kOnClose = Symbol('onClose');

function Socket(given) {
  if (!(this instanceof Socket)) return new Socket(given);
  let options = given;
  if (options && options.objectMode) throw new codes.ERR_INVALID_ARG_VALUE('options.objectMode', options.objectMode, 'is not supported');
  if (options && (options.readableObjectMode || options.writableObjectMode)) {
    throw new codes.ERR_INVALID_ARG_VALUE(`options.${options.readableObjectMode ? 'readableObjectMode' : 'writableObjectMode'}`,
      options.readableObjectMode || options.writableObjectMode, 'is not supported');
  }
  if (typeof options === 'number') options = { fd: options };
  else options = { ...options };
  this.connecting = false;
  this._hadError = false;
  this._parent = null;
  this._host = null;
  this._handle = null;
  this._pendingData = null;
  this._sockname = null;
  this._peername = null;
  this._timer = null;
  this.timeout = 0;
  this.server = options.server || null;
  this._server = this.server;
  this.bytesRead = 0;
  this._bytesDispatched = 0;
  Duplex.call(this, { ...options, allowHalfOpen: Boolean(options.allowHalfOpen), emitClose: false, autoDestroy: true, decodeStrings: false });
  if (options.fd !== undefined) require('net_socket_methods').open(this, options);
  if (options.handle !== undefined && options.handle !== null) this._attach(options.handle);
  this.on('end', onEnd);
  if (options.noDelay) this._noDelay = true;
  if (options.keepAlive) this._keepAlive = options.keepAliveInitialDelay || 0;
  if (this._handle && options.manualStart !== true && options.readable !== false && options.pauseOnCreate !== true) this.read(0);
  return undefined;
}
Object.setPrototypeOf(Socket.prototype, Duplex.prototype);
Object.setPrototypeOf(Socket, Duplex);

/** Once the other side has ended and half-open is not wanted, writing is an error of its own. */
function onEnd() {
  if (this.allowHalfOpen) return;
  this.write = writeAfterEnd;
}

function writeAfterEnd(chunk, encoding, callback) {
  if (!this.writableEnded && this.writable !== false && !this._writableState.ending) return Duplex.prototype.write.call(this, chunk, encoding, callback);
  const done = typeof encoding === 'function' ? encoding : callback;
  const err = new Error('This socket has been ended by the other party');
  err.code = 'EPIPE';
  if (typeof done === 'function') process.nextTick(done, err);
  this.destroy(err);
  return false;
}

/** What the native side calls; socket is the owner of the number. */
class Handle {
  constructor(id, socket) {
    this.id = id;
    this.owner = socket;
    this.reading = false;
    native.adopt(id, this);
  }

  onread(memory, fault) {
    const socket = this.owner;
    if (socket._timer) socket._timer.refresh();
    if (memory !== null) {
      socket.bytesRead += memory.byteLength;
      if (socket._onchunk) socket._onchunk(new FastBuffer(memory));
      else if (!socket.push(new FastBuffer(memory))) {
        this.reading = false;
        native.readStop(this.id);
      }
      return;
    }
    this.reading = false;
    if (fault !== undefined) {
      socket.destroy(errnoException(fault, 'read'));
      return;
    }
    socket.push(null);
    if (socket._onchunk) socket.resume();
    else if (socket.readableLength === 0) socket.read(0);
  }

  onwrite(fault) { this.owner._wrote(fault); }

  onshutdown(fault) {
    const callback = this.shutdown;
    this.shutdown = undefined;
    if (callback) callback(fault === undefined || this.owner.destroyed ? undefined : errnoException(fault, 'shutdown'));
  }

  onclose() { if (this[kOnClose]) this[kOnClose](); }

  close(callback) {
    this[kOnClose] = callback;
    native.close(this.id);
  }

  ref() { native.ref(this.id, true); }

  unref() { native.ref(this.id, false); }

  getAsyncId() { return this.id; }
}

Object.assign(Socket.prototype, {
  /** Takes the native connection id. */
  _attach(id) {
    this._handle = new Handle(id, this);
    if (this._unrefd) this._handle.unref();
    if (this._noDelay !== undefined) native.noDelay(id, this._noDelay);
    if (this._keepAlive !== undefined) native.keepAlive(id, true, Math.floor(this._keepAlive / 1000));
  },

  _read() {
    if (this.connecting || !this._handle) {
      this.once('connect', () => this._read());
    } else if (!this._handle.reading) {
      this._handle.reading = true;
      native.readStart(this._handle.id);
    }
  },

  /** Takes no more from the system until it is read again. */
  _stopReading() {
    if (!this._handle || !this._handle.reading) return;
    this._handle.reading = false;
    native.readStop(this._handle.id);
  },

  _write(chunk, encoding, callback) { this._send(callback, chunk, encoding); },

  _writev(chunks, callback) {
    const list = [];
    for (const { chunk, encoding } of chunks) list.push(...simple(chunk, encoding));
    this._send(callback, list);
  },

  _send(callback, data, encoding) {
    if (this.connecting) {
      this._pendingData = data;
      this.once('connect', () => { this._pendingData = null; this._send(callback, data, encoding); });
      this.once('close', () => { if (this._pendingData === data) { this._pendingData = null; callback(new codes.ERR_SOCKET_CLOSED_BEFORE_CONNECTION()); } });
      return;
    }
    if (!this._handle) {
      callback(new codes.ERR_SOCKET_CLOSED());
      return;
    }
    if (this._timer) this._timer.refresh();
    const list = Array.isArray(data) ? data : simple(data, encoding);
    for (let i = 0; i < list.length; i += 2) {
      this._bytesDispatched += typeof list[i] === 'string' && list[i + 1] !== 'latin1' ? Buffer.byteLength(list[i]) : list[i].length;
    }
    const result = native.write(this._handle.id, list);
    if (result === undefined) callback();
    else if (result === true) this._writeDone = callback;
    else this._failed(result, callback);
  },

  /**
   * Writes data, text in latin1 or UTF-8, or memory, past the stream's buffer if nothing is in that; callback when it is
   * written. false: the socket is not free for it, and nothing has happened.
   */
  _writeAtOnce(data, encoding, callback) {
    const state = this._writableState;
    if (state.length > 0 || state.corked > 0 || state.ending || state.destroyed || this.connecting || !this._handle || this._writeDone
      || this.encrypted || this.write !== Socket.prototype.write) return false;
    if (this._timer) this._timer.refresh();
    const size = encoding === 'utf8' ? Buffer.byteLength(data) : data.length;
    const rest = native.writeNow(this._handle.id, data, encoding);
    if (rest === undefined) {
      this._bytesDispatched += size;
      process.nextTick(callback);
    } else {
      this._bytesDispatched += size - rest.byteLength;
      this.write(new FastBuffer(rest), callback);
    }
    return true;
  },

  _wrote(fault) {
    const callback = this._writeDone;
    this._writeDone = undefined;
    if (this._timer) this._timer.refresh();
    if (!callback) return;
    if (fault === undefined || this.destroyed) callback(fault === undefined ? undefined : new codes.ERR_SOCKET_CLOSED());
    else this._failed(fault, callback);
  },

  _failed(fault, callback) {
    const err = errnoException(fault, 'write');
    this.destroy(err);
    callback(err);
  },
});

/** A chunk as the native side takes it: [memory or text, 'utf8' or 'latin1']. */
function simple(chunk, encoding) {
  if (typeof chunk !== 'string') return [chunk, ''];
  const name = String(encoding || 'utf8').toLowerCase();
  if (name === 'utf8' || name === 'utf-8' || name === 'buffer') return [chunk, 'utf8'];
  if (name === 'latin1' || name === 'binary') return [chunk, 'latin1'];
  return [Buffer.from(chunk, encoding), ''];
}

module.exports = Socket;
Object.defineProperty(Socket, 'Handle', { value: Handle });
Object.assign(Socket.prototype, require('net_socket_methods').methods);
require('net_socket_methods').properties(Socket.prototype);
