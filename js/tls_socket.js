/** tls.TLSSocket: a net.Socket whose native connection is under TLS, its own or another socket's. */
const net = require('net_socket');
const { Buffer } = require('buffer');
const native = require('tls_native');
const { codes } = require('errors');
const { errnoException } = require('system_error');
const { validateString } = require('validators');
const { isIP } = require('net_ip');
const { createSecureContext } = require('tls_context');

const FastBuffer = Buffer[Symbol.species];
const kTLS = Symbol('tls');

class Handle extends net.Handle {
  onsecure(error, fault, facts) { if (!this.owner.destroyed) this.owner._secured(error, fault, facts); }

  onsession(memory) {
    const socket = this.owner;
    if (socket.destroyed) return;
    socket[kTLS].session = new FastBuffer(memory);
    socket.emit('session', socket[kTLS].session);
  }

  onchoose(servername, protocols, answer) {
    if (this.owner.destroyed) answer('destroyed');
    else require('tls_server').choose(this.owner, this.owner[kTLS].options, servername, protocols, answer);
  }
}

/** Protocols of ALPN as texts; they may be given as they travel, each behind its length. */
function protocolsOf(given) {
  if (!given) return [];
  if (Array.isArray(given)) return given.map(String);
  const bytes = new Uint8Array(given.buffer ?? given, given.byteOffset ?? 0, given.byteLength);
  const list = [];
  for (let i = 0; i < bytes.length; i += 1 + bytes[i]) list.push(Buffer.from(bytes.subarray(i + 1, i + 1 + bytes[i])).toString('latin1'));
  return list;
}

function TLSSocket(socket, given) {
  if (!(this instanceof TLSSocket)) return new TLSSocket(socket, given);
  const options = { ...given };
  Object.defineProperty(this, kTLS, { writable: true, value: { options, done: false, wantRead: false, session: undefined, facts: undefined, timer: undefined } });
  this.secureConnecting = true;
  this.authorized = false;
  this.authorizationError = null;
  this.alpnProtocol = null;
  this.servername = options.servername || null;
  net.call(this, {
    allowHalfOpen: socket ? socket.allowHalfOpen : options.allowHalfOpen, signal: options.signal, highWaterMark: options.highWaterMark,
    readable: true, writable: true, manualStart: true,
  });
  if (options.pauseOnConnect) this.pause();
  if (socket) wrap(this, socket);
  return undefined;
}
Object.setPrototypeOf(TLSSocket.prototype, net.prototype);
Object.setPrototypeOf(TLSSocket, net);

/** Runs TLS over socket as soon as that is connected. */
function wrap(secure, socket) {
  secure._parent = socket;
  secure._host = socket._host ?? null;
  let raw = socket;
  if (!(socket instanceof net)) {
    const [near, far] = native.pipe();
    raw = new net({ handle: near, manualStart: true });
    const bridge = new net({ handle: far });
    bridge.on('error', () => socket.destroy());
    socket.on('error', (err) => secure.destroy(err));
    socket.pipe(bridge).pipe(socket);
    socket.once('close', () => bridge.destroy());
    secure.once('close', () => socket.destroy());
  }
  secure.once('close', () => raw.destroy());
  raw.once('close', () => secure.destroy());
  raw.on('error', (err) => secure.destroy(err));
  secure.connecting = raw.connecting;
  if (raw.connecting) raw.once('connect', () => { secure.connecting = false; take(secure, raw); secure.emit('connect'); });
  else if (raw._handle) take(secure, raw);
  else process.nextTick(() => secure.destroy(new codes.ERR_SOCKET_CLOSED()));
}

/** Takes raw's connection away from it; what raw has read already belongs to TLS. */
function take(secure, raw) {
  const { _handle: old } = raw;
  raw._names(0);
  raw._names(1);
  raw._stopReading();
  const parts = [];
  raw._handle = { id: -1, reading: true, ref: () => secure.ref(), unref: () => secure.unref(), close(callback) { secure.destroy(); process.nextTick(callback); } };
  while (raw.readableLength > 0) parts.push(raw.read());
  begin(secure, old.id, Buffer.concat(parts));
}

function begin(secure, id, before) {
  const { options } = secure[kTLS];
  const server = Boolean(options.isServer);
  const context = options.secureContext ?? (options.secureContext = createSecureContext(options));
  const choose = server && (typeof options.ALPNCallback === 'function' || typeof options.SNICallback === 'function');
  const upper = native.start({}, id, {
    server, context: context.context, servername: server ? undefined : secure.servername || undefined, alpn: protocolsOf(options.ALPNProtocols),
    requestCert: Boolean(options.requestCert), tickets: options._tickets, session: options.session, choose,
  }, before);
  if (upper === undefined) {
    process.nextTick(() => secure.destroy(new codes.ERR_SOCKET_CLOSED()));
    return;
  }
  secure._handle = new Handle(upper, secure);
  if (secure._unrefd) secure._handle.unref();
}

