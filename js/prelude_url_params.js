/**
 * URLSearchParams of the URL Standard. binding.parseForm and formatForm turn a query into a flat list and back. The
 * other exports are for prelude_url.js: update(params, changed) has changed(query) called after each change,
 * refill(params, query) makes the params those of a query.
 */
const custom = Symbol.for('nodejs.util.inspect.custom');

const coded = (error, code, props) => Object.assign(error, { code, ...props });
const need = (args, n, names) => {
  if (args.length < n) throw coded(new TypeError(`The ${names} argument${n > 1 ? 's' : ''} must be specified`), 'ERR_MISSING_ARGS');
};

/** Text with every lone surrogate replaced, as all strings of the standard are. */
const text = (v) => {
  if (typeof v === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return String(v).toWellFormed?.() ?? String(v);
};

let update;
let refill;

class URLSearchParams {
  #list = []; // pairs [name, value]
  #changed = null; // called after each change

  constructor(init = undefined) {
    if (init === undefined || init === null) return;
    if (typeof init === 'object' || typeof init === 'function') {
      const method = init[Symbol.iterator];
      if (typeof method === 'function') {
        for (const pair of init) {
          const both = pair !== null && typeof pair === 'object' && typeof pair[Symbol.iterator] === 'function' ? [...pair] : [];
          if (both.length !== 2) throw coded(new TypeError('Each query pair must be an iterable [name, value] tuple'), 'ERR_INVALID_TUPLE');
          this.#list.push([text(both[0]), text(both[1])]);
        }
      } else {
        for (const key of Object.keys(init)) this.#put(text(key), text(init[key]));
      }
    } else {
      refill(this, text(init).replace(/^\?/, ''));
    }
  }

  static {
    update = (params, changed) => { params.#changed = changed; };
    refill = (params, query) => {
      const flat = binding.parseForm(query);
      params.#list = [];
      for (let i = 0; i < flat.length; i += 2) params.#list.push([flat[i], flat[i + 1]]);
    };
  }

  #put(name, value) {
    const old = this.#list.find((p) => p[0] === name);
    if (old) old[1] = value;
    else this.#list.push([name, value]);
  }

  #done() { this.#changed?.(this.toString()); }

  get size() { return this.#list.length; }

  append(name, value) {
    need(arguments, 2, '"name" and "value"');
    this.#list.push([text(name), text(value)]);
    this.#done();
  }

  delete(name, value = undefined) {
    need(arguments, 1, '"name"');
    this.#list = this.#list.filter((p) => p[0] !== text(name) || (value !== undefined && p[1] !== text(value)));
    this.#done();
  }

  get(name) {
    need(arguments, 1, '"name"');
    return this.#list.find((p) => p[0] === text(name))?.[1] ?? null;
  }

  getAll(name) {
    need(arguments, 1, '"name"');
    return this.#list.filter((p) => p[0] === text(name)).map((p) => p[1]);
  }

  has(name, value = undefined) {
    need(arguments, 1, '"name"');
    return this.#list.some((p) => p[0] === text(name) && (value === undefined || p[1] === text(value)));
  }

  set(name, value) {
    need(arguments, 2, '"name" and "value"');
    const first = this.#list.findIndex((p) => p[0] === text(name));
    if (first < 0) this.#list.push([text(name), text(value)]);
    else this.#list = this.#list.filter((p, i) => p[0] !== text(name) || i === first).map((p) => (p[0] === text(name) ? [p[0], text(value)] : p));
    this.#done();
  }

  sort() {
    this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#done();
  }

  forEach(fn, self = undefined) {
    if (typeof fn !== 'function') throw coded(new TypeError('The "callback" argument must be of type function'), 'ERR_INVALID_ARG_TYPE');
    for (const [name, value] of this) fn.call(self, value, name, this);
  }

  *entries() { for (let i = 0; i < this.#list.length; i++) yield [...this.#list[i]]; }
  *keys() { for (let i = 0; i < this.#list.length; i++) yield this.#list[i][0]; }
  *values() { for (let i = 0; i < this.#list.length; i++) yield this.#list[i][1]; }

  toString() { return binding.formatForm(this.#list.flat()); }

  [custom](depth, options, inspect) {
    const inner = this.#list.map(([k, v]) => `${inspect(k, options)} => ${inspect(v, options)}`).join(', ');
    return inner ? `URLSearchParams { ${inner} }` : 'URLSearchParams {}';
  }

  get [Symbol.toStringTag]() { return 'URLSearchParams'; }
}
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, { value: URLSearchParams.prototype.entries, writable: true, configurable: true });

Object.assign(exports, { URLSearchParams, update, refill, custom, coded, need, text });
