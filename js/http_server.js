/** http.Server. */
const net = require('net_server');
const { codes } = require('errors');
const { validateObject, validateInteger, validateBoolean } = require('validators');
const IncomingMessage = require('http_incoming');
const ServerResponse = require('http_response');
const { Connection } = require('http_connection');

/** Takes the options that http and https have in common. */
function storeOptions(server, options) {
  server._Incoming = options.IncomingMessage || IncomingMessage;
  server._Response = options.ServerResponse || ServerResponse;
  const number = (name, fallback) => {
    const value = options[name];
    if (value === undefined) return fallback;
    validateInteger(value, name, 0);
    return value;
  };
  server.maxHeaderSize = number('maxHeaderSize', undefined);
  server.requestTimeout = number('requestTimeout', 300000);
  server.headersTimeout = number('headersTimeout', Math.min(60000, server.requestTimeout || 60000));
  if (server.requestTimeout > 0 && server.headersTimeout > 0 && server.headersTimeout > server.requestTimeout) {
    throw new codes.ERR_OUT_OF_RANGE('headersTimeout', '<= requestTimeout', options.headersTimeout);
  }
  server.keepAliveTimeout = number('keepAliveTimeout', 5000);
  server.connectionsCheckingInterval = number('connectionsCheckingInterval', 30000);
  for (const name of ['requireHostHeader', 'joinDuplicateHeaders', 'rejectNonStandardBodyWrites', 'insecureHTTPParser']) {
    if (options[name] !== undefined) validateBoolean(options[name], `options.${name}`);
  }
  server.requireHostHeader = options.requireHostHeader !== false;
  server.joinDuplicateHeaders = Boolean(options.joinDuplicateHeaders);
  server.rejectNonStandardBodyWrites = Boolean(options.rejectNonStandardBodyWrites);
  server.uniqueHeaders = options.uniqueHeaders;
  server.timeout = 0;
  server.maxHeadersCount = null;
  server.maxRequestsPerSocket = 0;
  server.httpAllowHalfOpen = false;
  Object.defineProperty(server, '_http', { value: new Set() });
  server.on('connection', (socket) => { if (!server._secure) new Connection(server, socket); });
  server.on('listening', () => watch(server));
}

function Server(given, listener) {
  if (!(this instanceof Server)) return new Server(given, listener);
  let options = given;
  let fn = listener;
  if (typeof options === 'function') [options, fn] = [{}, options];
  else if (options === undefined || options === null) options = {};
  else validateObject(options, 'options');
  net.call(this, { noDelay: true, ...options, allowHalfOpen: true });
  storeOptions(this, { ...options });
  if (fn) this.on('request', fn);
  return undefined;
}
Object.setPrototypeOf(Server.prototype, net.prototype);
Object.setPrototypeOf(Server, net);

/** Looks from time to time for requests that take too long. */
function watch(server) {
  clearInterval(server._checking);
  server._checking = setInterval(() => {
    const now = Date.now();
    for (const connection of server._http) {
      const { startedAt, headed, socket } = connection;
      if (!startedAt || (connection.requests > 0 && !headed && socket.bytesRead === connection.bytesAtEnd)) continue;
      const late = (limit) => limit > 0 && now - startedAt > limit;
      if ((!headed && late(server.headersTimeout)) || late(server.requestTimeout)) connection.failed(new codes.ERR_HTTP_REQUEST_TIMEOUT());
    }
  }, server.connectionsCheckingInterval);
  server._checking.unref();
}

Object.assign(Server.prototype, {
  close(...args) {
    clearInterval(this._checking);
    net.prototype.close.apply(this, args);
    this.closeIdleConnections();
    return this;
  },

  closeAllConnections() { for (const { socket } of [...this._http]) socket.destroy(); },

  closeIdleConnections() { for (const connection of [...this._http]) if (connection.idle) connection.socket.destroy(); },

  setTimeout(milliseconds, callback) {
    this.timeout = milliseconds;
    if (callback) this.on('timeout', callback);
    return this;
  },

  async [Symbol.asyncDispose]() { await new Promise((resolve, reject) => { this.close((err) => (err ? reject(err) : resolve())); }); },

  [require('events').captureRejectionSymbol](err, event, ...args) {
    const [, res] = args;
    if (event === 'request' && res && !res.headersSent && !res.writableEnded) {
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      res.statusCode = 500;
      res.end('Internal Server Error');
    } else if (event === 'request' && res) {
      res.destroy();
    } else {
      net.prototype[require('events').captureRejectionSymbol].call(this, err, event, ...args);
    }
  },
});

