/** What readable and writable halves have in common: the high water mark. */
const { codes } = require('errors');
const { validateInteger } = require('validators');

let bytes = 64 * 1024;
let objects = 16;

const getDefaultHighWaterMark = (objectMode) => (objectMode ? objects : bytes);

function setDefaultHighWaterMark(objectMode, value) {
  validateInteger(value, 'value', 0);
  if (objectMode) objects = value;
  else bytes = value;
}

/** The mark from options; in a duplex one half may have its own under key. */
function highWaterMarkOf(options, key, duplex, objectMode) {
  let mark;
  if (options) {
    mark = options.highWaterMark;
    if (mark === undefined || mark === null) mark = duplex ? options[key] : null;
  }
  if (mark === undefined || mark === null) return getDefaultHighWaterMark(objectMode);
  if (!Number.isInteger(mark) || mark < 0) {
    const name = duplex && (options.highWaterMark === undefined || options.highWaterMark === null) ? `options.${key}` : 'options.highWaterMark';
    throw new codes.ERR_INVALID_ARG_VALUE(name, mark);
  }
  return Math.floor(mark);
}

/** The encoding of texts that come without one. */
function encodingOf(options) {
  const encoding = options && options.defaultEncoding;
  if (encoding === undefined || encoding === null || encoding === false || encoding === 'utf8' || encoding === 'utf-8') return 'utf8';
  if (!require('buffer').Buffer.isEncoding(encoding)) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
  return encoding;
}

module.exports = { encodingOf, getDefaultHighWaterMark, setDefaultHighWaterMark, highWaterMarkOf };
