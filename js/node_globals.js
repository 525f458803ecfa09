// The globals that functions have in a task besides the language: the same as in the sandbox.
'use strict';

/** Defines globals of the names that are made when they are first asked for. */
function lazily(names, make) {
  for (const name of names) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        const value = make()[name];
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
        return value;
      },
      set(value) { Object.defineProperty(globalThis, name, { value, writable: true, configurable: true }); },
    });
  }
}

/**
 * @param {{task: object, require: Function, importing: Function}} given importing is import() in code that was lowered
 */
exports.installGlobals = function installGlobals({ task, require: packageRequire, importing }) {
  lazily(['task'], () => ({ task }));
  lazily(['worker'], () => ({ worker: task.worker }));
  lazily(['require'], () => ({ require: packageRequire }));
  lazily(['__import'], () => ({ __import: importing }));
  // What esbuild's lowered code calls; the names are those of the modules that have it.
  for (const name of ['prelude_esbuild', 'prelude_decorators']) {
    const helpers = require(name);
    lazily(Object.keys(helpers).filter((key) => !(key in globalThis)), () => helpers);
  }
};