/** Goes on with what had to wait for the handshake. */
function release(socket) {
  const tls = socket[kTLS];
  tls.done = true;
  socket.secureConnecting = false;
  clearTimeout(tls.timer);
  const { held, finish } = tls;
  tls.held = undefined;
  tls.finish = undefined;
  if (held) held();
  if (finish) finish();
  if (!tls.options.pauseOnConnect || tls.wantRead) socket.read(0);
  if (tls.wantRead && socket._handle) socket._read();
}

Object.assign(TLSSocket.prototype, {
  encrypted: true,

  /** The connection of a socket that made its own: TLS begins at once. */
  _attach(id) {
    net.prototype._attach.call(this, id);
    begin(this, id, undefined);
  },

  _read() {
    if (this[kTLS].done || this.connecting) net.prototype._read.call(this);
    else this[kTLS].wantRead = true;
  },

  _send(callback, data, encoding) {
    const tls = this[kTLS];
    if (tls.done || this.connecting || this.destroyed) {
      net.prototype._send.call(this, callback, data, encoding);
      return;
    }
    tls.held = () => net.prototype._send.call(this, callback, data, encoding);
  },

  _final(callback) {
    const tls = this[kTLS];
    if (tls.done || this.connecting || this.destroyed) net.prototype._final.call(this, callback);
    else tls.finish = () => net.prototype._final.call(this, callback);
  },

  _destroy(err, callback) {
    const tls = this[kTLS];
    clearTimeout(tls.timer);
    net.prototype._destroy.call(this, err, callback);
    const { held, finish } = tls;
    tls.held = undefined;
    tls.finish = undefined;
    if (held) held();
    if (finish) finish();
  },

  /** The handshake is done, or has failed. */
  _secured(error, fault, facts) {
    const tls = this[kTLS];
    if (error === undefined && fault === undefined) {
      tls.facts = facts;
      if (facts[3]) [, , , this.alpnProtocol] = facts;
      else this.alpnProtocol = false;
      if (tls.options.isServer) require('tls_server').established(this, tls.options, facts, () => release(this));
      else require('tls_connect').established(this, tls.options, facts, () => release(this));
      return;
    }
    let err = error;
    if (err === undefined) {
      const lost = ['EOF', 'ECONNRESET', 'ECANCELED', 'EPIPE'].includes(fault[1]);
      const text = tls.options.isServer ? 'socket hang up' : 'Client network socket disconnected before secure TLS connection was established';
      err = lost ? Object.assign(new Error(text), { code: 'ECONNRESET' }) : errnoException(fault, 'read');
    }
    if (tls.options.isServer) require('tls_server').refused(this, tls.options, err);
    else this.destroy(err);
  },

  getProtocol() { return this[kTLS].facts ? this[kTLS].facts[0] : null; },

  getCipher() {
    const { facts } = this[kTLS];
    return facts ? { name: facts[1], standardName: facts[2], version: facts[0] === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2' } : undefined;
  },

  isSessionReused() { return Boolean(this[kTLS].facts && this[kTLS].facts[5]); },

  getSession() { return this[kTLS].session; },

  setSession(session) { this[kTLS].options.session = session; },

  getTLSTicket() { return this[kTLS].session; },

  setServername(name) {
    validateString(name, 'name');
    if (this[kTLS].options.isServer) throw new codes.ERR_TLS_SNI_FROM_SERVER();
    this.servername = isIP(name) ? null : name;
  },

  getPeerCertificate(detailed) { return require('tls_certificate').peer(this, detailed); },

  getCertificate() { return require('tls_certificate').own(this[kTLS].options.secureContext); },

  exportKeyingMaterial(length, label, context) {
    if (!this[kTLS].done) throw new codes.ERR_TLS_INVALID_STATE();
    return new FastBuffer(native.exportKey(this._handle.id, label, context, length));
  },

  getEphemeralKeyInfo() { return {}; },

  getFinished() { return undefined; },

  getPeerFinished() { return undefined; },

  setMaxSendFragment() { return false; },

  disableRenegotiation() {},

  /** Nobody renegotiates any more: TLS 1.3 cannot, and Go's TLS 1.2 does not. */
  renegotiate(options, callback) {
    if (callback) process.nextTick(callback, Object.assign(new Error('renegotiation is not supported'), { code: 'ERR_TLS_RENEGOTIATION_DISABLED' }));
    return false;
  },

  enableTrace() {},
});

module.exports = TLSSocket;
Object.defineProperties(TLSSocket, { kTLS: { value: kTLS }, protocolsOf: { value: protocolsOf } });
