/** net in a task that may reach hosts: connections out. A task cannot listen. */
const { askLater, CHUNK } = require('prelude_ask');
const { Duplex } = require('stream');
const { send } = require('prelude_streams');
const { Buffer } = require('buffer');
const { codes } = require('errors');

const quads = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** 4, 6 or 0, of a text. */
function isIP(text) {
  const s = String(text);
  if (quads.test(s)) return 4;
  const bare = s.replace(/%.*$/, '');
  if (!bare.includes(':')) return 0;
  try {
    return new URL(`http://[${bare}]/`).hostname ? 6 : 0;
  } catch {
    return 0;
  }
}

/** options of connect(port[, host]) or connect(options), and the listener. */
function connectArguments(args) {
  const listener = typeof args.at(-1) === 'function' ? args.pop() : undefined;
  const [first, host] = args;
  const options = first !== null && typeof first === 'object' ? { ...first } : { port: first, host };
  if (options.path !== undefined || typeof options.port === 'string' && !(options.port > 0)) {
    throw Object.assign(new Error('a task connects to hosts only, not to local sockets'), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
  }
  if (options.port === undefined) throw new codes.ERR_MISSING_ARGS(['options', 'port', 'path']);
  return [options, listener];
}

class Socket extends Duplex {
  constructor(options = {}) {
    super({ highWaterMark: CHUNK, allowHalfOpen: options.allowHalfOpen ?? false, decodeStrings: true, emitClose: true });
    Object.assign(this, { connecting: false, pending: true, bytesRead: 0, bytesWritten: 0, encrypted: false });
    Object.defineProperty(this, 'handle', { value: undefined, writable: true });
    this.on('end', () => { if (!this.allowHalfOpen && !this.writableEnded) this.end(); });
  }

  connect(...args) {
    const [options, listener] = connectArguments(args);
    if (listener) this.once(this.secure ? 'secureConnect' : 'connect', listener);
    this.connecting = true;
    const host = options.host ?? options.hostname ?? 'localhost';
    const secure = this.secure ? [options.servername ?? (isIP(host) ? '' : host), options.rejectUnauthorized === false] : [null, false];
    this.opening = askLater('connect', host, Number(options.port), ...secure).then((found) => this.connected(found), (err) => {
      this.connecting = false;
      this.destroy(Object.assign(err, err.syscall === 'connect' ? { address: host, port: Number(options.port) } : {}));
      throw err;
    });
    this.opening.catch(() => {});
    return this;
  }

  connected([handle, localAddress, localPort, remoteAddress, remotePort, protocol]) {
    this.handle = handle;
    Object.assign(this, { connecting: false, pending: false, localAddress, localPort, remoteAddress, remotePort,
      remoteFamily: isIP(remoteAddress) === 6 ? 'IPv6' : 'IPv4', readyState: 'open' });
    this.tlsVersion = protocol;
    if (this.destroyed) { askLater('close', handle).catch(() => {}); return; }
    this.emit('connect');
    this.emit('ready');
    if (this.secure) this.emit('secureConnect');
    this.alive();
  }

  /** Begins to wait anew for what setTimeout said. */
  alive() {
    clearTimeout(this.idle);
    if (this.idleTime > 0 && !this.destroyed) this.idle = setTimeout(() => this.emit('timeout'), this.idleTime);
  }

  _read() {
    Promise.resolve(this.opening).then(() => askLater('recv', this.handle, CHUNK)).then((bytes) => {
      this.alive();
      this.bytesRead += bytes.length;
      this.push(bytes.length === 0 ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }, (err) => { if (!this.destroyed) this.destroy(err); });
  }

  _write(chunk, encoding, done) {
    Promise.resolve(this.opening).then(() => send(this.handle, chunk)).then(() => {
      this.alive();
      this.bytesWritten += chunk.length;
      done();
    }, done);
  }

  _final(done) { Promise.resolve(this.opening).then(() => askLater('shut', this.handle)).then(() => done(), () => done()); }

  _destroy(err, done) {
    clearTimeout(this.idle);
    if (this.handle === undefined) { done(err); return; }
    askLater('close', this.handle).then(() => done(err), () => done(err));
  }

  setTimeout(ms, listener) {
    this.idleTime = ms;
    if (listener) this.once('timeout', listener);
    this.alive();
    return this;
  }

  setNoDelay() { return this; }

  setKeepAlive() { return this; }

  ref() { return this; }

  unref() { return this; }

  address() { return { address: this.localAddress, port: this.localPort, family: isIP(this.localAddress) === 6 ? 'IPv6' : 'IPv4' }; }
}

const connect = (...args) => new Socket(args[0] !== null && typeof args[0] === 'object' ? args[0] : {}).connect(...args);

function cannotListen() {
  throw Object.assign(new Error('a task cannot listen: nobody could reach it'), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}

module.exports = { Socket, Stream: Socket, connect, createConnection: connect, isIP, isIPv4: (s) => isIP(s) === 4,
  isIPv6: (s) => isIP(s) === 6, createServer: cannotListen, Server: cannotListen };
