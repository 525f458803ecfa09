/** http.OutgoingMessage: what requests and responses have in common: fields, framing, the order of writes. */
const { Stream } = require('stream_legacy');
const { codes } = require('errors');
const { getDefaultHighWaterMark } = require('stream_state');

const kErrored = Symbol('errored');
const nop = () => {};

/** What is false, null or empty at first stands in the prototype: a message is made for every request. */
function OutgoingMessage(options) {
  if (options && options.highWaterMark) this._highWaterMark = options.highWaterMark;
}
Object.setPrototypeOf(OutgoingMessage.prototype, Stream.prototype);
Object.setPrototypeOf(OutgoingMessage, Stream);

Object.assign(OutgoingMessage.prototype, {
  outputSize: 0,
  writable: true,
  destroyed: false,
  _last: false,
  chunkedEncoding: false,
  shouldKeepAlive: true,
  maxRequestsOnConnectionReached: false,
  _defaultKeepAlive: true,
  useChunkedEncodingByDefault: true,
  sendDate: false,
  _removedConnection: false,
  _removedContLen: false,
  _removedTE: false,
  strictContentLength: false,
  _bytesWritten: 0,
  _contentLength: null,
  _hasBody: true,
  _trailer: '',
  _needDrain: false,
  finished: false,
  _headerSent: false,
  _closed: false,
  socket: null,
  _header: null,
  _fields: null, // by lower-case name: [name as given, value]
  _keepAliveTimeout: 0,
  _corked: 0,
  _output: null, // what waits for the socket: {data, encoding, callback}
  _connection: null, // of the server that the message answers for
  [kErrored]: undefined,
});
Object.defineProperties(OutgoingMessage.prototype, {
  outputData: { configurable: true, get() { return this._output ??= []; }, set(value) { this._output = value; } },
  _highWaterMark: {
    configurable: true,
    get: () => getDefaultHighWaterMark(),
    set(value) { Object.defineProperty(this, '_highWaterMark', { configurable: true, writable: true, value }); },
  },
});

const getters = {
  errored() { return this[kErrored]; },
  closed() { return this._closed; },
  writableFinished() {
    return this.finished && this.outputSize === 0 && (!this.socket || this.socket.writableLength === 0);
  },
  writableObjectMode() { return false; },
  writableLength() { return this.outputSize + (this.socket ? this.socket.writableLength : 0); },
  writableHighWaterMark() { return this.socket ? this.socket.writableHighWaterMark : this._highWaterMark; },
  writableCorked() { return this._corked; },
  writableEnded() { return this.finished; },
  writableNeedDrain() { return !this.destroyed && !this.finished && this._needDrain; },
  headersSent() { return Boolean(this._header); },
  _headers() { return this.getHeaders(); },
};
for (const name of Object.keys(getters)) Object.defineProperty(OutgoingMessage.prototype, name, { configurable: true, get: getters[name] });
Object.defineProperty(OutgoingMessage.prototype, 'connection', {
  configurable: true,
  get() { return this.socket; },
  set(value) { this.socket = value; },
});
OutgoingMessage.prototype[require('events').captureRejectionSymbol] = function rejected(err) { this.destroy(err); };

Object.assign(OutgoingMessage.prototype, {
  setTimeout(milliseconds, callback) {
    if (callback) this.on('timeout', callback);
    if (!this.socket) this.once('socket', (socket) => socket.setTimeout(milliseconds));
    else this.socket.setTimeout(milliseconds);
    return this;
  },

  cork() {
    this._corked += 1;
    if (this.socket) this.socket.cork();
  },

  uncork() {
    if (this._corked > 0) this._corked -= 1;
    if (this.socket) this.socket.uncork();
  },

  destroy(err) {
    if (this.destroyed) return this;
    this.destroyed = true;
    this[kErrored] = err;
    if (this.socket) this.socket.destroy(err);
    else this.once('socket', (socket) => socket.destroy(err));
    return this;
  },

  /** Sends data behind the head, which goes out first. */
  _send(data, encoding, callback) {
    if (!this._headerSent) {
      const header = this._header;
      this._headerSent = true;
      if (typeof data === 'string' && (encoding === 'utf8' || encoding === 'latin1' || !encoding) && isAscii(header)) {
        return this._writeRaw(header + data, encoding === 'latin1' ? 'latin1' : 'utf8', callback);
      }
      this._writeRaw(header, 'latin1', nop);
    }
    if (data === '' && !callback) return true;
    return this._writeRaw(data, encoding, callback);
  },

  _writeRaw(data, encoding, callback) {
    const { socket } = this;
    if (socket && socket.destroyed) return false;
    if (socket && socket._httpMessage === this && socket.writable) {
      if (this._output !== null && this._output.length > 0) this._flushOutput(socket);
      return socket.write(data, encoding, callback);
    }
    this.outputData.push({ data, encoding, callback });
    this.outputSize += data.length;
    return this.outputSize < this._highWaterMark;
  },

  /** Gives a socket what waited for it. */
  _flushOutput(socket) {
    const waiting = this.outputData;
    this.outputData = [];
    this.outputSize = 0;
    let room = true;
    if (waiting.length > 1) socket.cork();
    for (const { data, encoding, callback } of waiting) room = socket.write(data, encoding, callback);
    if (waiting.length > 1) socket.uncork();
    return room;
  },

  _flush() {
    const { socket } = this;
    if (!socket || !socket.writable) return;
    const room = this._flushOutput(socket);
    if (this.finished) this._finish();
    else if (room && this._needDrain) {
      this._needDrain = false;
      this.emit('drain');
    }
  },

  _finish() { this.emit('prefinish'); },

  _implicitHeader() { throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_implicitHeader()'); },

  write(chunk, encoding, callback) {
    const done = typeof encoding === 'function' ? encoding : callback;
    const given = typeof encoding === 'function' ? null : encoding;
    const result = require('http_write').write(this, chunk, given, done, false);
    if (!result) this._needDrain = true;
    return result;
  },

  end(chunk, encoding, callback) { return require('http_write').end(this, chunk, encoding, callback); },

  flushHeaders() {
    if (!this._header) this._implicitHeader();
    this._send('');
  },

  addTrailers(headers) {
    const { validateHeaderName, validateHeaderValue } = require('http_headers');
    this._trailer = '';
    const list = Array.isArray(headers) ? headers : Object.entries(headers);
    for (const [name, value] of list) {
      validateHeaderName(name, 'Trailer name');
      for (const one of Array.isArray(value) ? value : [value]) {
        if (require('http_fields').isBad(one)) throw new codes.ERR_INVALID_CHAR('trailer content', name);
        validateHeaderValue(name, one);
        this._trailer += `${name}: ${one}\r\n`;
      }
    }
  },

  pipe() { this.emit('error', new codes.ERR_STREAM_CANNOT_PIPE()); },
});

const isAscii = (text) => !/[^\x00-\x7f]/.test(text);

module.exports = OutgoingMessage;
Object.assign(OutgoingMessage.prototype, require('http_fields').methods);
OutgoingMessage.prototype._storeHeader = require('http_head').storeHeader;
Object.defineProperty(OutgoingMessage, 'kErrored', { value: kErrored });
