/** The methods of OutgoingMessage for its fields. */
const { codes } = require('errors');
const { validateString } = require('validators');
const { validateHeaderName, validateHeaderValue, lower } = require('http_headers');

const BAD = /[^\t\x20-\x7e\x80-\xff]/;

function check(name, value) {
  validateHeaderName(name);
  if (Array.isArray(value)) for (const one of value) validateHeaderValue(name, one);
  else validateHeaderValue(name, value);
}

const methods = {
  setHeader(name, value) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('set');
    check(name, value);
    this._fields ??= Object.create(null);
    this._fields[lower(name)] = [name, value];
    return this;
  },

  setHeaders(headers) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('set');
    if (!headers || Array.isArray(headers) || typeof headers.keys !== 'function' || typeof headers.get !== 'function') {
      throw new codes.ERR_INVALID_ARG_TYPE('headers', ['Headers', 'Map'], headers);
    }
    const cookies = [];
    for (const [name, value] of headers) {
      if (name === 'set-cookie') cookies.push(...(Array.isArray(value) ? value : [value]));
      else this.setHeader(name, value);
    }
    if (cookies.length > 0) this.setHeader('set-cookie', cookies);
    return this;
  },

  appendHeader(name, value) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('append');
    check(name, value);
    const before = this.getHeader(name);
    if (before === undefined) return this.setHeader(name, value);
    const [first] = this._fields[lower(name)];
    this._fields[lower(name)] = [first, [].concat(before, value)];
    return this;
  },

  getHeader(name) {
    validateString(name, 'name');
    return this._fields?.[lower(name)]?.[1];
  },

  getHeaderNames() { return this._fields ? Object.keys(this._fields) : []; },

  getRawHeaderNames() { return this._fields ? Object.values(this._fields).map(([name]) => name) : []; },

  getHeaders() {
    const headers = Object.create(null);
    for (const key of this.getHeaderNames()) [, headers[key]] = this._fields[key];
    return headers;
  },

  hasHeader(name) {
    validateString(name, 'name');
    return Boolean(this._fields && this._fields[lower(name)]);
  },

  removeHeader(name) {
    validateString(name, 'name');
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('remove');
    const key = lower(name);
    if (key === 'connection') this._removedConnection = true;
    else if (key === 'content-length') this._removedContLen = true;
    else if (key === 'transfer-encoding') this._removedTE = true;
    else if (key === 'date') this.sendDate = false;
    if (this._fields) delete this._fields[key];
  },

  _renderHeaders() {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('render');
    const headers = {};
    for (const [name, value] of Object.values(this._fields || {})) headers[name] = value;
    return headers;
  },
};

module.exports = { methods, isBad: (value) => BAD.test(value) };
