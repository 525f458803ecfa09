/** Paths with slashes. */
const { validateString } = require('validators');
const { normalizeParts, formatParts, baseOf, extensionOf, parseName } = require('path_parts');

const SLASH = 47;
const isSeparator = (code) => code === SLASH;
const cwd = () => (typeof process === 'object' && process.cwd ? process.cwd() : '/');

function resolve(...paths) {
  let result = '';
  let absolute = false;
  for (let i = paths.length - 1; i >= -1 && !absolute; i--) {
    const path = i >= 0 ? paths[i] : cwd();
    validateString(path, `paths[${i}]`);
    if (path.length === 0) continue;
    result = `${path}/${result}`;
    absolute = path.charCodeAt(0) === SLASH;
  }
  result = normalizeParts(result, !absolute, '/', isSeparator);
  if (absolute) return `/${result}`;
  return result.length > 0 ? result : '.';
}

function normalize(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  const absolute = path.charCodeAt(0) === SLASH;
  const trailing = path.charCodeAt(path.length - 1) === SLASH;
  let result = normalizeParts(path, !absolute, '/', isSeparator);
  if (result.length === 0) {
    if (absolute) return '/';
    return trailing ? './' : '.';
  }
  if (trailing) result += '/';
  return absolute ? `/${result}` : result;
}

function isAbsolute(path) {
  validateString(path, 'path');
  return path.length > 0 && path.charCodeAt(0) === SLASH;
}

function join(...paths) {
  for (const path of paths) validateString(path, 'path');
  const joined = paths.filter((path) => path.length > 0).join('/');
  return joined.length === 0 ? '.' : normalize(joined);
}

function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  const a = resolve(from).split('/').filter(Boolean);
  const b = resolve(to).split('/').filter(Boolean);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  return [...Array(a.length - same).fill('..'), ...b.slice(same)].join('/');
}

function dirname(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  const absolute = path.charCodeAt(0) === SLASH;
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === SLASH) end -= 1;
  const at = path.lastIndexOf('/', end - 1);
  if (at === -1) return absolute ? '/' : '.';
  if (absolute && at === 0) return '/';
  // Two slashes at the start are a root of their own in POSIX.
  if (absolute && at === 1 && path.charCodeAt(0) === SLASH) return '//';
  return path.slice(0, at);
}

function basename(path, suffix) {
  if (suffix !== undefined) validateString(suffix, 'suffix');
  validateString(path, 'path');
  return baseOf(path, suffix, 0, isSeparator);
}

function extname(path) {
  validateString(path, 'path');
  return extensionOf(path, 0, isSeparator);
}

function parse(path) {
  validateString(path, 'path');
  const parts = { root: '', dir: '', base: '', ext: '', name: '' };
  if (path.length === 0) return parts;
  const absolute = path.charCodeAt(0) === SLASH;
  if (absolute) parts.root = '/';
  const start = parseName(parts, path, absolute ? 1 : 0, absolute ? 1 : 0, isSeparator);
  if (start > 0) parts.dir = path.slice(0, start - 1);
  else if (absolute) parts.dir = '/';
  if (absolute && parts.dir === '') parts.dir = '/';
  return parts;
}

module.exports = {
  resolve,
  normalize,
  isAbsolute,
  join,
  relative,
  toNamespacedPath: (path) => path,
  dirname,
  basename,
  extname,
  format: formatParts.bind(null, '/'),
  parse,
  sep: '/',
  delimiter: ':',
  win32: null,
  posix: null,
};
module.exports._makeLong = module.exports.toNamespacedPath;
