/** url.parse and its class Url, as they were before URL. */
const { validateString } = require('validators');
const { parseHost } = require('url_legacy_host');

/** Protocols after which no host comes, and those that always have slashes. */
const HOSTLESS = new Set(['javascript', 'javascript:']);
const SLASHED = new Set(['http', 'https', 'ftp', 'gopher', 'file', 'ws', 'wss'].flatMap((name) => [name, `${name}:`]));

const FIELDS = ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href'];

function Url() {
  for (const field of FIELDS) this[field] = null;
}

const ESCAPES = /[\t\n\r "'<>\\^`{|}]/g;
const escapeRest = (text) => text.replace(ESCAPES, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
/** Backslashes before the query are slashes. */
function straighten(text) {
  const query = text.search(/[?#]/);
  const head = query < 0 ? text : text.slice(0, query);
  const end = text.indexOf('?') >= 0 || text.indexOf('#') >= 0 ? text.slice(query) : '';
  return head.replace(/\\/g, '/') + end;
}

/** Splits what follows the host into path, query and hash. */
function parseTail(url, rest, parseQuery) {
  let tail = rest;
  const hash = tail.indexOf('#');
  if (hash !== -1) {
    url.hash = tail.slice(hash);
    tail = tail.slice(0, hash);
  }
  const query = tail.indexOf('?');
  if (query !== -1) {
    url.search = tail.slice(query);
    url.query = tail.slice(query + 1);
    if (parseQuery) url.query = require('querystring').parse(url.query);
    tail = tail.slice(0, query);
  } else if (parseQuery) {
    url.search = null;
    url.query = Object.create(null);
  }
  if (tail) url.pathname = tail;
}

Url.prototype.parse = function parse(input, parseQuery, slashesDenoteHost) {
  validateString(input, 'url');
  let rest = straighten(input.replace(/^[\s\ufeff\u00a0]+|[\s\ufeff\u00a0]+$/g, ''));
  if (!slashesDenoteHost && /^(\/\/?(?!\/)[^?\s#@]*)(\?[^\s#@]*)?$/.test(rest)) {
    const query = rest.indexOf('?');
    this.path = rest;
    this.href = rest;
    parseTail(this, rest, parseQuery);
    if (query === -1 && !parseQuery) this.query = null;
    return this;
  }
  const proto = /^[a-z0-9.+-]+:/i.exec(rest);
  let lower;
  if (proto) {
    lower = proto[0].toLowerCase();
    this.protocol = lower;
    rest = rest.slice(lower.length);
  }
  let slashes = false;
  if (slashesDenoteHost || proto || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
    slashes = rest.startsWith('//');
    if (slashes && !HOSTLESS.has(lower)) {
      rest = rest.slice(2);
      this.slashes = true;
    }
  }
  if (!HOSTLESS.has(lower) && (slashes || (proto && !SLASHED.has(lower)))) rest = parseHost(this, rest, input);
  if (!HOSTLESS.has(lower)) rest = escapeRest(rest);
  parseTail(this, rest, parseQuery);
  if (SLASHED.has(lower) && this.hostname && !this.pathname) this.pathname = '/';
  if (this.pathname || this.search) this.path = (this.pathname || '') + (this.search || '');
  this.href = this.format();
  return this;
};

Url.prototype.parseHost = function parseHostOf() {
  const port = /:[0-9]*$/.exec(this.host || '');
  if (port && port[0] !== ':') this.port = port[0].slice(1);
  if (this.host) this.hostname = port ? this.host.slice(0, -port[0].length) : this.host;
};

Url.prototype.format = function format() {
  let auth = this.auth || '';
  if (auth) auth = `${encodeURIComponent(auth).replace(/%3A/gi, ':').replace(/%2B/g, '+')}@`;
  let protocol = this.protocol || '';
  let pathname = this.pathname || '';
  let hash = this.hash || '';
  let host = '';
  if (this.host) host = auth + this.host;
  else if (this.hostname) {
    const v6 = this.hostname.includes(':') && !/^\[.*\]$/.test(this.hostname);
    host = auth + (v6 ? `[${this.hostname}]` : this.hostname) + (this.port ? `:${this.port}` : '');
  }
  const query = this.query !== null && typeof this.query === 'object' ? require('querystring').stringify(this.query) : '';
  let search = this.search || (query && `?${query}`) || '';
  if (protocol && !protocol.endsWith(':')) protocol += ':';
  pathname = pathname.replace(/#/g, '%23').replace(/\?/g, '%3F');
  if (this.slashes || SLASHED.has(protocol)) {
    if (this.slashes || host) {
      if (pathname && pathname[0] !== '/') pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (protocol.startsWith('file')) host = '//';
  }
  search = search.replace(/#/g, '%23');
  if (hash && hash[0] !== '#') hash = `#${hash}`;
  if (search && search[0] !== '?') search = `?${search}`;
  return protocol + host + pathname + search + hash;
};

Url.prototype.resolve = function resolve(relative) {
  return this.resolveObject(urlParse(relative, false, true)).format();
};

Url.prototype.resolveObject = function resolveObject(relative) {
  const other = typeof relative === 'string' ? urlParse(relative, false, true) : relative;
  return require('url_resolve').resolve(this, other, Url, SLASHED);
};

function urlParse(url, parseQuery, slashesDenoteHost) {
  if (url instanceof Url) return url;
  return new Url().parse(url, parseQuery, slashesDenoteHost);
}

module.exports = { Url, urlParse };
