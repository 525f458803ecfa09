/** tls.Server. */
const net = require('net_server');
const native = require('tls_native');
const { codes } = require('errors');
const { validateFunction, validateNumber, validateObject } = require('validators');
const { createSecureContext, SecureContext } = require('tls_context');
const TLSSocket = require('tls_socket');

const { protocolsOf } = TLSSocket;

function Server(given, listener) {
  if (!(this instanceof Server)) return new Server(given, listener);
  let options = given;
  let fn = listener;
  if (typeof options === 'function') [options, fn] = [{}, options];
  else if (options === undefined || options === null) options = {};
  else validateObject(options, 'options');
  init(this, options);
  net.call(this, options);
  this.on('connection', (socket) => secure(this, socket));
  if (fn) this.on('secureConnection', fn);
  return undefined;
}
Object.setPrototypeOf(Server.prototype, net.prototype);
Object.setPrototypeOf(Server, net);

/** Takes the options of TLS; https.Server does so as well. */
function init(server, options) {
  if (options.ALPNCallback !== undefined) {
    validateFunction(options.ALPNCallback, 'options.ALPNCallback');
    if (options.ALPNProtocols) throw new codes.ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS();
  }
  if (options.SNICallback !== undefined && options.SNICallback !== null) validateFunction(options.SNICallback, 'options.SNICallback');
  if (options.handshakeTimeout !== undefined) validateNumber(options.handshakeTimeout, 'options.handshakeTimeout');
  Object.defineProperty(server, '_tls', { value: { options, contexts: [], tickets: native.tickets(), timeout: options.handshakeTimeout ?? 120000 } });
  server.requestCert = Boolean(options.requestCert);
  server.rejectUnauthorized = options.rejectUnauthorized !== false;
  server._sharedCreds = options.secureContext ?? createSecureContext(options);
}

/** Puts a connection under TLS. */
function secure(server, socket) {
  const { options, contexts, tickets, timeout } = server._tls;
  const sni = options.SNICallback ?? (contexts.length > 0 ? (name, done) => done(null, found(contexts, name)) : undefined);
  const upper = new TLSSocket(socket, {
    isServer: true, server, secureContext: server._sharedCreds, requestCert: server.requestCert, rejectUnauthorized: server.rejectUnauthorized,
    ALPNProtocols: options.ALPNProtocols, ALPNCallback: options.ALPNCallback, SNICallback: sni, pauseOnConnect: server.pauseOnConnect, _tickets: tickets,
  });
  upper.server = server;
  upper.on('error', (err) => { if (!upper.secureConnecting) return; server.emit('tlsClientError', err, upper); });
  if (timeout > 0) {
    upper[TLSSocket.kTLS].timer = setTimeout(() => refused(upper, { server }, new codes.ERR_TLS_HANDSHAKE_TIMEOUT()), timeout);
    upper[TLSSocket.kTLS].timer.unref();
  }
}

/** The context that was added for name, the last one that fits. */
function found(contexts, name) {
  for (let i = contexts.length - 1; i >= 0; i -= 1) if (contexts[i][0].test(name)) return contexts[i][1];
  return undefined;
}

/** Chooses context and protocol for what a client wants; answer(error, context, protocols). */
function choose(socket, options, servername, protocols, answer) {
  const own = options.ALPNProtocols ? protocolsOf(options.ALPNProtocols) : [];
  const alpn = () => {
    if (!options.ALPNCallback || protocols.length === 0) return own;
    const chosen = options.ALPNCallback({ servername, protocols });
    if (chosen === undefined) return ['no such protocol']; // which no client offers
    if (!protocols.includes(chosen)) throw new codes.ERR_TLS_ALPN_CALLBACK_INVALID_RESULT(chosen, protocols);
    return [chosen];
  };
  const go = (err, context) => {
    try {
      if (err) throw err;
      let native_ = context ?? undefined;
      if (native_ !== undefined && !(native_ instanceof SecureContext)) throw new codes.ERR_TLS_INVALID_CONTEXT('context');
      native_ = native_ && native_.context;
      answer(undefined, native_, alpn());
    } catch (failure) {
      answer(failure.message);
      refused(socket, options, failure);
    }
  };
  if (options.SNICallback && servername) options.SNICallback.call(options.server, servername, go);
  else go(null, undefined);
}

/** The handshake has come to its end. */
function established(socket, options, facts, release) {
  const { server } = options;
  socket.servername = facts[4] || false;
  if (options.requestCert) {
    if (facts[7] === undefined) socket.authorized = true;
    else {
      [, , , , , , , socket.authorizationError] = facts;
      if (options.rejectUnauthorized !== false) {
        socket.destroy();
        return;
      }
    }
  }
  socket.secureConnecting = false;
  socket.emit('secure');
  if (server) server.emit('secureConnection', socket);
  release();
}

/** There is no connection: the server hears of it, and the socket ends. */
function refused(socket, { server }, err) {
  socket.emit('_tlsError', err);
  if (server) server.emit('tlsClientError', err, socket);
  socket.destroy(server ? undefined : err);
}

Object.assign(Server.prototype, {
  addContext(servername, context) {
    if (!servername) throw new codes.ERR_TLS_REQUIRED_SERVER_NAME();
    const pattern = servername.replace(/[.*+?^${}()|[\]\\]/g, (c) => (c === '*' ? '[^.]*' : `\\${c}`));
    this._tls.contexts.push([new RegExp(`^${pattern}$`, 'i'), context instanceof SecureContext ? context : createSecureContext(context)]);
  },

  setSecureContext(options) {
    validateObject(options, 'options');
    this._sharedCreds = createSecureContext(options);
  },
});

module.exports = { Server, init, secure, choose, established, refused, methods: Server.prototype };
