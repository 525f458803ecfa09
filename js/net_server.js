/** net.Server. */
const EventEmitter = require('events');
const native = require('net_native');
const { codes } = require('errors');
const { validateAbortSignal, validateBoolean, validateNumber } = require('validators');
const { normalize, validatePort } = require('net_args');
const { listenException } = require('system_error');
const { isIP } = require('net_ip');

function Server(given, listener) {
  if (!(this instanceof Server)) return new Server(given, listener);
  EventEmitter.call(this);
  let options = given;
  if (typeof options === 'function') {
    this.on('connection', options);
    options = {};
  } else if (options === undefined || options === null || typeof options === 'object') {
    options = { ...options };
    if (typeof listener === 'function') this.on('connection', listener);
  } else {
    throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
  }
  for (const name of ['keepAlive', 'noDelay']) if (options[name] !== undefined) validateBoolean(options[name], `options.${name}`);
  if (options.keepAliveInitialDelay !== undefined) validateNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay');
  if (options.highWaterMark !== undefined) validateNumber(options.highWaterMark, 'options.highWaterMark');
  this._connections = 0;
  this._handle = null;
  this._unref = false;
  this._pipeName = null;
  this._address = null;
  this.allowHalfOpen = options.allowHalfOpen || false;
  this.pauseOnConnect = Boolean(options.pauseOnConnect);
  this.noDelay = Boolean(options.noDelay);
  this.keepAlive = Boolean(options.keepAlive);
  this.keepAliveInitialDelay = options.keepAliveInitialDelay || 0;
  this.highWaterMark = options.highWaterMark;
  this.blockList = options.blockList;
  return undefined;
}
Object.setPrototypeOf(Server.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Server, EventEmitter);

/** Refuses what listen does not know. */
function checkListen(options) {
  const { port } = options;
  if (typeof port === 'number' || typeof port === 'string') {
    validatePort(port, 'options.port');
    return;
  }
  if (!('port' in options) || !('path' in options || 'fd' in options || '_handle' in options || 'handle' in options)) {
    if (port === undefined || port === null) {
      if (!('port' in options)) throw new codes.ERR_INVALID_ARG_VALUE('options', options, 'must have the property "port" or "path"');
      if (port === null || port === undefined) return;
    }
  }
  throw new codes.ERR_INVALID_ARG_VALUE('options', options);
}

Object.assign(Server.prototype, {
  listen(...args) {
    let [options, callback] = normalize(args);
    if (this._handle || this._listeningSoon) throw new codes.ERR_SERVER_ALREADY_LISTEN();
    if (callback !== null) this.once('listening', callback);
    if (args.length === 0 || typeof args[0] === 'function' || (args[0] === undefined || args[0] === null)) options = { port: 0, ...(typeof args[1] === 'string' ? { host: args[1] } : {}) };
    if (options.signal) {
      validateAbortSignal(options.signal, 'options.signal');
      if (options.signal.aborted) this.close();
      else options.signal.addEventListener('abort', () => this.close(), { once: true });
    }
    const given = options._handle || options.handle || options;
    if (given && given !== options && typeof given.id === 'number') {
      this._accept(given.id, given.address);
      return this;
    }
    if (typeof options.fd === 'number' && options.fd >= 0) {
      this._bind({ fd: options.fd }, null, options.fd);
      return this;
    }
    if (typeof options.path === 'string' && options.port === undefined) {
      this._pipeName = options.path;
      this._bind({ path: options.path }, options.path, -1, options);
      return this;
    }
    checkListen(options);
    const port = Number(options.port) | 0;
    const host = options.host ? String(options.host) : '';
    if (host === '' || isIP(host)) {
      this._bind({ host, port, ipv6Only: options.ipv6Only }, host || '::', port, options);
    } else {
      this._listeningSoon = true;
      require('dns').lookup(host, (err, address) => {
        this._listeningSoon = false;
        if (err) this.emit('error', err);
        else this._bind({ host: address, port, ipv6Only: options.ipv6Only }, address, port, options);
      });
    }
    return this;
  },

  _bind(where, address, port, options) {
    const cluster = require('cluster_role');
    if (cluster.isWorker && !(options && options.exclusive) && where.fd === undefined) {
      this._listeningSoon = true;
      cluster.listen(this, where, (fault, shared) => {
        this._listeningSoon = false;
        if (fault) this.emit('error', listenException(fault, 'bind', address, port));
        else this._accept(shared.id, shared.address, shared);
      });
      return;
    }
    const [id, result] = native.listen(this._owner(), where);
    if (id === undefined) {
      const err = listenException(result, 'listen', address, port);
      process.nextTick(() => this.emit('error', err));
      return;
    }
    this._accept(id, result);
  },

  _owner() {
    return {
      onconnection: (id, fault) => this._onconnection(id, fault),
      onclose: () => {
        const callback = this._handleClosed;
        if (callback) callback();
      },
    };
  },

  /** Begins with the native listener id; shared: what a cluster's worker has instead. */
  _accept(id, address, shared) {
    this._handle = shared || {
      id,
      ref: () => native.refListener(id, true),
      unref: () => native.refListener(id, false),
      close: (callback) => {
        this._handleClosed = callback;
        native.closeListener(id);
      },
      getAsyncId: () => id,
    };
    this._address = address;
    if (this._unref) this._handle.unref();
    process.nextTick(() => { if (this._handle) this.emit('listening'); });
  },

  _onconnection(id, fault) { require('net_accept').accept(this, id, fault); },
});
Object.assign(Server.prototype, require('net_accept').methods);
Object.defineProperties(Server.prototype, {
  listening: { configurable: true, enumerable: true, get() { return Boolean(this._handle); } },
});

module.exports = Server;
