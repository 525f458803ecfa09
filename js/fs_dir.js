/** fs.Dir: the entries of a folder, one after the other. */
const { codes } = require('errors');

class Dir {
  #entries;

  #closed = false;

  #path;

  constructor(path, entries) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('handle');
    this.#path = path;
    this.#entries = entries;
  }

  get path() {
    if (!(#path in this)) throw new codes.ERR_INVALID_THIS('Dir');
    return this.#path;
  }

  readSync() {
    if (this.#closed) throw new codes.ERR_DIR_CLOSED();
    const next = this.#entries.shift();
    return next === undefined ? null : next;
  }

  read(callback) {
    if (callback === undefined) return new Promise((resolve) => { resolve(this.readSync()); });
    require('validators').validateFunction(callback, 'callback');
    if (this.#closed) throw new codes.ERR_DIR_CLOSED();
    process.nextTick(callback, null, this.readSync());
    return undefined;
  }

  closeSync() {
    if (this.#closed) throw new codes.ERR_DIR_CLOSED();
    this.#closed = true;
  }

  close(callback) {
    if (callback === undefined) return new Promise((resolve) => { resolve(this.closeSync()); });
    require('validators').validateFunction(callback, 'callback');
    if (this.#closed) {
      process.nextTick(callback, new codes.ERR_DIR_CLOSED());
      return undefined;
    }
    this.closeSync();
    process.nextTick(callback, null);
    return undefined;
  }

  [Symbol.asyncIterator]() {
    return {
      next: async () => {
        const value = this.#closed ? null : this.readSync();
        if (value === null) {
          if (!this.#closed) this.closeSync();
          return { value: undefined, done: true };
        }
        return { value, done: false };
      },
      return: async () => {
        if (!this.#closed) this.closeSync();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() { return this; },
    };
  }

  entries() { return this[Symbol.asyncIterator](); }
}

module.exports = { Dir };
