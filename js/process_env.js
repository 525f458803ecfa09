/** process.env: variables that may be those of several threads, as a proxy over the native store. */
const { codes } = require('errors');

let warned = false;

/** The text of a value; what is no primitive text is deprecated, a symbol is refused. */
function textOf(value) {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  if (!warned && process.execArgv.includes('--pending-deprecation') && typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    warned = true;
    process.emitWarning('Assigning any value other than a string, number, or boolean to a process.env property is deprecated. '
      + 'Please make sure to convert the value to a string before setting process.env with it.', 'DeprecationWarning', 'DEP0104');
  }
  return `${value}`;
}

function keyOf(key) {
  if (typeof key === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return key;
}

/** @param {{get: Function, set: Function, remove: Function, names: Function}} store */
function create(store) {
  const target = {};
  return new Proxy(target, {
    get: (_, key) => (typeof key === 'symbol' ? target[key] : store.get(key) ?? target[key]),
    set(_, key, value) {
      store.set(keyOf(key), textOf(value));
      if (key === 'TZ') store.zoneChanged?.();
      return true;
    },
    has: (_, key) => (typeof key === 'symbol' ? key in target : store.get(key) !== undefined || key in target),
    deleteProperty(_, key) {
      if (typeof key !== 'symbol') store.remove(key);
      return true;
    },
    ownKeys: () => store.names(),
    getOwnPropertyDescriptor(_, key) {
      const value = typeof key === 'symbol' ? undefined : store.get(key);
      return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
    defineProperty(_, key, desc) {
      if ('value' in desc) {
        for (const name of ['configurable', 'writable', 'enumerable']) {
          if (desc[name] !== true) {
            throw new codes.ERR_INVALID_OBJECT_DEFINE_PROPERTY("'process.env' only accepts a configurable, writable, and enumerable data descriptor");
          }
        }
        store.set(keyOf(key), textOf(desc.value));
        return true;
      }
      if ('get' in desc || 'set' in desc) {
        throw new codes.ERR_INVALID_OBJECT_DEFINE_PROPERTY("'process.env' does not accept an accessor(getter/setter) descriptor");
      }
      throw new codes.ERR_INVALID_OBJECT_DEFINE_PROPERTY("'process.env' only accepts a configurable, writable, and enumerable data descriptor");
    },
  });
}

module.exports = { create };
