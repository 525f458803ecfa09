/** http.IncomingMessage: a request at a server, a response at a client. */
const { Readable } = require('stream');
const { addHeader, lower } = require('http_headers');

function IncomingMessage(socket) {
  Readable.call(this, socket ? { highWaterMark: socket.readableHighWaterMark } : undefined);
  this.httpVersionMajor = null;
  this.httpVersionMinor = null;
  this.httpVersion = null;
  this.complete = false;
  this.rawHeaders = [];
  this.rawTrailers = [];
  this.joinDuplicateHeaders = false;
  this.aborted = false;
  this.upgrade = null;
  this.url = '';
  this.method = null;
  this.statusCode = null;
  this.statusMessage = null;
  this.client = socket;
  this.socket = socket;
  this._consumed = false;
  this._dumped = false;
  this._paused = false;
  this._headers = null;
  this._trailers = null;
}
Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype);
Object.setPrototypeOf(IncomingMessage, Readable);

/** Names and values in turn as an object. */
function collect(raw, join) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) addHeader(headers, raw[i], raw[i + 1], join);
  return headers;
}

function distinct(raw) {
  const headers = Object.create(null);
  for (let i = 0; i < raw.length; i += 2) {
    const key = lower(raw[i]);
    if (headers[key] === undefined) headers[key] = [];
    headers[key].push(raw[i + 1]);
  }
  return headers;
}

const accessor = (get, set) => ({ configurable: true, get, set });
Object.defineProperties(IncomingMessage.prototype, {
  headers: accessor(function get() {
    this._headers ??= collect(this.rawHeaders, this.joinDuplicateHeaders);
    return this._headers;
  }, function set(value) { this._headers = value; }),
  headersDistinct: accessor(function get() {
    this._distinct ??= distinct(this.rawHeaders);
    return this._distinct;
  }, function set(value) { this._distinct = value; }),
  trailers: accessor(function get() {
    this._trailers ??= collect(this.rawTrailers, this.joinDuplicateHeaders);
    return this._trailers;
  }, function set(value) { this._trailers = value; }),
  trailersDistinct: accessor(function get() { return distinct(this.rawTrailers); }, function set() {}),
  connection: accessor(function get() { return this.socket; }, function set(value) { this.socket = value; }),
});

Object.assign(IncomingMessage.prototype, {
  setTimeout(milliseconds, callback) {
    if (callback) this.on('timeout', callback);
    this.socket.setTimeout(milliseconds);
    return this;
  },

  _read() {
    this._consumed = true;
    if (this._paused && this.socket && this.socket._resumeParsing) {
      this._paused = false;
      this.socket._resumeParsing();
    }
  },

  _destroy(given, callback) {
    let err = given;
    if (!this.readableEnded || !this.complete) {
      this.aborted = true;
      this.emit('aborted');
    }
    if (this.socket && !this.socket.destroyed && this.aborted) {
      this.socket.destroy(err);
      if (!err && this.listenerCount('error') > 0 && this.res === undefined) err = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }
    if (!err && this._abortedBy) err = this._abortedBy;
    if (this.listenerCount('error') === 0) err = null;
    process.nextTick(callback, err);
  },

  _addHeaderLine(name, value, headers) { addHeader(headers, name, value, this.joinDuplicateHeaders); },

  /** Throws away what nobody reads. */
  _dump() {
    if (this._dumped) return;
    this._dumped = true;
    this.removeAllListeners('data');
    this.resume();
  },
});

module.exports = IncomingMessage;
