/** https.Server: a server of tls whose connections speak HTTP. */
const tls = require('tls_server');
const http = require('http_server');
const { Connection } = require('http_connection');
const { validateObject } = require('validators');

function Server(given, listener) {
  if (!(this instanceof Server)) return new Server(given, listener);
  let options = given;
  let fn = listener;
  if (typeof options === 'function') [options, fn] = [{}, options];
  else if (options === undefined || options === null) options = {};
  else validateObject(options, 'options');
  options = { noDelay: true, ...options };
  if (!options.ALPNProtocols && !options.ALPNCallback) options.ALPNProtocols = ['http/1.1'];
  Object.defineProperty(this, '_secure', { value: true });
  tls.Server.call(this, { ...options, allowHalfOpen: true });
  http.storeOptions(this, options);
  this.on('secureConnection', (socket) => new Connection(this, socket));
  this.on('tlsClientError', (err, socket) => {
    if (!this.emit('clientError', err, socket)) socket.destroy();
  });
  if (fn) this.on('request', fn);
  return undefined;
}
Object.setPrototypeOf(Server.prototype, tls.Server.prototype);
Object.setPrototypeOf(Server, tls.Server);
for (const name of ['close', 'closeAllConnections', 'closeIdleConnections', 'setTimeout', Symbol.asyncDispose, require('events').captureRejectionSymbol]) {
  Server.prototype[name] = http.Server.prototype[name];
}

module.exports = { Server };