/** Makes the response to req and gives both to the script; host, expects: whether there are fields of these names. */
function respond(connection, req, host, expects) {
  const { server, socket } = connection;
  connection.incoming.push(req);
  connection.requests += 1;
  const res = new server._Response(req, connection.options);
  res._keepAliveTimeout = server.keepAliveTimeout;
  if (server.uniqueHeaders) res.uniqueHeaders = uniqueOf(server);
  if (!connection.keepAlive || !server._handle) res.shouldKeepAlive = false;
  req.res = res;
  res._connection = connection;
  if (socket._httpMessage) connection.waiting.push(res);
  else res.assignSocket(socket);
  if (server.maxRequestsPerSocket > 0) {
    res._maxRequestsPerSocket = server.maxRequestsPerSocket;
    res.maxRequestsOnConnectionReached = connection.requests >= server.maxRequestsPerSocket;
    if (connection.requests > server.maxRequestsPerSocket) {
      server.emit('dropRequest', req, socket);
      res.writeHead(503);
      res.end();
      return;
    }
  }
  if (!host && req.httpVersionMinor === 1 && server.requireHostHeader) {
    res.writeHead(400, ['Connection', 'close']);
    res.end();
    return;
  }
  if (expects && req.httpVersionMinor === 1 && !expected(server, req, res)) return;
  server.emit('request', req, res);
}

/** Deals with Expect; false: the request has its answer, or somebody who gives it. */
function expected(server, req, res) {
  if (/(?:^|\W)100-continue(?:$|\W)/i.test(req.headers.expect)) {
    res._expect_continue = true;
    if (server.listenerCount('checkContinue') > 0) {
      server.emit('checkContinue', req, res);
      return false;
    }
    res.writeContinue();
  } else if (server.listenerCount('checkExpectation') > 0) {
    server.emit('checkExpectation', req, res);
    return false;
  } else {
    res.writeHead(417);
    res.end();
    return false;
  }
  return true;
}

function uniqueOf(server) {
  if (!server.uniqueHeaders) return undefined;
  server._unique ??= new Set(server.uniqueHeaders.map((name) => [].concat(name)[0].toLowerCase()));
  return server._unique;
}

function closed(res) {
  res._closed = true;
  res.destroyed = true;
  res.emit('close');
}

/** The response is out: the next one, or the end of the connection, or waiting for a request. */
function finished(connection, res) {
  const { server, socket } = connection;
  const { req } = res;
  connection.incoming.shift();
  if (!req._consumed) req._dump();
  if (res.socket === socket) res.detachSocket(socket);
  if (res._events !== undefined) process.nextTick(() => closed(res));
  else res._closed = res.destroyed = true;
  if (res._last) {
    if (typeof socket.destroySoon === 'function') socket.destroySoon();
    else socket.end();
  } else if (connection.waiting.length > 0) {
    connection.waiting.shift().assignSocket(socket);
  } else {
    connection.idleSince = Date.now();
    connection.bytesAtEnd = socket.bytesRead;
    if (!server._handle) socket.destroySoon();
    else if (server.keepAliveTimeout > 0) idle(connection, server.keepAliveTimeout);
  }
}

/** Ends a connection that had nothing to do for a while; one timer serves all its pauses. */
function idle(connection, timeout) {
  if (connection.idleTimer) return;
  const { socket } = connection;
  const look = () => {
    connection.idleTimer = null;
    if (socket.destroyed || !socket._connection || !connection.idle || socket.bytesRead !== connection.bytesAtEnd) return;
    const left = connection.idleSince + timeout - Date.now();
    if (left <= 0) connection.timedOut();
    else connection.idleTimer = setTimeout(look, left).unref();
  };
  connection.idleTimer = setTimeout(look, timeout).unref();
}

module.exports = { Server, respond, finished, storeOptions };
