/** The class URLSearchParams (https://url.spec.whatwg.org/#interface-urlsearchparams). */
const { codes } = require('errors');

const { Cursor, listed } = require('url_search_cursor');

const custom = Symbol.for('nodejs.util.inspect.custom');

/** Names and values of a query. */
function parseQuery(text) {
  const { decode } = require('url_encode');
  const read = (part) => decode(part.replace(/\+/g, ' '));
  return text.split('&').filter((part) => part !== '').map((part) => {
    const at = part.indexOf('=');
    return at < 0 ? [read(part), ''] : [read(part.slice(0, at)), read(part.slice(at + 1))];
  });
}

const wellFormed = (value) => `${value}`.toWellFormed();
const write = (text) => encodeURIComponent(text).replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).replace(/%20/g, '+');

/** The pairs of what the constructor was given. */
function pairsOf(init) {
  if (init === undefined || init === null) return [];
  if (typeof init !== 'object' && typeof init !== 'function') return parseQuery(wellFormed(init).replace(/^\?/, ''));
  const iterator = init[Symbol.iterator];
  if (iterator !== undefined && iterator !== null) {
    if (typeof iterator !== 'function') throw withText('ERR_ARG_NOT_ITERABLE', 'Query pairs must be iterable');
    const pairs = [];
    for (const pair of init) {
      if (pair === null || typeof pair !== 'object' || typeof pair[Symbol.iterator] !== 'function') {
        throw withText('ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
      }
      const items = [...pair];
      if (items.length !== 2) throw withText('ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
      pairs.push(items.map(wellFormed));
    }
    return pairs;
  }
  return Reflect.ownKeys(init).filter((key) => typeof key === 'string' && Object.prototype.propertyIsEnumerable.call(init, key))
    .map((key) => [wellFormed(key), wellFormed(init[key])]);
}

function withText(code, text) {
  return require('errors').withCode(new TypeError(text), code);
}

function need(args, ...names) {
  if (args.length < names.length) throw new codes.ERR_MISSING_ARGS(...names);
}

let change;
let own;

class URLSearchParams {
  #pairs;

  #update = () => {};

  constructor(init = undefined) { this.#pairs = pairsOf(init); }

  static {
    own = (value) => {
      if (value === null || typeof value !== 'object' || !(#pairs in value)) throw new codes.ERR_INVALID_THIS('URLSearchParams');
    };
    change = (params, update, query) => {
      if (update !== undefined) params.#update = update;
      if (query !== undefined) params.#pairs = parseQuery(query);
    };
  }

  #changed() { this.#update(this.toString()); }

  get size() {
    own(this);
    return this.#pairs.length;
  }

  append(name, value) {
    own(this);
    need(arguments, 'name', 'value');
    this.#pairs.push([wellFormed(name), wellFormed(value)]);
    this.#changed();
  }

  delete(name, value = undefined) {
    own(this);
    need(arguments, 'name');
    const [key, wanted] = [wellFormed(name), value === undefined ? undefined : wellFormed(value)];
    this.#pairs = this.#pairs.filter(([k, v]) => k !== key || (wanted !== undefined && v !== wanted));
    this.#changed();
  }

  get(name) {
    own(this);
    need(arguments, 'name');
    const wanted = wellFormed(name);
    const found = this.#pairs.find(([key]) => key === wanted);
    return found ? found[1] : null;
  }

  getAll(name) {
    own(this);
    need(arguments, 'name');
    const wanted = wellFormed(name);
    return this.#pairs.filter(([key]) => key === wanted).map(([, value]) => value);
  }

  has(name, value = undefined) {
    own(this);
    need(arguments, 'name');
    const [key, wanted] = [wellFormed(name), value === undefined ? undefined : wellFormed(value)];
    return this.#pairs.some(([k, v]) => k === key && (wanted === undefined || v === wanted));
  }

  set(name, value) {
    own(this);
    need(arguments, 'name', 'value');
    const [key, text] = [wellFormed(name), wellFormed(value)];
    const at = this.#pairs.findIndex(([k]) => k === key);
    if (at < 0) this.#pairs.push([key, text]);
    else {
      this.#pairs[at][1] = text;
      this.#pairs = this.#pairs.filter(([k], i) => i <= at || k !== key);
    }
    this.#changed();
  }

  sort() {
    own(this);
    this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#changed();
  }

  forEach(callback, self = undefined) {
    own(this);
    require('validators').validateFunction(callback, 'callback');
    for (let i = 0; i < this.#pairs.length; i++) callback.call(self, this.#pairs[i][1], this.#pairs[i][0], this);
  }

  entries() {
    own(this);
    return new Cursor(() => this.#pairs, (pair) => [...pair]);
  }

  keys() {
    own(this);
    return new Cursor(() => this.#pairs, ([key]) => key);
  }

  values() {
    own(this);
    return new Cursor(() => this.#pairs, ([, value]) => value);
  }

  toString() {
    own(this);
    return this.#pairs.map(([key, value]) => `${write(key)}=${write(value)}`).join('&');
  }

  [custom](depth, options) {
    own(this);
    if (typeof depth === 'number' && depth < 0) return options.stylize('[Object]', 'special');
    if (this.#pairs.length === 0) return 'URLSearchParams {}';
    const { inspect } = require('inspect');
    return listed('URLSearchParams', this.#pairs.map(([key, value]) => `${inspect(key, options)} => ${inspect(value, options)}`), options);
  }
}

for (const name of Object.getOwnPropertyNames(URLSearchParams.prototype)) {
  if (name !== 'constructor') Object.defineProperty(URLSearchParams.prototype, name, { enumerable: true });
}
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, { value: URLSearchParams.prototype.entries, writable: true, configurable: true });
Object.defineProperty(URLSearchParams.prototype, Symbol.toStringTag, { value: 'URLSearchParams', configurable: true });

/** Ties params to a URL: update is told of each change; query, if given, replaces what it holds. */
const attach = (params, update, query) => change(params, update, query);

module.exports = { URLSearchParams, attach };
