/** A request on its socket: what comes back, and what goes wrong. */
const { Parser } = require('http_parser');
const { codes } = require('errors');
const IncomingMessage = require('http_incoming');
const OutgoingMessage = require('http_outgoing');

const hangUp = (message = 'socket hang up') => Object.assign(new Error(message), { code: 'ECONNRESET' });

const { kErrored } = OutgoingMessage;

function emitErrorOnce(req, err) {
  if (req._errorEmitted || !err) return;
  req._errorEmitted = true;
  req.emit('error', err);
}

function emitClose(req) {
  if (req._closed) return;
  req._closed = true;
  req.destroyed = true;
  req.emit('close');
}

/** Listens to the socket of one request; stop takes it all back. */
function attach(req, socket) {
  const parser = new Parser(true, exchange(req, socket), req.maxHeaderSize, req.method === 'HEAD');
  req.parser = parser;
  req.socket = socket;
  socket.parser = parser;
  socket._httpMessage = req;
  socket._resumeParsing = () => socket.resume();
  const listeners = {
    data: (chunk) => parser.execute(chunk),
    end() {
      // What an end too early means is told when the connection closes.
      parser.owner.onError = () => {};
      parser.finish();
      if (!req.res && !req._errorEmitted) {
        emitErrorOnce(req, hangUp());
        parser.close();
      }
      if (!req.upgradeOrConnect) socket.end();
    },
    error(err) {
      if (!req.res || !req.res.complete) emitErrorOnce(req, err);
      parser.close();
      socket.destroy();
    },
    close() {
      const { res } = req;
      req.destroyed = true;
      if (res) {
        if (!res.complete) {
          res._abortedBy = hangUp('aborted');
          res.destroy(res._abortedBy);
        }
        if (res.readable) {
          res.on('end', () => emitClose(req));
          res.push(null);
        } else {
          emitClose(req);
        }
      } else {
        if (!req._errorEmitted) emitErrorOnce(req, req[kErrored] || hangUp());
        emitClose(req);
      }
      parser.close();
      stop();
    },
    drain() {
      if (!req.finished && req._needDrain) {
        req._needDrain = false;
        req.emit('drain');
      }
    },
  };
  for (const type of Object.keys(listeners)) socket.on(type, listeners[type]);
  const stop = () => {
    for (const type of Object.keys(listeners)) socket.removeListener(type, listeners[type]);
    socket._resumeParsing = undefined;
    socket.parser = null;
  };
  req._release = stop;
  if (req.timeout !== undefined) hearTimeout(req);
  if (req.timeout !== undefined && req.timeout > 0 && socket.timeout !== req.timeout) socket.setTimeout(req.timeout);
  req.emit('socket', socket);
  req._flush();
}

/** A socket's timeout is one of the request that it is used for. */
function onTimeout() { if (this._httpMessage) this._httpMessage.emit('timeout'); }

/** Has the request told of its socket's first timeout. */
function hearTimeout(req) {
  if (req.timeoutCb) return;
  req.timeoutCb = onTimeout;
  if (req.socket) req.socket.once('timeout', onTimeout);
  else req.once('socket', (socket) => socket.once('timeout', onTimeout));
}

/** What the parser finds. */
function exchange(req, socket) {
  let res;
  return {
    onHead(status, message, unused, minor, rawHeaders, keepAlive, upgrade) {
      const max = req.maxHeadersCount > 0 ? req.maxHeadersCount * 2 : rawHeaders.length;
      res = new IncomingMessage(socket);
      res.httpVersionMajor = 1;
      res.httpVersionMinor = minor;
      res.httpVersion = minor === 1 ? '1.1' : '1.0';
      res.joinDuplicateHeaders = Boolean(req.joinDuplicateHeaders);
      res.statusCode = status;
      res.statusMessage = message;
      res.rawHeaders = rawHeaders.slice(0, max);
      res.upgrade = upgrade;
      if (status >= 100 && status < 200 && !upgrade) {
        res.information = true;
        if (status === 100) req.emit('continue');
        const { statusCode, statusMessage, httpVersion, httpVersionMajor, httpVersionMinor, headers } = res;
        req.emit('information', { statusCode, statusMessage, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders: res.rawHeaders });
        return;
      }
      if (req.method === 'CONNECT' && status >= 200 && status < 300) return;
      if (!keepAlive) req.shouldKeepAlive = false;
      req.res = res;
      res.req = req;
      if (upgrade) return;
      if (req.aborted || !req.emit('response', res)) res._dump();
      if (req.method === 'HEAD') res._ignoreBody = true;
    },
    onBody(chunk) {
      if (res && !res._dumped && !res.push(chunk)) {
        res._paused = true;
        socket.pause();
      }
    },
    onComplete(trailers) {
      if (!res || res.information) return;
      if (req.method === 'CONNECT' && !req.res) {
        this.onUpgrade(require('buffer').Buffer.alloc(0));
        return;
      }
      res.complete = true;
      res.rawTrailers = trailers;
      res.push(null);
      finish(req, res, socket);
    },
    onUpgrade(head) {
      const event = req.method === 'CONNECT' ? 'connect' : 'upgrade';
      req.upgradeOrConnect = true;
      req.res = res;
      req._release();
      req.parser.close();
      socket.setTimeout(0);
      socket.emit('agentRemove');
      socket._httpMessage = null;
      if (req.listenerCount(event) > 0) {
        res.complete = true;
        res.push(null);
        socket._readableState.flowing = null;
        req.emit(event, res, socket, head);
        req.destroyed = true;
        emitClose(req);
      } else {
        socket.destroy();
      }
    },
    onError(err) {
      req.parser.close();
      emitErrorOnce(req, err);
      socket.destroy();
    },
  };
}

