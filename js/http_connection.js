/** One connection of an HTTP server: requests in, responses out in the same order. */
const { Parser } = require('http_parser');
const { STATUS_CODES } = require('http_tables');

let respond = (...args) => {
  ({ respond } = require('http_server'));
  return respond(...args);
};
const NONE = [];

/** What a client that sent nonsense is told. */
const ANSWERS = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

class Connection {
  constructor(server, socket) {
    this.server = server;
    this.socket = socket;
    this.incoming = [];
    this.waiting = []; // responses to requests behind the one that is being answered
    this.current = null; // the request whose body is being read
    this.requests = 0;
    this.idleSince = Date.now();
    this.startedAt = this.idleSince; // of the request that is being received; 0: none
    this.headed = false;
    this.parser = new Parser(false, this, server.maxHeaderSize);
    socket.parser = this.parser;
    socket._connection = this;
    server._http.add(this);
    this.parser.incoming = null;
    if (socket instanceof require('net_socket')) {
      socket._onchunk = (chunk) => this.parser.execute(chunk);
      if (socket._handle && typeof socket._handle.id === 'number') this.parser.attach(socket);
      socket._resumeParsing = () => socket._read();
    } else {
      this.stream = (chunk) => this.parser.execute(chunk);
      socket.on('data', this.stream);
      socket._stopReading = () => socket.pause();
      socket._resumeParsing = () => socket.resume();
    }
    this.options = { highWaterMark: socket.writableHighWaterMark, rejectNonStandardBodyWrites: server.rejectNonStandardBodyWrites };
    for (const type of Object.keys(LISTENERS)) socket.on(type, LISTENERS[type]);
    if (server.timeout && typeof socket.setTimeout === 'function') socket.setTimeout(server.timeout);
    if (!this.stream) socket.on('newListener', onNewListener);
  }

  get idle() { return this.incoming.length === 0 && this.waiting.length === 0 && this.current === null && !this.socket._httpMessage; }

  /** Bytes have come, and are parsed. */
  onBytes(count) {
    const { socket } = this;
    if (socket._timer) socket._timer.refresh();
    socket.bytesRead += count;
  }

  /** A request that has no body, with its fields as one text. */
  onRequest(method, url, flags, fields) {
    const { server, socket } = this;
    const req = new server._Incoming(socket);
    if (flags & 2) req.httpVersionMinor = 1;
    else [req.httpVersionMinor, req.httpVersion] = [0, '1.0'];
    req.method = method;
    req.url = url;
    req._fields = fields;
    if (server.joinDuplicateHeaders) req.joinDuplicateHeaders = true;
    if (server.maxHeadersCount > 0) req.rawHeaders = req.rawHeaders.slice(0, server.maxHeadersCount * 2);
    this.headed = true;
    this.keepAlive = (flags & 1) !== 0;
    this.current = req;
    this.parser.incoming = req;
    if (socket.timeout && !server.timeout) socket.setTimeout(0);
    respond(this, req, (flags & 4) !== 0, (flags & 8) !== 0);
    this.onComplete(NONE);
  }

  onHead(method, url, unused, minor, rawHeaders, keepAlive, upgrade) {
    const { server, socket } = this;
    const req = new server._Incoming(socket);
    req.httpVersionMajor = 1;
    req.httpVersionMinor = minor;
    req.httpVersion = minor === 1 ? '1.1' : '1.0';
    req.joinDuplicateHeaders = server.joinDuplicateHeaders;
    req.method = method;
    req.url = url;
    req.rawHeaders = server.maxHeadersCount > 0 ? rawHeaders.slice(0, server.maxHeadersCount * 2) : rawHeaders;
    req.upgrade = upgrade;
    this.headed = true;
    this.keepAlive = keepAlive;
    this.current = req;
    this.parser.incoming = req;
    if (socket.timeout && !server.timeout) socket.setTimeout(0);
    if (upgrade) {
      const event = method === 'CONNECT' ? 'connect' : 'upgrade';
      if (server.listenerCount(event) > 0) return;
      if (method === 'CONNECT') {
        socket.destroy();
        return;
      }
    }
    respond(this, req, req.headers.host !== undefined, req.headers.expect !== undefined);
  }

