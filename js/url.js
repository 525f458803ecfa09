/** The module "url": the legacy functions of url_legacy.js, those for files, and the global URL classes. */
const { codes } = require('errors');
const { validateObject, validateString } = require('validators');
const { Url, urlParse } = require('url_legacy');

const percent = (text) => text.replace(/%/g, '%25').replace(/\\/g, '%5C').replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/\t/g, '%09');

const isURL = (value) => value !== null && typeof value === 'object' && typeof value.href === 'string'
  && typeof value.protocol === 'string' && value.auth === undefined && value.path === undefined;

function windows(options) {
  if (options && options.windows !== undefined) return Boolean(options.windows);
  return typeof process === 'object' && process.platform === 'win32';
}

/** The path of a file: URL. */
function fileURLToPath(input, options = undefined) {
  let url = input;
  if (typeof url === 'string') url = new URL(url);
  else if (!isURL(url)) throw new codes.ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], url);
  if (url.protocol !== 'file:') throw new codes.ERR_INVALID_URL_SCHEME('file');
  const { hostname, pathname } = url;
  if (!windows(options)) {
    if (hostname !== '') throw new codes.ERR_INVALID_FILE_URL_HOST(typeof process === 'object' ? process.platform : 'linux');
    if (/%2f/i.test(pathname)) throw new codes.ERR_INVALID_FILE_URL_PATH('must not include encoded / characters');
    return decodeURIComponent(pathname);
  }
  if (/%2f|%5c/i.test(pathname)) throw new codes.ERR_INVALID_FILE_URL_PATH('must not include encoded \\ or / characters');
  const path = decodeURIComponent(pathname.replace(/\//g, '\\'));
  if (hostname !== '') return `\\\\${domainToUnicode(hostname)}${path}`;
  if (!/^.[A-Za-z]:/.test(path)) throw new codes.ERR_INVALID_FILE_URL_PATH('must be absolute');
  return path.slice(1);
}

/** The file: URL of a path, made absolute. */
function pathToFileURL(path, options = undefined) {
  validateString(path, 'path');
  const onWindows = windows(options);
  const { posix, win32 } = require('path');
  if (onWindows && path.startsWith('\\\\')) {
    const [, , host, ...rest] = path.split('\\');
    const unc = new URL('file://');
    unc.hostname = host;
    unc.pathname = percent(rest.join('/'));
    return unc;
  }
  let full = (onWindows ? win32 : posix).resolve(path);
  const last = path.charCodeAt(path.length - 1);
  if ((last === 47 || (onWindows && last === 92)) && !/[\\/]$/.test(full)) full += '/';
  full = onWindows ? full.replace(/\\/g, '/').replace(/%/g, '%25') : percent(full);
  return new URL(`file://${onWindows ? '/' : ''}${full.replace(/\?/g, '%3F').replace(/#/g, '%23')}`);
}

/** What http.request wants to know of a URL. */
function urlToHttpOptions(url) {
  validateObject(url, 'url', { array: true, callable: true, type: 'object' });
  const { hostname, pathname, port, username, password, search } = url;
  const options = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname && hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

function domainToASCII(domain) {
  try {
    return new URL(`ws://${domain}`).hostname;
  } catch {
    return '';
  }
}

function domainToUnicode(domain) {
  return domainToASCII(domain).split('.')
    .map((label) => (label.startsWith('xn--') ? require('url_punycode').decode(label.slice(4)) : label)).join('.');
}

/** url.format of a URL object leaves out what the options say. */
function formatURL(url, options) {
  const { fragment = true, unicode = false, search = true, auth = true } = options || {};
  let text = url.protocol;
  const host = unicode ? `${domainToUnicode(url.hostname)}${url.port ? `:${url.port}` : ''}` : url.host;
  if (host !== '' || url.protocol === 'file:' || /^[^:]*:\/\//.test(url.href)) {
    text += '//';
    if (auth && (url.username || url.password)) text += `${url.username}${url.password ? `:${url.password}` : ''}@`;
    text += host;
  }
  return text + url.pathname + (search ? url.search : '') + (fragment ? url.hash : '');
}

function format(value, options) {
  if (typeof value === 'string') return urlParse(value).format();
  if (typeof value !== 'object' || value === null) throw new codes.ERR_INVALID_ARG_TYPE('urlObject', ['Object', 'string'], value);
  if (value instanceof URL) {
    if (options !== undefined) validateObject(options, 'options');
    return formatURL(value, options);
  }
  return Url.prototype.format.call(value);
}

module.exports = {
  Url,
  parse: urlParse,
  resolve: (from, to) => urlParse(from, false, true).resolve(to),
  resolveObject: (from, to) => (from ? urlParse(from, false, true).resolveObject(to) : to),
  format,
  URL: globalThis.URL,
  URLSearchParams: globalThis.URLSearchParams,
  domainToASCII,
  domainToUnicode,
  pathToFileURL,
  fileURLToPath,
  urlToHttpOptions,
};
