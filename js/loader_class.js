// What the class Module has beyond what every script needs: added when a script first asks for the module "module".
// The value of this file is a function of the class and of the loader's native functions.
(function (Module, host) {
  'use strict';
  const { defineProperty } = Object;

  /** An error with a code, of what this loader has not. */
  function absent(name, instead) {
    return { [name]() {
      const err = new Error(`module.${name} is not available in sc: ${instead}`);
      err.code = 'ERR_METHOD_NOT_IMPLEMENTED';
      throw err;
    } }[name];
  }

  Module.wrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];
  /** The text of a CommonJS module as the function that Node.js makes of it. */
  Module.wrap = (script) => Module.wrapper[0] + script + Module.wrapper[1];
  Module._stat = (file) => host.stat(file);
  Module._pathCache = { __proto__: null };
  Module.globalPaths = host.globalPaths();
  /** Reads NODE_PATH and the home folder of process.env anew. */
  Module._initPaths = function _initPaths() { Module.globalPaths = host.initPaths(); };
  Module._resolveLookupPaths = function _resolveLookupPaths(request, parent) {
    const paths = host.lookupPaths(request, parent);
    const relative = /^\.\.?([/\\]|$)/.test(request);
    return paths === null || relative || !parent ? paths : paths.concat(Module.globalPaths);
  };
  Module._findPath = function _findPath(request, paths) { return host.findPath(request, paths) ?? false; };
  Module._preloadModules = function _preloadModules(names) {
    if (!Array.isArray(names)) return;
    const parent = new Module('internal/preload', null);
    parent.paths = Module._nodeModulePaths(globalThis.process.cwd());
    parent.filename = `${globalThis.process.cwd()}/preload`;
    for (const name of names) parent.require(name);
  };
  Module.runMain = function runMain() { host.runMain(); };
  Module._debug = () => {};

  /** The package.json that a package's name, or a file, belongs to: its path, or undefined. */
  Module.findPackageJSON = function findPackageJSON(specifier, base) {
    const text = typeof specifier === 'object' && specifier !== null && 'href' in specifier ? specifier.href : specifier;
    const bound = typeof text !== 'string' || /^(file:|\/|[A-Za-z]:[/\\])/.test(text);
    if (base === undefined && !bound) {
      const err = new TypeError('The "base" argument must be specified');
      err.code = 'ERR_MISSING_ARGS';
      throw err;
    }
    return host.packageJSON(text, base);
  };

  // Hooks of the loader itself: it resolves and compiles in Go.
  Module.register = absent('register', 'hook Module._load, Module._resolveFilename or require.extensions instead');
  Module.registerHooks = absent('registerHooks', 'hook Module._load, Module._resolveFilename or require.extensions instead');
  Module.stripTypeScriptTypes = absent('stripTypeScriptTypes', 'import the TypeScript file itself');
  Module.enableCompileCache = () => ({ status: Module.constants.compileCacheStatus.DISABLED });
  Module.getCompileCacheDir = () => undefined;
  Module.flushCompileCache = () => {};
  Module.constants = Object.freeze({ __proto__: null,
    compileCacheStatus: Object.freeze({ __proto__: null, FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 }) });

  /** Stacks name the places of the source already, so no map of a loaded file is given out. */
  Module.findSourceMap = function findSourceMap() { return undefined; };
  let SourceMap;
  defineProperty(Module, 'SourceMap', {
    enumerable: true, configurable: true, get: () => (SourceMap ??= host.sourceMap()), set: (value) => { SourceMap = value; },
  });
})
