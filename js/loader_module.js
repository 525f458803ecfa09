// The JavaScript half of the loader: the class Module, and the namespaces of ES modules.
// The value of this file is a function of the loader's native functions that returns what it calls back.
(function (host) {
  'use strict';
  const { create, defineProperty, getOwnPropertyDescriptor, keys, preventExtensions } = Object;
  const hasOwn = Function.prototype.call.bind(Object.prototype.hasOwnProperty);
  const { parse, stringify } = JSON;
  const { Set } = globalThis;

  /**
   * A CommonJS module as scripts see it.
   * @param {string} id the file's path, or '.' for the main module
   * @param {Module|undefined} parent the module that required it first
   */
  class Module {
    constructor(id = '', parent) {
      this.id = id;
      this.path = host.dirname(id);
      this.exports = {};
      // Node deprecates it; like there, it is no part of what console.log shows.
      defineProperty(this, 'parent', { value: parent, writable: true, configurable: true });
      this.filename = null;
      this.loaded = false;
      this.children = [];
      if (parent && parent.children) parent.children.push(this);
    }

    require(id) { return host.require(this, id); }

    /** Compiles and runs text as the CommonJS module filename; for hooks in require.extensions. */
    _compile(text, filename) { return host.compile(this, text, filename); }

    load(filename) { return host.load(this, filename); }
  }
  Module.Module = Module;
  // A getter, as Node's: so console.log shows a module as a plain object.
  defineProperty(Module.prototype, 'constructor', { get: () => Module, configurable: true });

  /** An empty namespace: no prototype, shown as [Module: null prototype]. */
  function namespace() {
    return defineProperty(create(null), Symbol.toStringTag, { value: 'Module' });
  }

  /** esbuild's __export: live bindings, each read through a getter. */
  function exportTo(target, all) {
    for (const name in all) define(target, name, all[name]);
  }

  function define(target, name, get) {
    defineProperty(target, name, { get, enumerable: true, configurable: true });
  }

  /** esbuild's __reExport: what `export * from` adds to a module that has no export of that name itself. */
  function reExport(target, from, second) {
    for (const name of keys(from)) {
      if (name === 'default') continue;
      const get = () => from[name];
      if (!hasOwn(target, name)) define(target, name, get);
      if (second && !hasOwn(second, name)) define(second, name, get);
    }
    return target;
  }

  /** esbuild's __toESM, which gets what the loader's require gave: a namespace already, unless the code brings its own helpers. */
  function toESM(mod) {
    return mod !== null && typeof mod === 'object' && hasOwn(mod, Symbol.toStringTag) ? mod : ofCommonJS(mod, true);
  }

  /**
   * The last step of an ES module's evaluation: names in order, nothing to be added or changed.
   * @param {object} ns
   * @param {string[]} fixed names whose values cannot change any more: plain properties are read faster than getters
   */
  function seal(ns, fixed) {
    const plain = new Set(fixed);
    for (const name of keys(ns).sort()) {
      const { get } = getOwnPropertyDescriptor(ns, name);
      delete ns[name];
      if (plain.has(name)) defineProperty(ns, name, { value: get(), enumerable: true });
      else defineProperty(ns, name, { get, enumerable: true });
    }
    preventExtensions(ns);
  }

  /**
   * The namespace of a module that is not an ES module: its exports as `default`, their properties by name.
   * @param {*} exports
   * @param {boolean} babel whether exports that were an ES module once, by their __esModule, give their own default
   * @param {boolean} live whether the module still runs, so that values are not final
   */
  function ofCommonJS(exports, babel, live) {
    const ns = namespace();
    const holder = exports !== null && (typeof exports === 'object' || typeof exports === 'function');
    const names = holder ? keys(exports) : [];
    if (holder && hasOwn(exports, '__esModule') && !names.includes('__esModule')) names.push('__esModule');
    if (!names.includes('default')) names.push('default');
    const own = babel && holder && exports.__esModule && hasOwn(exports, 'default');
    for (const name of names.sort()) {
      if (name === 'default' && !own) {
        defineProperty(ns, name, { value: exports, enumerable: true });
        continue;
      }
      const desc = getOwnPropertyDescriptor(exports, name);
      if (live || (desc && desc.get)) define(ns, name, () => exports[name]);
      else defineProperty(ns, name, { value: exports[name], enumerable: true });
    }
    return ns;
  }

  /** What require gives for an ES module: its namespace, marked for code that asks for __esModule if it has a default. */
  function forRequire(ns) {
    if (hasOwn(ns, 'module.exports')) return ns['module.exports'];
    if (!hasOwn(ns, 'default') || hasOwn(ns, '__esModule')) return ns;
    const marked = namespace();
    defineProperty(marked, '__esModule', { value: true, enumerable: true });
    for (const name of keys(ns)) define(marked, name, () => ns[name]);
    return marked;
  }

  /** What one ES module needs: its namespace and the functions that fill it. */
  function record() {
    const ns = namespace();
    const rec = {
      ns,
      toCommonJS(mod) {
        for (const name of keys(mod)) {
          if (name === '__body') rec.body = mod;
          else defineProperty(ns, name, getOwnPropertyDescriptor(mod, name));
        }
        return ns;
      },
      exports(all) { exportTo(ns, all); },
      body: undefined,
    };
    return rec;
  }

  /** An argument that any pattern of parameters can take apart, so that no default of theirs runs. */
  const anything = new Proxy({}, {
    get: (_, key) => (key === Symbol.iterator ? manyOf : key === Symbol.toPrimitive ? () => '' : anything),
    has: () => true,
  });

  function manyOf() {
    let n = 0;
    return { next: () => ({ value: anything, done: ++n > 100 }), return: () => ({ value: undefined, done: true }) };
  }

  return { anything, Module, exportTo, reExport, toESM, seal, ofCommonJS, forRequire, record, parse, stringify };
})
