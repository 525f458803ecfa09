/** http.IncomingMessage: a request at a server, a response at a client. */
const { Readable } = require('stream');
const { addHeader, lower } = require('http_headers');

/**
 * A message becomes a stream when somebody looks at it as one, which nobody does with most requests: until then it has
 * no state of a Readable, and what is false, null or empty stands in the prototype.
 */
function IncomingMessage(socket) { this.socket = socket; }
Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype);
Object.setPrototypeOf(IncomingMessage, Readable);
Object.assign(IncomingMessage.prototype, {
  httpVersionMajor: 1,
  httpVersionMinor: 1,
  httpVersion: '1.1',
  complete: false,
  joinDuplicateHeaders: false,
  aborted: false,
  upgrade: null,
  url: '',
  method: null,
  statusCode: null,
  statusMessage: null,
  socket: undefined,
  _consumed: false,
  _dumped: false,
  _paused: false,
  _headers: null,
  _trailers: null,
  _fields: null, // names and values in turn, with NUL between
  _rawHeaders: null,
  _rawTrailers: null,
  _state: null, // of the Readable
  _over: false, // there is nothing to read, and nobody has asked yet
});

/** Names and values in turn as an object. */
function collect(raw, join) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) addHeader(headers, raw[i], raw[i + 1], join);
  return headers;
}

function distinct(raw) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) {
    const key = lower(raw[i]);
    if (Object.hasOwn(headers, key)) headers[key].push(raw[i + 1]);
    else headers[key] = [raw[i + 1]];
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
  _readableState: accessor(function get() {
    if (this._state === null) begin(this);
    return this._state;
  }, function set(value) { this._state = value; }),
  rawHeaders: accessor(function get() {
    this._rawHeaders ??= this._fields ? this._fields.split('\0') : [];
    return this._rawHeaders;
  }, function set(value) { this._rawHeaders = value; }),
  rawTrailers: accessor(function get() { return this._rawTrailers ??= []; }, function set(value) { this._rawTrailers = value; }),
  client: accessor(function get() { return this.socket; }, function set(value) { this.socket = value; }),
  connection: accessor(function get() { return this.socket; }, function set(value) { this.socket = value; }),
});

/** Makes the message the stream that it is; what has happened to it before, has happened to the stream. */
function begin(message) {
  const { socket } = message;
  Readable.call(message, socket ? { highWaterMark: socket.readableHighWaterMark } : undefined);
  if (!message._over) return;
  message._over = false;
  if (message._dumped) Object.assign(message._state, { ended: true, endEmitted: true, destroyed: true, closed: true, closeEmitted: true });
  else message.push(null);
}

Object.assign(IncomingMessage.prototype, {
  /** There is no more to read. */
  _ended() {
    if (this._state === null) this._over = true;
    else this.push(null);
  },

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
    if (this._over) return;
    this.removeAllListeners('data');
    this.resume();
  },
});

module.exports = IncomingMessage;
