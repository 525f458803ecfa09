/** What paths of both kinds share. isSeparator takes a UTF-16 unit. */
const { validateObject } = require('validators');

/**
 * Resolves "." and ".." and doubled separators; no separator at either end of the result.
 * @param {string} path
 * @param {boolean} above whether ".." may lead above the start
 * @param {string} separator
 * @param {function(number): boolean} isSeparator
 */
function normalizeParts(path, above, separator, isSeparator) {
  const parts = [];
  let start = 0;
  for (let i = 0; i <= path.length; i++) {
    if (i < path.length && !isSeparator(path.charCodeAt(i))) continue;
    const part = path.slice(start, i);
    start = i + 1;
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else if (above) parts.push('..');
  }
  return parts.join(separator);
}

/** Where the last name of path begins and ends; from is where the path may be looked at. */
function lastName(path, from, isSeparator) {
  let end = path.length;
  while (end > from && isSeparator(path.charCodeAt(end - 1))) end -= 1;
  let start = end;
  while (start > from && !isSeparator(path.charCodeAt(start - 1))) start -= 1;
  return [start, end];
}

function baseOf(path, suffix, from, isSeparator) {
  const [start, end] = lastName(path, from, isSeparator);
  const base = path.slice(start, end);
  if (suffix === undefined || suffix.length === 0 || suffix.length > path.length) return base;
  if (suffix === path) return '';
  if (start === end) return path.slice(from); // nothing but separators: with a suffix node leaves them
  return base.endsWith(suffix) && base !== suffix ? base.slice(0, -suffix.length) : base;
}

/** The extension of a name, from its last dot on; names that begin with their only dot have none. */
function extensionOfName(name) {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || name === '..' ? '' : name.slice(dot);
}

function extensionOf(path, from, isSeparator) {
  const [start, end] = lastName(path, from, isSeparator);
  return extensionOfName(path.slice(start, end));
}

/** Fills base, ext and name of parts; returns where the name begins, 0 if the path is but a name. */
function parseName(parts, path, from, low, isSeparator) {
  const [start, end] = lastName(path, from, isSeparator);
  if (start === end) return 0;
  parts.base = path.slice(start, end);
  parts.ext = extensionOfName(parts.base);
  parts.name = parts.ext === '' ? parts.base : parts.base.slice(0, -parts.ext.length);
  return start > low ? start : 0;
}

function formatParts(separator, parts) {
  validateObject(parts, 'pathObject');
  const dir = parts.dir || parts.root;
  const ext = parts.ext ? `${parts.ext[0] === '.' ? '' : '.'}${parts.ext}` : '';
  const base = parts.base || `${parts.name || ''}${ext}`;
  if (!dir) return base;
  return dir === parts.root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

module.exports = { normalizeParts, baseOf, extensionOf, parseName, formatParts };
