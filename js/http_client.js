/** http.ClientRequest: from its arguments to the request on a socket. The response is in http_exchange. */
const OutgoingMessage = require('http_outgoing');
const { codes } = require('errors');
const { validateBoolean, validateInteger } = require('validators');
const { isToken } = require('http_headers');
const { isIP } = require('net_ip');

const BAD_PATH = /[^\u0021-\u00ff]/;

/** (url, options, cb), (options, cb) as one object; the options of a URL in the order that node has. */
function optionsOf(input, given) {
  let base = {};
  if (typeof input === 'string') base = require('url').urlToHttpOptions(new URL(input));
  else if (input && typeof input === 'object' && typeof input.href === 'string' && typeof input.searchParams === 'object') base = require('url').urlToHttpOptions(input);
  else return { ...input };
  return { ...base, ...given };
}

function checkHost(host, name) {
  if (host !== null && host !== undefined && typeof host !== 'string') {
    throw new codes.ERR_INVALID_ARG_TYPE(`options.${name}`, ['string', 'undefined', 'null'], host);
  }
  return host;
}

function ClientRequest(input, givenOptions, givenCallback) {
  OutgoingMessage.call(this);
  const isUrl = typeof input === 'string' || (input && typeof input.href === 'string' && typeof input.searchParams === 'object');
  const callback = typeof givenOptions === 'function' && !givenCallback ? givenOptions : givenCallback;
  const options = optionsOf(input, isUrl && typeof givenOptions === 'object' ? givenOptions : undefined);
  if (!isUrl && typeof givenOptions === 'object' && givenOptions !== null) Object.assign(options, givenOptions);
  takeAgent(this, options);
  const defaultAgent = options._defaultAgent || require('http_agent').globalAgent;
  const protocol = options.protocol || defaultAgent.protocol;
  const expected = this.agent && this.agent.protocol ? this.agent.protocol : defaultAgent.protocol;
  if (options.path) {
    const path = String(options.path);
    if (BAD_PATH.test(path)) throw new codes.ERR_UNESCAPED_CHARACTERS('Request path');
  }
  if (protocol !== expected) throw new codes.ERR_INVALID_PROTOCOL(protocol, expected);
  const usualPort = options.defaultPort || (this.agent && this.agent.defaultPort);
  const port = options.port ||= usualPort || 80;
  const host = options.host = checkHost(options.hostname, 'hostname') || checkHost(options.host, 'host') || 'localhost';
  const setHost = options.setHost !== undefined ? Boolean(options.setHost) : !Array.isArray(options.headers);
  this.socketPath = options.socketPath;
  if (options.timeout !== undefined) this.timeout = timeoutOf(options.timeout);
  const { method } = options;
  if (method !== undefined && method !== null && typeof method !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('options.method', 'string', method);
  if (method && !isToken(method)) throw new codes.ERR_INVALID_HTTP_TOKEN('Method', method);
  this.method = method ? method.toUpperCase() : 'GET';
  if (options.maxHeaderSize !== undefined) validateInteger(options.maxHeaderSize, 'maxHeaderSize', 0);
  this.maxHeaderSize = options.maxHeaderSize;
  if (options.insecureHTTPParser !== undefined) validateBoolean(options.insecureHTTPParser, 'options.insecureHTTPParser');
  if (options.joinDuplicateHeaders !== undefined) validateBoolean(options.joinDuplicateHeaders, 'options.joinDuplicateHeaders');
  this.joinDuplicateHeaders = options.joinDuplicateHeaders;
  this.path = options.path || '/';
  if (callback) this.once('response', callback);
  this.useChunkedEncodingByDefault = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'].includes(this.method);
  this._ended = false;
  this.res = null;
  this.aborted = false;
  this.upgradeOrConnect = false;
  this.parser = null;
  this.maxHeadersCount = null;
  this.reusedSocket = false;
  this.host = host;
  this.protocol = protocol;
  if (this.agent) {
    this.shouldKeepAlive = this.agent.keepAlive || Number.isFinite(this.agent.maxSockets);
  } else {
    this._last = true;
    this.shouldKeepAlive = false;
  }
  if (options.uniqueHeaders) this.uniqueHeaders = new Set(options.uniqueHeaders.map((name) => [].concat(name)[0].toLowerCase()));
  headersOf(this, options, host, port, setHost ? usualPort : null);
  if (options.signal) require('stream_signal').addAbortSignal(options.signal, this);
  if (this.agent) {
    this.agent.addRequest(this, options);
  } else {
    this._last = true;
    direct(this, options);
  }
}
Object.setPrototypeOf(ClientRequest.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ClientRequest, OutgoingMessage);

function timeoutOf(value) {
  require('validators').validateNumber(value, 'timeout');
  return value;
}

function takeAgent(req, options) {
  const { agent } = options;
  const usual = options._defaultAgent || require('http_agent').globalAgent;
  if (agent === false) req.agent = new usual.constructor();
  else if (agent === null || agent === undefined) req.agent = typeof options.createConnection === 'function' ? undefined : usual;
  else if (typeof agent.addRequest === 'function') req.agent = agent;
  else throw new codes.ERR_INVALID_ARG_TYPE('options.agent', ['Agent-like Object', 'undefined', 'false'], agent);
}

/** usualPort: the one that goes without saying; null: there shall be no Host. */
function headersOf(req, options, host, port, usualPort) {
  const list = Array.isArray(options.headers);
  if (!list) {
    for (const key of Object.keys(options.headers || {})) req.setHeader(key, options.headers[key]);
    if (host && !req.getHeader('host') && usualPort !== null) {
      let name = host.includes(':') && isIP(host) === 6 ? `[${host}]` : host;
      if (port && +port !== usualPort) name += `:${port}`;
      req.setHeader('Host', name);
    }
    if (options.auth && !req.getHeader('Authorization')) {
      req.setHeader('Authorization', `Basic ${require('buffer').Buffer.from(options.auth).toString('base64')}`);
    }
    if (req.getHeader('expect')) req._implicitHeader();
    return;
  }
  if (options.headers.length % 2 !== 0 && !Array.isArray(options.headers[0])) throw new codes.ERR_INVALID_ARG_VALUE('options.headers', options.headers);
  req._storeHeader(`${req.method} ${req.path} HTTP/1.1\r\n`, options.headers, false);
}

/** A connection for this request alone. */
function direct(req, options) {
  let called = false;
  const done = (err, socket) => {
    if (called) return;
    called = true;
    if (err) process.nextTick(() => req.emit('error', err));
    else req.onSocket(socket);
  };
  const opts = options.socketPath ? { ...options, path: options.socketPath } : { ...options, path: undefined };
  const create = options.createConnection || require('net').createConnection;
  const socket = options.createConnection ? create(opts, done) : create(opts);
  if (socket) done(null, socket);
}

module.exports = ClientRequest;
Object.assign(ClientRequest.prototype, require('http_exchange').methods);
