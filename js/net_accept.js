/** What net.Server does with connections, and how it closes. */
const native = require('net_native');
const { codes } = require('errors');
const { errnoException } = require('system_error');

/** Makes a socket of the native connection id. */
function accept(server, id, fault) {
  if (fault !== undefined) {
    server.emit('error', errnoException(fault, 'accept'));
    return;
  }
  const names = (server.maxConnections !== undefined || server.blockList) ? native.names(id) : undefined;
  const drop = () => {
    const data = names && Array.isArray(names[1]) ? {
      localAddress: names[0][0], localPort: names[0][1], localFamily: names[0][2],
      remoteAddress: names[1][0], remotePort: names[1][1], remoteFamily: names[1][2],
    } : undefined;
    native.close(id);
    server.emit('drop', data);
  };
  if (server.maxConnections !== undefined && server._connections >= server.maxConnections) {
    drop();
    return;
  }
  if (server.blockList && Array.isArray(names[1]) && server.blockList.check(names[1][0], names[1][2].toLowerCase())) {
    drop();
    return;
  }
  const Socket = server._Socket || require('net_socket');
  const socket = new Socket({
    handle: id,
    allowHalfOpen: server.allowHalfOpen,
    pauseOnCreate: server.pauseOnConnect || server._tls !== undefined, // TLS reads first
    readable: true,
    writable: true,
    highWaterMark: server.highWaterMark,
    server,
  });
  if (server.noDelay) socket.setNoDelay(true);
  if (server.keepAlive) socket.setKeepAlive(true, server.keepAliveInitialDelay);
  if (server.pauseOnConnect && server._tls === undefined) socket.pause();
  server._connections += 1;
  server.emit('connection', socket);
}

const methods = {
  address() {
    if (!this._handle || !this._address) return null;
    if (typeof this._address === 'string') return this._address;
    const [address, port, family] = this._address;
    return { address, family, port };
  },

  getConnections(callback) {
    process.nextTick(callback, null, this._connections);
    return this;
  },

  close(callback) {
    if (typeof callback === 'function') {
      if (this._handle) this.once('close', callback);
      else this.once('close', () => callback(new codes.ERR_SERVER_NOT_RUNNING()));
    }
    if (this._handle) {
      const handle = this._handle;
      this._handle = null;
      this._closing = true;
      handle.close(() => {
        this._closing = false;
        this._emitCloseIfDrained();
      });
    } else if (!this._closing) {
      this._emitCloseIfDrained();
    }
    return this;
  },

  _emitCloseIfDrained() {
    if (this._handle || this._closing || this._connections > 0 || this._closeQueued) return;
    this._closeQueued = true;
    process.nextTick(() => {
      this._closeQueued = false;
      this.emit('close');
    });
  },

  async [Symbol.asyncDispose]() {
    if (!this._handle) return;
    await new Promise((resolve, reject) => { this.close((err) => (err ? reject(err) : resolve())); });
  },

  ref() {
    this._unref = false;
    if (this._handle) this._handle.ref();
    return this;
  },

  unref() {
    this._unref = true;
    if (this._handle) this._handle.unref();
    return this;
  },

  [require('events').captureRejectionSymbol](err, event, socket) {
    if (event === 'connection') socket.destroy(err);
    else this.emit('error', err);
  },
};

module.exports = { accept, methods };
