// Looks whether a task changed what is not its own: node's classes and modules are the same objects for all tasks of a
// process, which is given up if one of them is not what it was.
'use strict';

const MAX_DEPTH = 3;

class Shared {
  #known = new Map(); // of each object: its prototype, and its properties by name

  /** @param {object} given see node_given.js */
  constructor(given) {
    this.#roots = () => [
      Object.prototype, Function.prototype, Array.prototype, Promise, Promise.prototype, Error, Error.prototype, Symbol.prototype,
      String.prototype, Number.prototype, RegExp.prototype, Map.prototype, Set.prototype, Date.prototype, Iterator_, TypedArray, TypedArray.prototype,
      ...given.globals.map((name) => globalThis[name]),
    ];
    for (const root of this.#roots()) this.#remember(root, 0);
  }

  #roots;

  #remember(o, depth) {
    if (Object(o) !== o || this.#known.has(o) || depth > MAX_DEPTH) return;
    const properties = new Map();
    this.#known.set(o, { proto: Object.getPrototypeOf(o), properties });
    for (const key of Reflect.ownKeys(o)) {
      const d = Object.getOwnPropertyDescriptor(o, key);
      properties.set(key, { value: d.value, get: d.get, set: d.set });
      if (key === 'prototype') this.#remember(d.value, depth + 1);
    }
    this.#remember(Object.getPrototypeOf(o), depth + 1);
  }

  /** Remembers a module that a task asked for, if it is the first. */
  add(module) {
    this.#remember(module, 1);
    if (Object(module) !== module) return;
    for (const d of Object.values(Object.getOwnPropertyDescriptors(module))) if (typeof d.value === 'function') this.#remember(d.value, 2);
  }

  /** @returns {boolean} whether all that is shared is what it was */
  intact() {
    for (const [o, { proto, properties }] of this.#known) {
      if (Object.getPrototypeOf(o) !== proto) return false;
      const keys = Reflect.ownKeys(o);
      if (keys.length !== properties.size) return false;
      for (const key of keys) {
        const was = properties.get(key);
        if (was === undefined) return false;
        const d = Object.getOwnPropertyDescriptor(o, key);
        if (d.get !== was.get || d.set !== was.set || !Object.is(d.value, was.value)) return false;
      }
    }
    return true;
  }
}

const TypedArray = Object.getPrototypeOf(Uint8Array);
const Iterator_ = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

exports.Shared = Shared;