/** Response and request are complete: the socket is free, or ended. */
function finish(req, res, socket) {
  const done = () => {
    if (req._exchanged || !req.writableFinished) return;
    req._exchanged = true;
    if (!req.shouldKeepAlive) {
      if (socket.writable) {
        if (typeof socket.destroySoon === 'function') socket.destroySoon();
        else socket.end();
      }
      return;
    }
    req._release();
    req.parser.close();
    if (req.timeout) socket.setTimeout(0);
    if (req.timeoutCb) {
      socket.removeListener('timeout', onTimeout);
      req.timeoutCb = null;
    }
    process.nextTick(() => {
      req.destroyed = true;
      if (req.res) {
        req.res.destroyed = true;
      }
      socket.emit('free');
      if (socket._httpMessage === req) socket._httpMessage = null;
      emitClose(req);
    });
  };
  const after = () => {
    if (req.writableFinished) done();
    else req.once('finish', done);
  };
  if (res.readableEnded) after();
  else res.once('end', after);
}

const methods = {
  onSocket(socket, err) {
    process.nextTick(() => {
      if (this.destroyed || err) {
        emitErrorOnce(this, err || this[kErrored] || (this.aborted ? undefined : hangUp()));
        emitClose(this);
        if (socket && this.agent && !err && socket.writable && !socket.destroyed) socket.emit('free');
        else if (socket) socket.destroy();
        return;
      }
      attach(this, socket);
    });
  },

  _implicitHeader() {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('render');
    this._storeHeader(`${this.method} ${this.path} HTTP/1.1\r\n`, this._fields || {}, true);
  },

  abort() {
    if (this.aborted) return;
    this.aborted = true;
    process.nextTick(() => this.emit('abort'));
    this.destroy();
  },

  destroy(err) {
    if (this.destroyed) return this;
    this.destroyed = true;
    if (this.res) this.res._dump();
    this[kErrored] = err;
    if (this.socket) {
      if (err) emitSoon(this, err);
      this.socket.destroy(err && !this.res ? err : undefined);
    } else if (this.agent && this._agentOptions) {
      // It still waits for a connection, and shall have none.
      const list = this.agent.requests[this.agent.getName(this._agentOptions)];
      const index = list ? list.indexOf(this) : -1;
      if (index >= 0) {
        list.splice(index, 1);
        process.nextTick(() => { emitErrorOnce(this, err || (this.aborted ? undefined : hangUp())); emitClose(this); });
      }
    }
    return this;
  },

  setTimeout(milliseconds, callback) {
    if (this._ended) return this;
    require('validators').validateNumber(milliseconds, 'msecs');
    this.timeout = milliseconds;
    if (callback) this.once('timeout', callback);
    hearTimeout(this);
    const start = (socket) => {
      if (socket.connecting) socket.once('connect', () => socket.setTimeout(milliseconds));
      else socket.setTimeout(milliseconds);
    };
    if (this.socket) start(this.socket);
    else this.once('socket', start);
    return this;
  },

  setNoDelay(on) { this._onceSocket((socket) => socket.setNoDelay(on)); },

  setSocketKeepAlive(on, delay) { this._onceSocket((socket) => socket.setKeepAlive(on, delay)); },

  _onceSocket(fn) {
    if (this.socket) fn(this.socket);
    else this.once('socket', fn);
  },

  clearTimeout(callback) { this.setTimeout(0, callback); },
};

function emitSoon(req, err) { process.nextTick(() => { if (req.listenerCount('error') > 0 || !req.res) emitErrorOnce(req, err); }); }

module.exports = { methods };
