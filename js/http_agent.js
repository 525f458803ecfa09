/** http.Agent: connections that several requests use one after the other. */
const EventEmitter = require('events');
const { validateNumber, validateOneOf } = require('validators');

function Agent(options) {
  if (!(this instanceof Agent)) return new Agent(options);
  EventEmitter.call(this);
  this.defaultPort = 80;
  this.protocol = 'http:';
  this.options = { __proto__: null, ...options };
  if (this.options.noDelay === undefined) this.options.noDelay = true;
  this.options.path = null;
  this.requests = Object.create(null);
  this.sockets = Object.create(null);
  this.freeSockets = Object.create(null);
  this.keepAliveMsecs = this.options.keepAliveMsecs || 1000;
  this.keepAlive = this.options.keepAlive || false;
  this.maxSockets = this.options.maxSockets || Infinity;
  this.maxFreeSockets = this.options.maxFreeSockets || 256;
  this.scheduling = this.options.scheduling || 'lifo';
  this.maxTotalSockets = this.options.maxTotalSockets;
  this.totalSocketCount = 0;
  validateOneOf(this.scheduling, 'scheduling', ['fifo', 'lifo']);
  if (this.maxTotalSockets !== undefined) {
    validateNumber(this.maxTotalSockets, 'maxTotalSockets', 1);
  } else {
    this.maxTotalSockets = Infinity;
  }
  this.on('free', (socket, opts) => this._onFree(socket, opts));
  return undefined;
}
Object.setPrototypeOf(Agent.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Agent, EventEmitter);
Agent.defaultMaxSockets = Infinity;

const drop = (table, name, item) => {
  const index = table[name] ? table[name].indexOf(item) : -1;
  if (index < 0) return false;
  table[name].splice(index, 1);
  if (table[name].length === 0) delete table[name];
  return true;
};

