// Takes items off what a map goes through: any iterable, so many at a time.
'use strict';

const arrayValues = Array.prototype[Symbol.iterator];
const arrayIterator = Object.getPrototypeOf([][Symbol.iterator]());
const arrayNext = arrayIterator.next;

const isThenable = (v) => v !== null && (typeof v === 'object' || typeof v === 'function') && typeof v.then === 'function';

/** Whether going through v is the same as taking one element after the other. */
const isPlainArray = (v) => Array.isArray(v) && Object.getPrototypeOf(v) === Array.prototype &&
  v[Symbol.iterator] === arrayValues && arrayIterator.next === arrayNext;

/** An array, whose elements need no iterator. What is added to it before its end counts. */
class ArraySource {
  #array; #at = 0;

  constructor(array) { this.#array = array; }

  /**
   * @param {number} size at least 1
   * @returns {Array|Promise<Array>} the next items, fewer than size only at the end
   */
  take(size) {
    const items = this.#array.slice(this.#at, this.#at + size);
    this.#at += items.length;
    for (let i = 0; i < items.length; i++) if (isThenable(items[i])) return this.#settled(items);
    return items;
  }

  async #settled(items) {
    for (let i = 0; i < items.length; i++) items[i] = await items[i];
    return items;
  }

  /** Ends the iteration early. */
  close() {}
}

/** A sync or async iterator, pulled no further than asked for. */
class IteratorSource {
  #iterator;

  constructor(iterator) { this.#iterator = iterator; }

  take(size) { return this.#fill([], size); }

  /** Takes as many as come at once; the first that has to be waited for makes a promise of the rest. */
  #fill(items, size) {
    while (items.length < size) {
      const step = this.#iterator.next();
      if (isThenable(step)) return this.#wait(items, size, step);
      if (step.done) break;
      if (isThenable(step.value)) return this.#wait(items, size, step);
      items.push(step.value);
    }
    return items;
  }

  async #wait(items, size, pending) {
    const step = await pending;
    if (step.done) return items;
    items.push(await step.value);
    return this.#fill(items, size);
  }

  close() {
    if (typeof this.#iterator.return !== 'function') return;
    try { Promise.resolve(this.#iterator.return()).catch(() => {}); } catch { /* the map's own error counts */ }
  }
}

/** @param {Iterable|AsyncIterable} iterable @param {Function} method the one that gives its iterator */
exports.sourceOf = (iterable, method) => (isPlainArray(iterable) ? new ArraySource(iterable) : new IteratorSource(method.call(iterable)));
exports.isThenable = isThenable;
