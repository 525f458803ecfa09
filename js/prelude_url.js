/**
 * URL of the URL Standard, and URLSearchParams. binding.parse(text, base) and binding.set(href, member, value) return
 * the members of a URL, or undefined.
 */
const { URLSearchParams, update, refill, custom, coded, need, text } = require('prelude_url_params');

class URL {
  #is;
  #params = null;

  constructor(input, base = undefined) {
    need(arguments, 1, '"url"');
    const [url, from] = [text(input), base === undefined ? undefined : text(base)];
    this.#is = binding.parse(url, from);
    if (!this.#is) throw coded(new TypeError('Invalid URL'), 'ERR_INVALID_URL', from === undefined ? { input: url } : { input: url, base: from });
  }

  static canParse(input, base = undefined) {
    need(arguments, 1, '"url"');
    return binding.parse(text(input), base === undefined ? undefined : text(base)) !== undefined;
  }

  static parse(input, base = undefined) { return URL.canParse(input, base) ? new URL(input, base) : null; }

  /** Sets a member; the search parameters follow where `follow` is true. */
  static set(url, member, value, follow = true) {
    url.#is = binding.set(url.#is.href, member, text(value)) ?? url.#is;
    if (follow && url.#params) refill(url.#params, url.#is.search.slice(1));
  }

  static get(url, member) { return url.#is[member]; }

  get searchParams() {
    if (!this.#params) {
      this.#params = new URLSearchParams(this.#is.search);
      update(this.#params, (query) => { this.#is = binding.set(this.#is.href, 'search', query) ?? this.#is; });
    }
    return this.#params;
  }

  get href() { return this.#is.href; }

  set href(v) {
    const is = binding.parse(text(v));
    if (!is) throw coded(new TypeError('Invalid URL'), 'ERR_INVALID_URL', { input: text(v) });
    this.#is = is;
    if (this.#params) refill(this.#params, is.search.slice(1));
  }

  get origin() { return this.#is.origin; }

  toString() { return this.#is.href; }
  toJSON() { return this.#is.href; }

  [custom](depth, options, inspect) {
    if (typeof depth === 'number' && depth < 0) return this.#is.href;
    const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = this.#is;
    return `URL ${inspect({ href, origin, protocol, username, password, host, hostname, port, pathname, search, searchParams: this.searchParams, hash }, options)}`;
  }

  get [Symbol.toStringTag]() { return 'URL'; }
}
const { get, set } = URL;
delete URL.get;
delete URL.set;

for (const member of ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
  Object.defineProperty(URL.prototype, member, {
    get() { return get(this, member); },
    set(v) { set(this, member, v); },
    enumerable: true,
    configurable: true,
  });
}
for (const name of ['href', 'origin', 'searchParams', 'toString', 'toJSON']) Object.defineProperty(URL.prototype, name, { enumerable: true });

Object.assign(exports, { URL, URLSearchParams });
