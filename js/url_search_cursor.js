/** The iterators of URLSearchParams, and how both are printed. */

const { codes } = require('errors');

const custom = Symbol.for('nodejs.util.inspect.custom');

/** "Name { a, b }", on several lines if it is too long for one; without items node leaves two spaces. */
function listed(name, items, options) {
  const length = items.reduce((sum, item) => sum + item.replace(/\u001b\[\d\d?m/g, '').length + 2, -2);
  return length > options.breakLength ? `${name} {\n  ${items.join(',\n  ')} }` : `${name} { ${items.join(', ')} }`;
}

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

let own;

/** Goes through the pairs as they are at each step. */
class Cursor {
  #pairs;

  #read;

  #at = 0;

  constructor(pairs, read) {
    this.#pairs = pairs;
    this.#read = read;
  }

  static {
    own = (value) => {
      if (value === null || typeof value !== 'object' || !(#pairs in value)) throw new codes.ERR_INVALID_THIS('URLSearchParamsIterator');
    };
  }

  next() {
    own(this);
    const pairs = this.#pairs();
    if (this.#at >= pairs.length) return { value: undefined, done: true };
    this.#at += 1;
    return { value: this.#read(pairs[this.#at - 1]), done: false };
  }

  [custom](depth, options) {
    own(this);
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
