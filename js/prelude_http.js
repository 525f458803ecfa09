/** http and https in a task that may reach hosts: requests out, which the worker makes. A task cannot listen. */
const { askLater, CHUNK } = require('prelude_ask');
const { Readable, Writable } = require('stream');
const { send } = require('prelude_streams');
const { Buffer } = require('buffer');

class IncomingMessage extends Readable {
  constructor(handle, [status, text, url, , pairs]) {
    super({ highWaterMark: CHUNK });
    Object.assign(this, { statusCode: status, statusMessage: text, url, httpVersion: '1.1', headers: {}, rawHeaders: pairs, complete: false });
    Object.defineProperty(this, 'handle', { value: handle });
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i].toLowerCase();
      if (name === 'set-cookie') (this.headers[name] ??= []).push(pairs[i + 1]);
      else this.headers[name] = name in this.headers ? `${this.headers[name]}, ${pairs[i + 1]}` : pairs[i + 1];
    }
  }

  _read() {
    askLater('recv', this.handle, CHUNK).then((bytes) => {
      this.complete = bytes.length === 0;
      this.push(this.complete ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }, (err) => { if (!this.destroyed) this.destroy(err); });
  }

  _destroy(err, done) { askLater('close', this.handle).then(() => done(err), () => done(err)); }
}

/** url, options and listener of request([url][, options][, listener]). */
function parse(protocol, args) {
  const listener = typeof args.at(-1) === 'function' ? args.pop() : undefined;
  const given = typeof args[0] === 'string' ? new URL(args.shift()) : args[0] instanceof URL ? args.shift() : undefined;
  const options = { ...args[0] };
  const url = given ?? new URL(`${options.protocol ?? protocol}//${options.hostname ?? options.host ?? 'localhost'}`);
  if (options.port) url.port = String(options.port);
  let text = url.href;
  if (options.path !== undefined) text = new URL(options.path, url.origin).href;
  if (options.auth) options.headers = { Authorization: `Basic ${Buffer.from(options.auth).toString('base64')}`, ...options.headers };
  return { text, options, listener };
}

class ClientRequest extends Writable {
  constructor(protocol, args) {
    super({ highWaterMark: CHUNK, decodeStrings: true, autoDestroy: false }); // what was sent is not all: the response comes
    const { text, options, listener } = parse(protocol, args);
    Object.assign(this, { method: (options.method ?? 'GET').toUpperCase(), path: new URL(text).pathname, names: {}, aborted: false });
    Object.defineProperty(this, 'call', { value: { text, options, handle: undefined } });
    for (const [name, value] of Object.entries(options.headers ?? {})) this.setHeader(name, value);
    if (listener) this.once('response', listener);
    if (options.timeout) this.setTimeout(options.timeout);
    if (options.signal) options.signal.addEventListener('abort', () => this.destroy(options.signal.reason), { once: true });
  }

  setHeader(name, value) { this.names[name.toLowerCase()] = [name, value]; return this; }

  getHeader(name) { return this.names[name.toLowerCase()]?.[1]; }

  removeHeader(name) { delete this.names[name.toLowerCase()]; }

  setTimeout(ms, listener) {
    if (listener) this.once('timeout', listener);
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.emit('timeout'), ms);
    return this;
  }

  /** The number of the exchange, begun when it is first needed. */
  async begin(body) {
    if (this.call.handle === undefined) {
      const pairs = Object.values(this.names).flatMap(([name, v]) => (Array.isArray(v) ? v : [v]).flatMap((one) => [name, String(one)]));
      const insecure = this.call.options.rejectUnauthorized === false;
      this.call.handle = askLater('request', this.method, this.call.text, pairs, body, 'manual', insecure);
      this.call.handle.then((handle) => this.respond(handle)).catch((err) => this.destroy(err));
    }
    return this.call.handle;
  }

  async respond(handle) {
    const res = new IncomingMessage(handle, await askLater('response', handle));
    clearTimeout(this.idle);
    this.res = res;
    res.once('close', () => this.destroy());
    if (!this.emit('response', res)) res.resume();
  }

  flushHeaders() { this.begin(true).catch(() => {}); }

  _write(chunk, encoding, done) { this.begin(true).then((handle) => send(handle, chunk)).then(() => done(), done); }

  _final(done) {
    this.begin(false).then((handle) => askLater('shut', handle)).then(() => done(), (err) => done(err));
  }

  _destroy(err, done) {
    clearTimeout(this.idle);
    const { handle } = this.call;
    if (handle === undefined || this.res) { done(err); return; }
    handle.then((h) => askLater('close', h)).then(() => done(err), () => done(err));
  }

  abort() { this.aborted = true; this.destroy(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })); }
}

class Agent {
  destroy() {}
}

function cannotListen() {
  throw Object.assign(new Error('a task cannot listen: nobody could reach it'), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
}

function make(protocol) {
  const request = (...args) => new ClientRequest(protocol, args);
  const get = (...args) => { const req = request(...args); req.end(); return req; };
  return { request, get, ClientRequest, IncomingMessage, Agent, globalAgent: new Agent(), createServer: cannotListen, Server: cannotListen };
}

module.exports = { ...make('http:'), https: make('https:') };