Object.assign(Agent.prototype, {
  createConnection(options) {
    const socket = require('net').createConnection(options);
    return socket;
  },

  getName(options = {}) {
    let name = options.host || 'localhost';
    name += ':';
    if (options.port) name += options.port;
    name += ':';
    if (options.localAddress) name += options.localAddress;
    if (options.family === 4 || options.family === 6) name += `:${options.family}`;
    if (options.socketPath) name += `:${options.socketPath}`;
    return name;
  },

  addRequest(req, given, port, localAddress) {
    let options = typeof given === 'string' ? { host: given, port, localAddress } : given;
    options = { __proto__: null, ...options, ...this.options };
    if (options.socketPath) options.path = options.socketPath;
    const name = this.getName(options);
    this.sockets[name] ??= [];
    const free = this.freeSockets[name];
    let socket;
    if (free) {
      while (free.length > 0 && (free[0].destroyed || !free[0].writable)) free.shift();
      socket = this.scheduling === 'fifo' ? free.shift() : free.pop();
      if (free.length === 0) delete this.freeSockets[name];
    }
    if (socket) {
      this.reuseSocket(socket, req);
      this.sockets[name].push(socket);
      this._give(socket, req);
    } else if (this.sockets[name].length < this.maxSockets && this.totalSocketCount < this.maxTotalSockets) {
      this.createSocket(req, options, (err, made) => {
        if (err) req.onSocket(made, err);
        else this._give(made, req);
      });
    } else {
      this.requests[name] ??= [];
      req._agentOptions = options;
      this.requests[name].push(req);
    }
    if (this.sockets[name] && this.sockets[name].length === 0) delete this.sockets[name];
  },

  createSocket(req, given, callback) {
    const options = { __proto__: null, ...given, ...this.options };
    if (options.socketPath) options.path = options.socketPath;
    if (!options.servername && options.servername !== '') options.servername = serverName(options, req);
    const name = this.getName(options);
    options._agentKey = name;
    options.encoding = null;
    let done = false;
    const created = (err, socket) => {
      if (done) return;
      done = true;
      if (err) {
        callback(err);
        return;
      }
      this.sockets[name] ??= [];
      this.sockets[name].push(socket);
      this.totalSocketCount += 1;
      this._watch(socket, options);
      callback(null, socket);
    };
    if (this.keepAlive) {
      options.keepAlive = this.keepAlive;
      options.keepAliveInitialDelay = this.keepAliveMsecs;
    }
    const socket = this.createConnection(options, created);
    if (socket) created(null, socket);
  },

  /** Follows a socket from request to request until it closes. */
  _watch(socket, options) {
    const onFree = () => this.emit('free', socket, options);
    const onRemove = () => this.removeSocket(socket, options);
    const onTimeout = () => {
      if (Object.values(this.freeSockets).some((list) => list.includes(socket))) socket.destroy();
    };
    socket.on('free', onFree);
    socket.on('close', onRemove);
    socket.on('timeout', onTimeout);
    if (this.options.timeout) socket.setTimeout(this.options.timeout);
    socket.on('agentRemove', () => {
      socket.removeListener('free', onFree);
      socket.removeListener('close', onRemove);
      socket.removeListener('timeout', onTimeout);
      this.removeSocket(socket, options);
    });
  },

  _give(socket, req) {
    if (req.timeout) socket.setTimeout(req.timeout);
    req.onSocket(socket);
  },

  _onFree(socket, options) {
    const name = this.getName(options);
    if (!socket.writable || socket.destroyed) {
      socket.destroy();
      return;
    }
    const waiting = this.requests[name];
    if (waiting && waiting.length > 0) {
      const req = waiting.shift();
      if (waiting.length === 0) delete this.requests[name];
      this._give(socket, req);
      return;
    }
    const req = socket._httpMessage;
    const free = this.freeSockets[name] || [];
    const count = free.length + (this.sockets[name] ? this.sockets[name].length : 0);
    if (!req || !req.shouldKeepAlive || !this.keepAlive || this.totalSocketCount > this.maxTotalSockets
      || count > this.maxSockets || free.length >= this.maxFreeSockets || !this.keepSocketAlive(socket)) {
      socket.destroy();
      return;
    }
    this.freeSockets[name] = free;
    socket._httpMessage = null;
    this.removeSocket(socket, options, true);
    socket.once('error', freeError);
    free.push(socket);
  },

  removeSocket(socket, options, kept) {
    const name = this.getName(options);
    if (drop(this.sockets, name, socket) && !kept) this.totalSocketCount -= 1;
    if (kept) return;
    if (!socket.writable && drop(this.freeSockets, name, socket)) this.totalSocketCount -= 1;
    const waiting = this.requests[name] || Object.values(this.requests)[0];
    if (!waiting || waiting.length === 0 || this.totalSocketCount >= this.maxTotalSockets) return;
    const req = waiting[0];
    const opts = req._agentOptions;
    const other = this.getName(opts);
    if ((this.sockets[other] || []).length >= this.maxSockets) return;
    drop(this.requests, other, req);
    this.createSocket(req, opts, (err, made) => (err ? req.onSocket(null, err) : this._give(made, req)));
  },

  keepSocketAlive(socket) {
    socket.setKeepAlive(true, this.keepAliveMsecs);
    socket.unref();
    let timeout = this.options.timeout || 0;
    const res = socket._httpMessage && socket._httpMessage.res;
    const hint = res && /^timeout=(\d+)/.exec(res.headers['keep-alive'] || '');
    if (hint) {
      const server = Math.max(0, Number(hint[1]) * 1000 - 1000);
      if (server === 0) return false;
      if (timeout === 0 || server < timeout) timeout = server;
    }
    if (timeout && socket.timeout !== timeout) socket.setTimeout(timeout);
    return true;
  },

  reuseSocket(socket, req) {
    socket.removeListener('error', freeError);
    req.reusedSocket = true;
    socket.ref();
  },

  destroy() {
    for (const table of [this.freeSockets, this.sockets]) {
      for (const list of Object.values(table)) for (const socket of [...list]) socket.destroy();
    }
  },
});

/** The host that a request is for, as TLS asks for it: none for an address. */
function serverName(options, req) {
  let name = options.host;
  const header = req.getHeader('host');
  if (typeof header === 'string') {
    if (header.startsWith('[')) name = header.slice(1, header.indexOf(']') > 0 ? header.indexOf(']') : undefined);
    else [name] = header.split(':', 1);
  }
  return require('net_ip').isIP(name) ? '' : name;
}

/** A connection that breaks while nobody uses it is only dropped. */
function freeError() { this.destroy(); this.emit('agentRemove'); }

const globalAgent = new Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 });

module.exports = { Agent, globalAgent };
