/** The fields of HTTP messages: checks, and how repeated ones join. */
const { codes } = require('errors');

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const BAD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

const checked = new Map(); // names that were seen to be tokens

function validateHeaderName(name, label) {
  if (checked.has(name)) return;
  if (typeof name !== 'string' || !TOKEN.test(name)) throw new codes.ERR_INVALID_HTTP_TOKEN(label || 'Header name', name);
  if (checked.size < 1000) checked.set(name, name.toLowerCase());
}

const lower = (name) => checked.get(name) ?? name.toLowerCase();

const values = new Set(); // short ones that were seen to be good

function validateHeaderValue(name, value) {
  if (typeof value === 'number' || values.has(value)) return;
  if (value === undefined) throw new codes.ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  if (typeof value === 'string' && value.length <= 64 && values.size < 1000 && !BAD_VALUE.test(value)) {
    values.add(value);
    return;
  }
  if (BAD_VALUE.test(value)) throw new codes.ERR_INVALID_CHAR('header content', name);
}

/** Fields of which only the first counts. */
const SINGLE = new Set(['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host', 'if-modified-since',
  'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent']);

/** Puts one field into the object that scripts see. */
function addHeader(headers, name, value, joinDuplicates) {
  const key = lower(name);
  const before = Object.hasOwn(headers, key) ? headers[key] : undefined;
  if (key === 'set-cookie') {
    if (before === undefined) headers[key] = [value];
    else before.push(value);
  } else if (before === undefined) {
    headers[key] = value;
  } else if (joinDuplicates || !SINGLE.has(key)) {
    headers[key] = `${before}${key === 'cookie' ? '; ' : ', '}${value}`;
  }
}

module.exports = { validateHeaderName, validateHeaderValue, addHeader, lower, isToken: (text) => TOKEN.test(text) };
