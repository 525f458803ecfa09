/** tls.connect: the client's side. */
const net = require('net_socket');
const { validateFunction } = require('validators');
const { normalize } = require('net_args');
const { isIP } = require('net_ip');
const { createSecureContext } = require('tls_context');
const TLSSocket = require('tls_socket');

let warned = false;

/** NODE_TLS_REJECT_UNAUTHORIZED=0 trusts everybody, with a warning. */
function trustsAll() {
  const all = process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
  if (all && !warned) {
    warned = true;
    process.emitWarning('Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to \'0\' makes TLS connections and HTTPS requests insecure by disabling certificate verification.');
  }
  return all;
}

/** (options, cb), (port[, host][, options][, cb]), (path[, options][, cb]) as [options, cb]. */
function argumentsOf(args) {
  const [options, callback] = normalize(args);
  const more = [args[1], args[2]].find((arg) => arg !== null && typeof arg === 'object');
  return [more && more !== options ? { ...options, ...more } : options, callback];
}

function connect(...args) {
  const [given, callback] = argumentsOf(args);
  const options = { rejectUnauthorized: !trustsAll(), checkServerIdentity: require('tls').checkServerIdentity, ...given };
  if (options.checkServerIdentity !== undefined) validateFunction(options.checkServerIdentity, 'options.checkServerIdentity');
  if (options.secureContext === undefined) options.secureContext = createSecureContext(options);
  const socket = new TLSSocket(options.socket, { ...options, allowHalfOpen: options.socket ? options.socket.allowHalfOpen : Boolean(options.allowHalfOpen) });
  if (options.servername) {
    if (isIP(options.servername)) {
      process.emitWarning('Setting the TLS ServerName to an IP address is not permitted by RFC 6066. This will be ignored in a future version.', 'DeprecationWarning', 'DEP0123');
    }
    socket.setServername(options.servername);
  }
  if (callback) socket.once('secureConnect', callback);
  if (!options.socket) {
    if (options.timeout) socket.setTimeout(options.timeout);
    net.prototype.connect.call(socket, [options, null]);
  }
  return socket;
}

/** Judges the server, and tells. */
function established(socket, options, facts, release) {
  const [, , , , , , certificate, code, text] = facts;
  let err = code === undefined ? undefined : Object.assign(new Error(text), { code });
  if (err === undefined && certificate && options.checkServerIdentity) {
    const host = options.servername || options.host || (options.socket && options.socket._host) || 'localhost';
    err = options.checkServerIdentity(host, socket.getPeerCertificate(true));
  }
  if (err) {
    socket.authorizationError = err.code || err.message;
    if (options.rejectUnauthorized !== false) {
      socket.destroy(err);
      return;
    }
  } else {
    socket.authorized = true;
  }
  socket.secureConnecting = false;
  socket.emit('secure');
  release();
  socket.emit('secureConnect');
}

module.exports = { connect, established };
