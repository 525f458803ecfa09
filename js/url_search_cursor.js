/** The iterators of URLSearchParams, and how both are printed. */

const custom = Symbol.for('nodejs.util.inspect.custom');

/** "Name { a, b }", on several lines if it is too long for one. */
function listed(name, items, options) {
  if (items.length === 0) return `${name} {}`;
  const length = items.reduce((sum, item) => sum + item.replace(/\u001b\[\d\d?m/g, '').length + 2, -2);
  return length > options.breakLength ? `${name} {\n  ${items.join(',\n  ')} }` : `${name} { ${items.join(', ')} }`;
}

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** Goes through the pairs as they are at each step. */
class Cursor {
  #pairs;

  #read;

  #at = 0;

  constructor(pairs, read) {
    this.#pairs = pairs;
    this.#read = read;
  }

  next() {
    const pairs = this.#pairs();
    if (this.#at >= pairs.length) return { value: undefined, done: true };
    this.#at += 1;
    return { value: this.#read(pairs[this.#at - 1]), done: false };
  }

  [custom](depth, options) {
    const { inspect } = require('inspect');
    if (typeof depth === 'number' && depth < 0) return options.stylize('[Object]', 'special');
    return listed('URLSearchParams Iterator', this.#pairs().slice(this.#at).map((pair) => inspect(this.#read(pair), options)), options);
  }
}
Object.setPrototypeOf(Cursor.prototype, IteratorPrototype);
delete Cursor.prototype.constructor;
Object.defineProperty(Cursor.prototype, 'next', { enumerable: true });
Object.defineProperty(Cursor.prototype, Symbol.toStringTag, { value: 'URLSearchParams Iterator', configurable: true });

module.exports = { Cursor, listed };
