/** The head of a message as text: its fields, and those that framing and connection need. */
const { codes } = require('errors');
const { validateHeaderName, validateHeaderValue, lower } = require('http_headers');

let date;

/** The time as HTTP writes it, made anew each second. */
function utcDate() {
  if (date === undefined) {
    date = new Date().toUTCString();
    const timer = setTimeout(() => { date = undefined; }, 1000 - (Date.now() % 1000));
    timer.unref();
  }
  return date;
}

function note(message, seen, key, value) {
  switch (key) {
    case 'connection':
      seen.connection = true;
      message._removedConnection = false;
      if (/(?:^|[\s,])close(?:$|[\s,])/i.test(value)) message._last = true;
      else message.shouldKeepAlive = true;
      break;
    case 'transfer-encoding':
      seen.te = true;
      message._removedTE = false;
      if (/(?:^|[\s,])chunked(?:$|[\s,])/i.test(value)) message.chunkedEncoding = true;
      break;
    case 'content-length':
      seen.length = true;
      message._contentLength = +value;
      message._removedContLen = false;
      break;
    case 'date': case 'expect': case 'trailer': case 'upgrade':
      seen[key] = true;
      break;
    case 'keep-alive':
      message._defaultKeepAlive = false;
      break;
    default:
  }
}

/** Entries of headers given as an object, a flat array, pairs, or the message's own. */
function entriesOf(headers) {
  if (!headers) return [];
  if (!Array.isArray(headers)) return Object.keys(headers).map((key) => [key, headers[key]]);
  if (headers.length > 0 && Array.isArray(headers[0])) return headers;
  const list = [];
  for (let i = 0; i < headers.length; i += 2) list.push([headers[i], headers[i + 1]]);
  return list;
}

/** One field, or several of one name, as lines. */
function lines(message, seen, name, value, own) {
  if (!own) validateHeaderName(name);
  const key = lower(String(name));
  let text = value;
  if (Array.isArray(value)) {
    if ((value.length < 2 || key !== 'cookie') && !(message.uniqueHeaders && message.uniqueHeaders.has(key))) {
      let all = '';
      for (let i = 0; i < value.length; i += 1) all += lines(message, seen, name, value[i], own);
      return all;
    }
    text = value.join('; ');
  }
  if (!own) validateHeaderValue(name, text);
  if (NOTED.has(key)) note(message, seen, key, value);
  return `${name}: ${text}\r\n`;
}

const NOTED = new Set(['connection', 'transfer-encoding', 'content-length', 'date', 'expect', 'trailer', 'upgrade', 'keep-alive']);

/** Makes the head of firstLine and headers; own: they have been checked when they were set. */
function storeHeader(firstLine, headers, own) {
  const seen = {};
  let text = firstLine;
  if (own) {
    for (const key of Object.keys(headers)) text += lines(this, seen, headers[key][0], headers[key][1], true);
  } else if (headers && !Array.isArray(headers)) {
    for (const name of Object.keys(headers)) text += lines(this, seen, name, headers[name], false);
  } else if (headers) {
    for (const [name, value] of entriesOf(headers)) text += lines(this, seen, name, value, false);
  }
  if (this.sendDate && !seen.date) text += `Date: ${utcDate()}\r\n`;
  if (this.chunkedEncoding && (this.statusCode === 204 || this.statusCode === 304)) {
    this.chunkedEncoding = false;
    this.shouldKeepAlive = false;
  }
  text += connection(this, seen);
  text += framing(this, seen);
  if (seen.trailer && !this.chunkedEncoding) throw new codes.ERR_HTTP_TRAILER_INVALID();
  this._header = `${text}\r\n`;
  this._headerSent = false;
  if (seen.expect) this._send('');
}

function connection(message, seen) {
  if (message._removedConnection) {
    message._last = !message.shouldKeepAlive;
    return '';
  }
  if (seen.connection) return '';
  const keep = message.shouldKeepAlive && (seen.length || message.useChunkedEncodingByDefault || message.agent);
  if (keep && message.maxRequestsOnConnectionReached) return 'Connection: close\r\n';
  if (!keep) {
    message._last = true;
    return 'Connection: close\r\n';
  }
  let text = 'Connection: keep-alive\r\n';
  if (message._keepAliveTimeout && message._defaultKeepAlive) {
    text += `Keep-Alive: timeout=${Math.floor(message._keepAliveTimeout / 1000)}`;
    if (message._maxRequestsPerSocket > 0) text += `, max=${message._maxRequestsPerSocket}`;
    text += '\r\n';
  }
  return text;
}

function framing(message, seen) {
  if (seen.length || seen.te) return '';
  if (!message._hasBody) {
    message.chunkedEncoding = false;
  } else if (!message.useChunkedEncodingByDefault) {
    message._last = true;
  } else if (!seen.trailer && !message._removedContLen && typeof message._contentLength === 'number') {
    return `Content-Length: ${message._contentLength}\r\n`;
  } else if (!message._removedTE) {
    message.chunkedEncoding = true;
    return 'Transfer-Encoding: chunked\r\n';
  }
  return '';
}

module.exports = { storeHeader, utcDate, entriesOf };
