/** The classes URL and URLSearchParams of the URL Standard. */
const { codes } = require('errors');
const { parse, serialize, pathText, parsePath, parseHostPort, setPort, isSpecial, PORTS } = require('url_parser');
const { encode, FRAGMENT, QUERY, SPECIAL_QUERY, USERINFO } = require('url_encode');
const { parseHost } = require('url_host');
const { URLSearchParams, attach } = require('url_search_params');

const custom = Symbol.for('nodejs.util.inspect.custom');

function invalid(input, base) {
  const err = new codes.ERR_INVALID_URL();
  err.input = input;
  if (base !== undefined) err.base = base;
  return err;
}

/** The record of input, null if it is no URL. */
function recordOf(input, base) {
  if (base === undefined) return parse(input);
  const parsed = parse(base);
  return parsed === null ? null : parse(input, parsed);
}

const cannotHaveUser = (url) => url.host === null || url.host === '' || url.scheme === 'file';

let own;

class URL {
  #url;

  #params;

  constructor(input, base = undefined) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('url');
    const text = `${input}`;
    const below = base === undefined ? undefined : `${base}`;
    this.#url = recordOf(text, below);
    if (this.#url === null) throw invalid(text, below);
  }

  static canParse(input, base = undefined) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('url');
    return recordOf(`${input}`, base === undefined ? undefined : `${base}`) !== null;
  }

  static parse(input, base = undefined) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('url');
    const [text, below] = [`${input}`, base === undefined ? undefined : `${base}`];
    return recordOf(text, below) === null ? null : new URL(text, below);
  }

  static {
    own = (value) => {
      if (value === null || typeof value !== 'object' || !(#url in value)) throw new TypeError('Receiver must be an instance of class URL');
    };
  }

  get href() {
    own(this);
    return serialize(this.#url);
  }

  set href(value) {
    void this.#url;
    const url = parse(`${value}`);
    if (url === null) throw invalid(`${value}`);
    this.#url = url;
    this.#refresh();
  }

  get origin() {
    const { scheme, host, port } = this.#url;
    if (scheme === 'blob') {
      const inner = parse(pathText(this.#url));
      return inner !== null && /^https?$/.test(inner.scheme) ? `${inner.scheme}://${inner.host}${inner.port === null ? '' : `:${inner.port}`}` : 'null';
    }
    if (!isSpecial(this.#url) || scheme === 'file') return 'null';
    return `${scheme}://${host}${port === null ? '' : `:${port}`}`;
  }

  get protocol() { return `${this.#url.scheme}:`; }

  set protocol(value) {
    const found = /^([a-zA-Z][a-zA-Z0-9+\-.]*)(:|$)/.exec(`${value}`.replace(/[\t\n\r]/g, ''));
    if (!found) return;
    const url = this.#url;
    const scheme = found[1].toLowerCase();
    if (isSpecial({ scheme }) !== isSpecial(url)) return;
    if (scheme === 'file' && (url.username !== '' || url.password !== '' || url.port !== null)) return;
    if (url.scheme === 'file' && url.host === '') return;
    url.scheme = scheme;
    if (url.port === PORTS[scheme]) url.port = null;
  }

  get username() { return this.#url.username; }

  set username(value) {
    if (!cannotHaveUser(this.#url)) this.#url.username = encode(`${value}`, USERINFO);
  }

  get password() { return this.#url.password; }

  set password(value) {
    if (!cannotHaveUser(this.#url)) this.#url.password = encode(`${value}`, USERINFO);
  }

  get host() {
    const { host, port } = this.#url;
    if (host === null) return '';
    return port === null ? host : `${host}:${port}`;
  }

  set host(value) {
    if (typeof this.#url.path === 'string') return;
    const text = `${value}`.replace(/[\t\n\r]/g, '').split(isSpecial(this.#url) ? /[/\\?#]/ : /[/?#]/)[0];
    const changed = { ...this.#url };
    const [, name, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?/.exec(text);
    if (!parseHostPort(changed, name)) return;
    if (port !== undefined && port !== '') setPort(changed, port);
    this.#url = changed;
  }

  get hostname() { return this.#url.host === null ? '' : this.#url.host; }

  set hostname(value) {
    const url = this.#url;
    if (typeof url.path === 'string') return;
    const text = `${value}`.replace(/[\t\n\r]/g, '').split(isSpecial(url) ? /[/\\?#]/ : /[/?#]/)[0];
    if (text[0] !== '[' && text.includes(':')) return;
    if (text === '') {
      if (isSpecial(url) ? url.scheme !== 'file' : url.username !== '' || url.password !== '' || url.port !== null) return;
      url.host = '';
      return;
    }
    const host = parseHost(text, isSpecial(url));
    if (host !== null) url.host = url.scheme === 'file' && host === 'localhost' ? '' : host;
  }

  get port() { return this.#url.port === null ? '' : `${this.#url.port}`; }

  set port(value) {
    if (cannotHaveUser(this.#url)) return;
    const text = `${value}`.replace(/[\t\n\r]/g, '');
    if (text === '') this.#url.port = null;
    else setPort(this.#url, (/^\d+/.exec(text) || ['x'])[0]);
  }

  get pathname() { return pathText(this.#url); }

  set pathname(value) {
    if (typeof this.#url.path === 'string') return;
    this.#url.path = [];
    const text = `${value}`.replace(/[\t\n\r]/g, '');
    parsePath(this.#url, /^[/\\]/.test(text) && isSpecial(this.#url) ? text : text.startsWith('/') ? text : `/${text}`);
  }

  get search() {
    own(this);
    return this.#url.query === null || this.#url.query === '' ? '' : `?${this.#url.query}`;
  }

  set search(value) {
    void this.#url;
    const text = `${value}`.replace(/[\t\n\r]/g, '').replace(/^\?/, '');
    this.#url.query = `${value}` === '' ? null : encode(text, isSpecial(this.#url) ? SPECIAL_QUERY : QUERY);
    this.#refresh();
  }

  get searchParams() {
    if (this.#params === undefined) {
      this.#params = new URLSearchParams(this.search);
      attach(this.#params, (text) => { this.#url.query = text === '' ? null : text; });
    }
    return this.#params;
  }

  get hash() { return this.#url.fragment === null || this.#url.fragment === '' ? '' : `#${this.#url.fragment}`; }

  set hash(value) {
    const text = `${value}`.replace(/[\t\n\r]/g, '');
    this.#url.fragment = text === '' ? null : encode(text.replace(/^#/, ''), FRAGMENT);
  }

  toString() {
    own(this);
    return serialize(this.#url);
  }

  toJSON() {
    own(this);
    return serialize(this.#url);
  }

  /** Gives searchParams the query that was set beside it. */
  #refresh() {
    if (this.#params !== undefined) attach(this.#params, undefined, this.#url.query || '');
  }

  [custom](depth, options) {
    if (typeof depth === 'number' && depth < 0) return this;
    const shown = {};
    for (const name of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash']) {
      shown[name] = this[name];
    }
    return `${(this.constructor && this.constructor.name) || 'URL'} ${require('inspect').inspect(shown, options)}`;
  }
}
for (const name of Object.getOwnPropertyNames(URL.prototype)) {
  if (name !== 'constructor') Object.defineProperty(URL.prototype, name, { enumerable: true });
}
Object.defineProperty(URL.prototype, Symbol.toStringTag, { value: 'URL', configurable: true });
for (const name of ['createObjectURL', 'revokeObjectURL']) {
  Object.defineProperty(URL, name, {
    value: { [name](value) {
      if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS(name === 'createObjectURL' ? 'obj' : 'url');
      throw new codes.ERR_METHOD_NOT_IMPLEMENTED(`URL.${name} (not available in sc yet)`);
    } }[name],
    writable: true,
    configurable: true,
  });
}
for (const name of ['canParse', 'parse', 'createObjectURL', 'revokeObjectURL']) Object.defineProperty(URL, name, { enumerable: true });

module.exports = { URL, URLSearchParams };
