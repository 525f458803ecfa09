/** write and end of OutgoingMessage. */
const { Buffer } = require('buffer');
const { codes } = require('errors');

const nop = () => {};

function fail(message, err, callback) {
  if (!message.destroyed) {
    process.nextTick(() => {
      callback(err);
      if (message.listenerCount('error') > 0 || err.code !== 'ERR_STREAM_DESTROYED') message.emit('error', err);
    });
  } else {
    process.nextTick(callback, err);
  }
}

/** Has what is written until the next tick go out at once. */
function gather(socket) {
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Writes a chunk; fromEnd: it is the last one. Returns whether there is room for more. */
function write(message, given, encoding, givenCallback, fromEnd) {
  const callback = typeof givenCallback === 'function' ? givenCallback : nop;
  let chunk = given;
  if (chunk === null) throw new codes.ERR_STREAM_NULL_VALUES();
  if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) throw new codes.ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
  let err;
  if (message.finished) err = new codes.ERR_STREAM_WRITE_AFTER_END();
  else if (message.destroyed) err = new codes.ERR_STREAM_DESTROYED('write');
  if (err) {
    fail(message, err, callback);
    return false;
  }
  const length = typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding || undefined) : chunk.byteLength;
  if (!message._header) {
    if (fromEnd) message._contentLength ??= length;
    message._implicitHeader();
  }
  if (!message._hasBody) {
    if (message.rejectNonStandardBodyWrites) throw new codes.ERR_HTTP_BODY_NOT_ALLOWED();
    process.nextTick(callback);
    return true;
  }
  if (message.strictContentLength && message._contentLength !== null && message._bytesWritten + length > message._contentLength) {
    throw new codes.ERR_HTTP_CONTENT_LENGTH_MISMATCH(message._bytesWritten + length, message._contentLength);
  }
  message._bytesWritten += length;
  if (!fromEnd && message.socket && message.socket.writableCorked === 0) gather(message.socket);
  if (!message.chunkedEncoding || length === 0) return message._send(chunk, encoding || 'utf8', givenCallback);
  const head = `${length.toString(16)}\r\n`;
  if (typeof chunk === 'string' && (!encoding || /^utf-?8$/i.test(encoding))) return message._send(`${head}${chunk}\r\n`, 'utf8', givenCallback);
  if (typeof chunk === 'string') chunk = Buffer.from(chunk, encoding);
  return message._send(Buffer.concat([Buffer.from(head), chunk, Buffer.from('\r\n')]), null, givenCallback);
}

/** The last write is out. */
function finish(message) {
  if (message._connection !== null) require('http_server').finished(message._connection, message);
  if (message._events !== undefined) message.emit('finish');
}

const ASCII = /^[\x00-\x7f]*$/;

/**
 * Sends a message that is one text in one write, if its socket is free for that: most answers are so. false: it is not,
 * and nothing has happened.
 */
function endAtOnce(message, chunk, encoding) {
  const { socket } = message;
  if (typeof chunk !== 'string' || message._headerSent || socket === null || socket._httpMessage !== message || message._output !== null || message.strictContentLength
    || message._corked > 0 || message.finished || message.destroyed || socket._writeAtOnce === undefined || message._trailer !== '') return false;
  if (encoding && encoding !== 'utf8' && encoding !== 'utf-8' && encoding !== 'latin1') return false;
  const ascii = ASCII.test(chunk);
  if (!ascii && encoding === 'latin1') return false;
  if (message._header === null) {
    message._contentLength ??= ascii ? chunk.length : Buffer.byteLength(chunk);
    message._implicitHeader();
    if (message._headerSent) return false;
  }
  const header = message._header;
  if (!message._hasBody || (!ascii && !ASCII.test(header))) return false;
  let text = header + chunk;
  if (message.chunkedEncoding) {
    const size = ascii ? chunk.length : Buffer.byteLength(chunk);
    text = size === 0 ? `${header}0\r\n\r\n` : `${header}${size.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`;
  }
  if (!socket._writeAtOnce(text, ascii ? 'latin1' : 'utf8', () => finish(message))) return false;
  message._headerSent = true;
  message._bytesWritten += text.length - header.length;
  message.finished = true;
  message._finish();
  return true;
}

function end(message, givenChunk, givenEncoding, givenCallback) {
  if (givenCallback === undefined && (givenEncoding === undefined || typeof givenEncoding === 'string') && endAtOnce(message, givenChunk, givenEncoding)) return message;
  let [chunk, encoding, callback] = [givenChunk, givenEncoding, givenCallback];
  if (typeof chunk === 'function') [chunk, encoding, callback] = [null, null, chunk];
  else if (typeof encoding === 'function') [encoding, callback] = [null, encoding];
  if (chunk !== null && chunk !== undefined && chunk !== false) {
    if (message.finished) {
      fail(message, new codes.ERR_STREAM_WRITE_AFTER_END(), typeof callback === 'function' ? callback : nop);
      return message;
    }
    if (message.socket) message.socket.cork();
    write(message, chunk, encoding, null, true);
  } else if (message.finished) {
    if (typeof callback === 'function') {
      if (message.writableFinished) process.nextTick(callback, new codes.ERR_STREAM_ALREADY_FINISHED('end'));
      else message.once('finish', callback);
    }
    return message;
  } else if (!message._header) {
    message._contentLength = 0;
    message._implicitHeader();
  }
  if (typeof callback === 'function') message.once('finish', callback);
  if (message.strictContentLength && message._hasBody && message._contentLength !== null && message._bytesWritten !== message._contentLength) {
    throw new codes.ERR_HTTP_CONTENT_LENGTH_MISMATCH(message._bytesWritten, message._contentLength);
  }
  const done = () => finish(message);
  if (message._hasBody && message.chunkedEncoding) message._send(`0\r\n${message._trailer}\r\n`, 'latin1', done);
  else if (!message._headerSent || message.writableLength > 0 || chunk) message._send('', 'latin1', done);
  else process.nextTick(done);
  if (message.socket) {
    message.socket._writableState.corked = 1;
    message.socket.uncork();
  }
  message._corked = 0;
  message.finished = true;
  if ((message._output === null || message._output.length === 0) && message.socket && message.socket._httpMessage === message) message._finish();
  return message;
}

module.exports = { write, end };
