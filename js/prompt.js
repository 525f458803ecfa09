// What sc eval, sc repl and sc map need of JavaScript: names at hand, values
// as text, and what may follow a half-typed name.
'use strict';

const { inspect } = require('inspect');
const library = require('supercluster');

const isThenable = (v) => v !== null && (typeof v === 'object' || typeof v === 'function') && typeof v.then === 'function';

/** Puts the factories and a master, made at its first use, into the global object. */
exports.install = () => {
  for (const name of ['createMaster', 'createWorker', 'createTracker']) {
    Object.defineProperty(globalThis, name, { value: library[name], writable: true, configurable: true });
  }
  const settle = (value) => Object.defineProperty(globalThis, 'master', { value, writable: true, configurable: true });
  Object.defineProperty(globalThis, 'master', {
    get() { const master = library.createMaster(); settle(master); return master; },
    set: settle,
    configurable: true,
  });
};

/** @returns {Promise<Array>} what a line gave, its value waited for if it is a promise */
exports.settled = async (line) => {
  const list = await line;
  return list.length > 0 && isThenable(list[0]) ? [await list[0]] : list;
};

/**
 * A value as text.
 * @param {string} how 'plain': strings as they are, as console.log has them;
 *   'json': JSON, undefined as null; 'pretty': as inspect has it
 */
exports.show = (value, how, colors, width) => {
  if (how === 'json') {
    const text = JSON.stringify(value, (key, v) => (typeof v === 'bigint' ? String(v) : v));
    return text === undefined ? 'null' : text;
  }
  if (how === 'plain' && typeof value === 'string') return value;
  return inspect(value, { colors, breakLength: Math.max(width, 20), depth: how === 'plain' ? 4 : 3 });
};

/** Keeps the last value for the next lines. */
exports.keep = (value) => Object.defineProperty(globalThis, '_', { value, writable: true, configurable: true });

// The value of a path of names, without running anything of the user's.
function walk(names) {
  let value = globalThis;
  for (const name of names) {
    if (value === null || value === undefined) return undefined;
    let owner = Object(value);
    let found;
    while (owner !== null && !(found = Object.getOwnPropertyDescriptor(owner, name))) owner = Object.getPrototypeOf(owner);
    if (!found || !('value' in found)) return undefined;
    value = found.value;
  }
  return value;
}

/** @returns {string[]} names that may follow what is typed: its end replaced, sorted, '' for none */
exports.complete = (typed) => {
  const [path] = /[\w$.]*$/.exec(typed);
  const names = path.split('.');
  const start = names.pop();
  const value = walk(names);
  if (value === null || value === undefined) return [];
  const seen = new Set();
  for (let o = Object(value); o !== null; o = Object.getPrototypeOf(o)) {
    if (o === Object.prototype && names.length > 0 && start === '') break;
    for (const name of Object.getOwnPropertyNames(o)) {
      if (name.startsWith(start) && /^[A-Za-z$][\w$]*$/.test(name) && !name.startsWith('__')) seen.add(name);
    }
  }
  const head = names.length > 0 ? `${names.join('.')}.` : '';
  return [...seen].sort().map((name) => head + name);
};

/** Makes the master now. */
exports.join = () => { globalThis.master; };
