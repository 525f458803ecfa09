/** http.ServerResponse. */
const OutgoingMessage = require('http_outgoing');
const { STATUS_CODES } = require('http_tables');
const { codes } = require('errors');
const { validateHeaderName, validateHeaderValue } = require('http_headers');
const { entriesOf } = require('http_head');

const BAD_REASON = /[^\t\x20-\x7e\x80-\xff]/;

function ServerResponse(req, options) {
  OutgoingMessage.call(this, options);
  if (req.method === 'HEAD') this._hasBody = false;
  this.req = req;
  if (req.httpVersionMajor < 1 || req.httpVersionMinor < 1) {
    this.useChunkedEncodingByDefault = /(?:^|[\s,])chunked(?:$|[\s,])/i.test(req.headers.te);
    this.shouldKeepAlive = false;
  }
  if (options) {
    if (options.rejectNonStandardBodyWrites) this.rejectNonStandardBodyWrites = true;
    if (options.keepAliveTimeout) this._keepAliveTimeout = options.keepAliveTimeout;
  }
}
Object.setPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);
ServerResponse.prototype.statusCode = 200;
ServerResponse.prototype.statusMessage = undefined;
ServerResponse.prototype.sendDate = true;
ServerResponse.prototype._sent100 = false;
ServerResponse.prototype._expect_continue = false;

function onSocketClose() {
  if (this._httpMessage) {
    const res = this._httpMessage;
    res.destroyed = true;
    res._closed = true;
    res.emit('close');
  }
}

Object.assign(ServerResponse.prototype, {
  _finish() { if (this._events !== undefined) this.emit('prefinish'); },

  assignSocket(socket) {
    if (socket._httpMessage) throw new codes.ERR_HTTP_SOCKET_ASSIGNED();
    socket._httpMessage = this;
    if (!socket._httpCloseListener) {
      socket._httpCloseListener = true;
      socket.on('close', onSocketClose);
    }
    this.socket = socket;
    if (this._events !== undefined) this.emit('socket', socket);
    if (this.finished || this._output !== null || this._needDrain) this._flush();
  },

  detachSocket(socket) {
    socket._httpMessage = null;
    this.socket = null;
  },

  writeContinue(callback) {
    this._writeRaw('HTTP/1.1 100 Continue\r\n\r\n', 'latin1', callback);
    this._sent100 = true;
  },

  writeProcessing(callback) { this._writeRaw('HTTP/1.1 102 Processing\r\n\r\n', 'latin1', callback); },

  writeEarlyHints(hints, callback) {
    require('validators').validateObject(hints, 'hints');
    if (hints.link === null || hints.link === undefined || (Array.isArray(hints.link) && hints.link.length === 0)) return;
    let head = `HTTP/1.1 103 Early Hints\r\nLink: ${[].concat(hints.link).join(', ')}\r\n`;
    for (const key of Object.keys(hints)) {
      if (key === 'link') continue;
      validateHeaderName(key);
      validateHeaderValue(key, hints[key]);
      head += `${key}: ${hints[key]}\r\n`;
    }
    this._writeRaw(`${head}\r\n`, 'latin1', callback);
  },

  _implicitHeader() { this.writeHead(this.statusCode); },

  writeHead(givenStatus, reason, givenHeaders) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('write');
    const status = givenStatus | 0;
    if (status < 100 || status > 999) throw new codes.ERR_HTTP_INVALID_STATUS_CODE(givenStatus);
    let headers = givenHeaders;
    if (typeof reason === 'string') {
      this.statusMessage = reason;
      if (BAD_REASON.test(reason)) throw new codes.ERR_INVALID_CHAR('statusMessage');
    } else {
      if (!this.statusMessage) this.statusMessage = STATUS_CODES[status] || 'unknown';
      else if (BAD_REASON.test(this.statusMessage)) throw new codes.ERR_INVALID_CHAR('statusMessage');
      headers ??= reason;
    }
    this.statusCode = status;
    let own = false;
    if (this._fields) {
      if (Array.isArray(headers) && headers.length % 2 !== 0 && !Array.isArray(headers[0])) throw new codes.ERR_INVALID_ARG_VALUE('headers', headers);
      if (headers) {
        const list = entriesOf(headers);
        if (Array.isArray(headers)) for (const [name] of list) this.removeHeader(name);
        for (const [name, value] of list) {
          if (!name) continue;
          if (Array.isArray(headers)) this.appendHeader(name, value);
          else this.setHeader(name, value);
        }
      }
      headers = this._fields;
      own = true;
    } else if (Array.isArray(headers) && headers.length % 2 !== 0 && !Array.isArray(headers[0])) {
      throw new codes.ERR_INVALID_ARG_VALUE('headers', headers);
    }
    if (status === 204 || status === 304 || (status >= 100 && status <= 199)) {
      this._hasBody = false;
      this.chunkedEncoding = false;
      this._contentLength = null;
    }
    if (this._expect_continue && !this._sent100) this.shouldKeepAlive = false;
    this._storeHeader(`HTTP/1.1 ${status} ${this.statusMessage}\r\n`, headers, own);
    return this;
  },
});
ServerResponse.prototype.writeHeader = ServerResponse.prototype.writeHead;

module.exports = ServerResponse;
