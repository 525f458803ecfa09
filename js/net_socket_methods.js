/** The methods and properties of net.Socket beside reading and writing. */
const { Duplex } = require('stream');
const native = require('net_native');
const { codes } = require('errors');
const { validateNumber, validateFunction } = require('validators');

const methods = {
  connect(...args) { return require('net_connect').connect(this, args); },

  end(data, encoding, callback) {
    Duplex.prototype.end.call(this, data, encoding, callback);
    return this;
  },

  _final(callback) {
    if (this.connecting) {
      this.once('connect', () => this._final(callback));
      return;
    }
    if (!this._handle) {
      callback();
      return;
    }
    this._handle.shutdown = callback;
    native.shutdown(this._handle.id);
  },

  _destroy(exception, callback) {
    this.connecting = false;
    if (this._connectAbort) this._connectAbort();
    clearTimeout(this._timer);
    this._timer = null;
    const hadError = Boolean(exception);
    if (this._handle) {
      this._sockname = this._names(0) ?? null;
      const handle = this._handle;
      this._handle = null;
      if (this._resetting) native.reset(handle.id);
      handle.owner = CLOSED;
      handle.close(() => this.emit('close', hadError));
      const { shutdown } = handle;
      handle.shutdown = undefined;
      callback(exception);
      if (shutdown) shutdown(new codes.ERR_SOCKET_CLOSED());
      if (this._writeDone) this._wrote([0, 'ECANCELED']);
    } else {
      callback(exception);
      process.nextTick(() => this.emit('close', hadError));
    }
    if (this._server) {
      this._server._connections -= 1;
      if (this._server._emitCloseIfDrained) this._server._emitCloseIfDrained();
    }
  },

  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  },

  resetAndDestroy() {
    if (this._handle) {
      this._resetting = true;
      if (this.connecting) this.once('connect', () => this.destroy());
      else this.destroy();
    } else {
      this.destroy(new codes.ERR_SOCKET_CLOSED());
    }
    return this;
  },

  setTimeout(milliseconds, callback) {
    if (this.destroyed) return this;
    validateNumber(milliseconds, 'msecs');
    if (milliseconds < 0 || !Number.isFinite(milliseconds)) throw new codes.ERR_OUT_OF_RANGE('msecs', 'a non-negative finite number', milliseconds);
    if (callback !== undefined) validateFunction(callback, 'callback');
    this.timeout = milliseconds;
    clearTimeout(this._timer);
    this._timer = null;
    if (milliseconds === 0) {
      if (callback) this.removeListener('timeout', callback);
    } else {
      this._timer = setTimeout(() => this._onTimeout(), milliseconds);
      this._timer.unref();
      if (callback) this.once('timeout', callback);
    }
    return this;
  },

  _onTimeout() { this.emit('timeout'); },

  _unrefTimer() { if (this._timer) this._timer.refresh(); },

  setNoDelay(on) {
    this._noDelay = on === undefined ? true : Boolean(on);
    if (this._handle) native.noDelay(this._handle.id, this._noDelay);
    return this;
  },

  setKeepAlive(on, delay) {
    this._keepAlive = on ? Number(delay) || 0 : undefined;
    if (this._handle) native.keepAlive(this._handle.id, Boolean(on), Math.floor((Number(delay) || 0) / 1000));
    return this;
  },

  address() {
    const names = this._names(0);
    return names ? { address: names[0], family: names[2], port: names[1] } : {};
  },

  /** Address, port and family of this side (0) or the other (1). */
  _names(side) {
    const kept = side === 0 ? '_sockname' : '_peername';
    if (this[kept]) return this[kept];
    if (!this._handle || this.connecting) return undefined;
    const names = native.names(this._handle.id);
    if (!names || !Array.isArray(names[side])) return undefined;
    this[kept] = names[side];
    return names[side];
  },

  ref() {
    this._unrefd = false;
    if (this._handle) this._handle.ref();
    else this.once('connect', this.ref);
    return this;
  },

  unref() {
    this._unrefd = true;
    if (this._handle) this._handle.unref();
    return this;
  },

  /** What old code calls for the bytes not yet sent. */
  _getpeername() { return this._names(1) || {}; },
};

/** Stands in for a socket whose connection is being closed. */
const CLOSED = { bytesRead: 0, push: () => false, destroy() {}, read() {}, _wrote() {}, destroyed: true, readableLength: 0 };

const name = (side, index) => function get() { const names = this._names(side); return names && names[index]; };

function properties(prototype) {
  const getters = {
    _connecting() { return this.connecting; },
    pending() { return !this._handle || this.connecting; },
    readyState() {
      if (this.connecting) return 'opening';
      if (this.readable && this.writable) return 'open';
      if (this.readable && !this.writable) return 'readOnly';
      return !this.readable && this.writable ? 'writeOnly' : 'closed';
    },
    bufferSize() { return this._handle ? this.writableLength : undefined; },
    bytesWritten() {
      let bytes = this._bytesDispatched;
      for (const { chunk, encoding } of this._writableState.getBuffer()) {
        bytes += typeof chunk === 'string' ? require('buffer').Buffer.byteLength(chunk, encoding) : chunk.length;
      }
      if (this._pendingData) bytes += this._pendingData.length;
      return bytes;
    },
    localAddress: name(0, 0), localPort: name(0, 1), localFamily: name(0, 2),
    remoteAddress: name(1, 0), remotePort: name(1, 1), remoteFamily: name(1, 2),
  };
  for (const key of Object.keys(getters)) Object.defineProperty(prototype, key, { configurable: true, enumerable: false, get: getters[key] });
}

/** A socket over a descriptor that this process has. */
function open(socket, { fd }) {
  require('validators').validateInt32(fd, 'fd', 0);
  const id = native.open(fd);
  if (Array.isArray(id)) throw require('system_error').errnoException(id, 'open');
  socket._attach(id);
}

module.exports = { methods, properties, open };