  onBody(chunk) {
    const req = this.current;
    if (req && !req._dumped && !req.push(chunk)) {
      req._paused = true;
      this.socket._stopReading();
    }
  }

  onComplete(trailers) {
    const req = this.current;
    this.current = null;
    this.startedAt = 0;
    this.headed = false;
    if (!req) return;
    req.complete = true;
    if (trailers.length > 0) req.rawTrailers = trailers;
    req._ended();
  }

  /** What follows is not HTTP: the script gets the socket. */
  onUpgrade(head) {
    const { server, socket } = this;
    const req = this.current;
    this.current = null;
    if (!req) return;
    const event = req.method === 'CONNECT' ? 'connect' : 'upgrade';
    if (server.listenerCount(event) === 0) {
      req.complete = true;
      req.push(null);
      return;
    }
    this.release();
    req.complete = true;
    req.push(null);
    socket._readableState.flowing = null;
    server.emit(event, req, socket, head);
  }

  /** Gives the socket back to whoever wants it. */
  release() {
    const { socket } = this;
    this.server._http.delete(this);
    this.parser.close();
    socket._onchunk = undefined;
    socket._resumeParsing = undefined;
    socket.parser = null;
    for (const type of Object.keys(LISTENERS)) socket.removeListener(type, LISTENERS[type]);
    socket.removeListener('newListener', onNewListener);
    socket._connection = null;
    if (this.stream) socket.removeListener('data', this.stream);
    if (typeof socket.setTimeout === 'function') socket.setTimeout(0);
  }

  onError(err) { this.failed(err); }

  /** Tells the server of a client's error; if nobody listens, the client gets an answer. */
  failed(err) {
    const { server, socket } = this;
    if (this.failure) return;
    this.failure = true;
    this.parser.close();
    if (server.emit('clientError', err, socket)) return;
    const lost = err.code === 'ECONNRESET' || err.code === 'EPIPE';
    if (!lost && socket.writable && (!socket._httpMessage || !socket._httpMessage._headerSent)) {
      const status = ANSWERS[err.code] || 400;
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`, 'latin1');
    }
    socket.destroy(err);
  }

  ended() {
    const { server, socket } = this;
    this.parser.finish();
    if (this.failure) return;
    if (!server.httpAllowHalfOpen) {
      this.abortIncoming();
      socket.end();
    } else if (this.waiting.length > 0) {
      this.waiting[this.waiting.length - 1]._last = true;
    } else if (socket._httpMessage) {
      socket._httpMessage._last = true;
    } else {
      socket.end();
    }
  }

  abortIncoming() {
    for (const req of this.incoming.splice(0)) {
      if (!req.complete || !req.readableEnded) {
        const err = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
        req.destroy(req.complete ? undefined : err);
      }
    }
  }

  closed() {
    this.server._http.delete(this);
    this.parser.close();
    this.abortIncoming();
  }

  drained() {
    const res = this.socket._httpMessage;
    if (res && !res.finished && res._needDrain) {
      res._needDrain = false;
      res.emit('drain');
    }
  }

  timedOut() {
    const { server, socket } = this;
    const req = this.incoming[0];
    const res = socket._httpMessage;
    const reqTimeout = req && !req.complete && req.emit('timeout', socket);
    const resTimeout = res && res.emit('timeout', socket);
    const serverTimeout = server.emit('timeout', socket);
    if (!reqTimeout && !resTimeout && !serverTimeout) socket.destroy();
  }
}

/** A script that reads the socket itself gets the bytes as well. */
function onNewListener(type) {
  if (type !== 'data' && type !== 'readable') return;
  const connection = this._connection;
  if (!connection || !this._onchunk) return;
  this._onchunk = undefined;
  connection.parser.detach();
  this.removeListener('newListener', onNewListener);
  process.nextTick(() => this.prependListener('data', (chunk) => connection.parser.execute(chunk)));
}

/** What a connection listens to; the same functions for all, so that they can be taken off again. */
const LISTENERS = {
  end() { this._connection?.ended(); },
  close() { this._connection?.closed(); },
  error(err) { this._connection?.failed(err); },
  drain() { this._connection?.drained(); },
  timeout() { this._connection?.timedOut(); },
};

module.exports = { Connection };
