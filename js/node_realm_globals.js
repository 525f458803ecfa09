// The globals and modules of a function in a warm node process: those that our own engine has, and no others.
'use strict';

const { encode } = require('node_encode');
const { decode } = require('node_decode');
const { coded, wrongType } = require('node_message');

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}

/** Defines globals that are made when they are first asked for. */
function lazily(names, make) {
  for (const name of names) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        const value = make(name);
        define(name, value);
        return value;
      },
      set(value) { define(name, value); },
    });
  }
}

/** Lets `instanceof` hold for errors that node's own code throws, which are of another context. */
function knowErrors(errors) {
  const has = Function.prototype[Symbol.hasInstance];
  for (const [name, theirs] of Object.entries(errors)) {
    const ours = globalThis[name];
    Object.defineProperty(ours, Symbol.hasInstance, {
      value(v) { return has.call(this, v) || (this === ours && has.call(theirs, v)); },
      configurable: true, writable: true,
    });
  }
}

function structuredClone(value) {
  if (arguments.length === 0) throw coded(TypeError, 'ERR_MISSING_ARGS', 'The "value" argument must be specified');
  try { return decode(encode(value, { path: 'structuredClone' })); } catch (err) {
    if (err.code !== 'ERR_VALUE') throw err;
    throw new DOMException(err.message, 'DataCloneError');
  }
}

/** timers/promises, of the task's own timers. */
function timersPromises({ setTimeout, setImmediate, setInterval, clear }) {
  const abortable = (signal, start) => new Promise((resolve, reject) => {
    const fail = () => reject(Object.assign(new Error('The operation was aborted', { cause: signal.reason }), { name: 'AbortError', code: 'ABORT_ERR' }));
    if (signal && signal.aborted) {
      fail();
      return;
    }
    const handle = start(resolve);
    if (signal) signal.addEventListener('abort', () => { clear(handle); fail(); }, { once: true });
  });
  const after = (ms, value, { signal } = {}) => abortable(signal, (resolve) => setTimeout(() => resolve(value), ms));
  return {
    setTimeout: after,
    setImmediate: (value, { signal } = {}) => abortable(signal, (resolve) => setImmediate(() => resolve(value))),
    setInterval: (ms, value, options) => repeated(() => after(ms, value, options)),
    scheduler: { wait: (ms, options) => after(ms, undefined, options), yield: () => after(0) },
  };
}

/**
 * What an async generator would be that yields what start gives for ever; our own engine, which checks this file, has none.
 * @param {function(): Promise} start
 */
function repeated(start) {
  let over = false;
  const end = (value) => ({ value, done: true });
  return {
    [Symbol.asyncIterator]() { return this; },
    async next() {
      if (over) return end();
      try {
        return { value: await start(), done: false };
      } catch (err) {
        over = true;
        throw err;
      }
    },
    async return(value) { over = true; return end(value); },
  };
}

/** An error that says that the task has no such permission, as our own engine's does. */
function accessDenied(needs, what, flags) {
  const err = coded(Error, 'ERR_ACCESS_DENIED', `Requires ${needs} access to ${what}: engine 'node' gives none; use engine 'goja' on a worker that was started with ${flags}`);
  return err;
}

/**
 * @param {object} host what node_pool.js gives to a task
 * @returns {function(string): *} require as a task has it
 */
exports.makeRequire = function makeRequire(host) {
  const { given, timers, console } = host;
  const own = {
    timers: () => ({ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, promises: timersPromises(timers) }),
    'timers/promises': () => timersPromises(timers),
    console: () => console,
    supercluster: () => ({ task: globalThis.task, worker: globalThis.worker }),
    nnet: () => own.supercluster(),
  };
  return function require(id) {
    if (typeof id !== 'string') throw wrongType('id', 'of type string', id);
    const name = id.replace(/^node:/, '').replace(/^sc:/, '');
    if (Object.hasOwn(own, name)) return own[name]();
    if (given.modules.includes(name)) return host.module(name);
    if (Object.hasOwn(given.denied, name)) {
      const [needs, flags] = given.denied[name];
      throw accessDenied(needs, `use the module "${name}"`, flags);
    }
    throw coded(Error, 'MODULE_NOT_FOUND', `Cannot find module '${id}': a task may require ${[...given.modules, 'console', 'timers', 'timers/promises'].sort().join(', ')} and supercluster`);
  };
};

/** @param {function(): object} task makes the task's object */
exports.installRealmGlobals = function installRealmGlobals(host, task) {
  const { given, timers } = host;
  lazily(given.lazyGlobals, (name) => host.global(name));
  define('global', globalThis);
  define('console', host.console);
  define('setTimeout', timers.setTimeout);
  define('setInterval', timers.setInterval);
  define('setImmediate', timers.setImmediate);
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) define(name, timers.clear);
  define('structuredClone', structuredClone);
  define('fetch', async () => { throw accessDenied('net', 'fetch', '--allow-net'); });
  lazily(['task'], task);
  lazily(['worker'], () => task().worker);
  lazily(['require'], () => host.require);
  lazily(['__import'], () => host.importing);
  for (const name of ['prelude_esbuild', 'prelude_decorators']) {
    const helpers = require(name);
    lazily(Object.keys(helpers).filter((key) => !(key in globalThis)), (key) => helpers[key]);
  }
  knowErrors(given.errors);
  Error.stackTraceLimit = 10;
};
