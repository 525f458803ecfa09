/** The global Headers. */
const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;

function nameOf(name, method) {
  const text = String(name);
  if (!TOKEN.test(text)) throw new TypeError(`Headers.${method}: ${text} is an invalid header name.`);
  return text.toLowerCase();
}

function valueOf(value, method) {
  const text = String(value).replace(/^[\t\r\n ]+|[\t\r\n ]+$/g, '');
  if (/[\0\r\n]|[^\x00-\xff]/.test(text)) throw new TypeError(`Headers.${method}: ${text} is an invalid header value.`);
  return text;
}

class Headers {
  #fields = new Map(); // name in lower case: its values

  constructor(init = undefined) {
    if (init === undefined) return;
    if (init === null || typeof init !== 'object') throw new TypeError("Headers constructor: init must be an object or a sequence");
    if (typeof init[Symbol.iterator] === 'function') {
      for (const pair of init) {
        const [name, value, ...more] = pair;
        if (value === undefined || more.length > 0) throw new TypeError('Headers constructor: expected name/value pair to be length 2');
        this.append(name, value);
      }
    } else {
      for (const name of Reflect.ownKeys(init)) this.append(name, init[name]);
    }
  }

  append(name, value) {
    const key = nameOf(name, 'append');
    const list = this.#fields.get(key) ?? [];
    list.push(valueOf(value, 'append'));
    this.#fields.set(key, list);
  }

  set(name, value) { this.#fields.set(nameOf(name, 'set'), [valueOf(value, 'set')]); }

  delete(name) { this.#fields.delete(nameOf(name, 'delete')); }

  has(name) { return this.#fields.has(nameOf(name, 'has')); }

  get(name) {
    const key = nameOf(name, 'get');
    const list = this.#fields.get(key);
    return list === undefined ? null : list.join(key === 'cookie' ? '; ' : ', ');
  }

  getSetCookie() { return [...(this.#fields.get('set-cookie') ?? [])]; }

  forEach(callback, self = undefined) {
    if (typeof callback !== 'function') throw new TypeError('Headers.forEach: callback must be a function');
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  * entries() {
    for (const key of [...this.#fields.keys()].sort()) {
      if (key === 'set-cookie') for (const value of this.#fields.get(key)) yield [key, value];
      else yield [key, this.get(key)];
    }
  }

  * keys() { for (const [name] of this.entries()) yield name; }

  * values() { for (const [, value] of this.entries()) yield value; }

  [Symbol.iterator]() { return this.entries(); }

  get [Symbol.toStringTag]() { return 'Headers'; }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return `Headers ${inspect(Object.fromEntries(this.entries()), options)}`;
  }
}

module.exports = { Headers };
