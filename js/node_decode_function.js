// Makes functions of what node_decode.js finds: code by itself, or code with the values that it captured.
'use strict';

const { KIND, decodeFunction, compile, bind } = require('node_function');
const { Reader } = require('node_reader');

/** How deep functions may hold functions in what they capture. */
const MAX_FUNCTIONS = 100;

/** The exports of a module as import has them. */
function namespace(exports) {
  return Object(exports) === exports ? { ...exports, default: exports } : { default: exports };
}

/** Copies data properties without running a setter. */
function define(to, from) {
  for (const key of Object.keys(from)) {
    Object.defineProperty(to, key, { value: from[key], writable: true, enumerable: true, configurable: true });
  }
}

class Functions {
  #depth = 0;

  /** @param {function(string): *} require finds the modules that functions ask for */
  constructor(require) { this.require = require; }

  /** import() as functions have it, of a require. */
  importing(require) { return async (spec) => namespace(require(spec)); }

  /**
   * @param {Uint8Array} code what vm.Function.Encode gave
   * @param {?Uint8Array} env what it captures, if anything
   * @returns {Function}
   */
  make(code, env) {
    const f = decodeFunction(code);
    if (!env || env.length === 0) {
      if (f.names.length > 0) throw new TypeError('a function came without what it captures');
      return bind(f).fn;
    }
    if (++this.#depth > MAX_FUNCTIONS) throw new RangeError('functions nested too deep');
    try {
      const inner = new Captured(this, [f, ...f.parts]);
      const fn = require('node_decode').decode(env, { functions: inner });
      if (typeof fn !== 'function') throw new TypeError('what was sent is no function');
      return fn;
    } finally {
      this.#depth--;
    }
  }

  /** Reads a function among arguments; d is the decoder. */
  read(d, number, n) {
    const code = d.r.bin();
    const fn = this.make(code, n === 2 ? d.r.bin() : undefined);
    d.objects[number] = fn;
    return fn;
  }
}

/** Reads what one function captured, which refers to its parts by their place. */
class Captured {
  #outer; #parts; #bases = new Map(); #pending = new Map();

  constructor(outer, parts) {
    this.#outer = outer;
    this.#parts = parts;
  }

  read(d, number, n) {
    if (d.r.peek() >= 0xc4 && d.r.peek() <= 0xc6) return this.#outer.read(d, number, n);
    const f = this.#parts[d.r.count()];
    if (!f) d.r.fail('a part of code that is not there');
    switch (f.kind) {
      case KIND.MODULE: case KIND.BUILTIN: case KIND.GLOBAL: return this.#known(d, number, f, n - 1);
      case KIND.REQUIRE: return this.#requiring(d, number, f, n - 1);
      case KIND.INSTANCE: return this.#instance(d, number, n - 1);
    }
    return this.#closure(d, number, f, n - 1);
  }

  // A function is there before what it captures, which may refer to it; a class, whose own code runs when it is made,
  // comes after that.
  #closure(d, number, f, n) {
    if (n !== f.names.length && n !== f.names.length + 3) d.r.fail('captures that are not those of the code');
    let made = f.kind === KIND.CLASS ? undefined : bind(f);
    if (made) d.objects[number] = made.fn;
    const args = [];
    const assign = () => { if (made && made.set) made.set(...args); };
    for (let i = 0; i < f.names.length; i++) {
      args.push(this.#captured(d, (v) => { args[i] = v; assign(); }));
    }
    if (!made) {
      made = bind(f, args);
      d.objects[number] = made.fn;
      for (const fix of this.#pending.get(number) ?? []) fix(made.fn);
    } else {
      assign();
    }
    if (n > f.names.length) this.#own(d, made.fn);
    return made.fn;
  }

  /** Reads a value. If it is a class that is still being made, fix gets it later. */
  #captured(d, fix) {
    const at = d.r.pos;
    const n = d.r.kindAt(at) === 11 && at + 6 <= d.r.b.length ? d.r.b.readUInt32BE(at + 2) : -1;
    if (n < 0 || d.objects[n] !== require('node_decode').UNMADE) return d.value();
    d.r.ext();
    this.#pending.set(n, [...this.#pending.get(n) ?? [], fix]);
    return undefined;
  }

  /** Reads what a function has beyond its code. */
  #own(d, fn) {
    const [props, proto, parent] = [d.value(), d.value(), d.value()];
    define(fn, props);
    if (Object(fn.prototype) !== fn.prototype) return;
    define(fn.prototype, proto);
    if (typeof parent === 'function') Object.setPrototypeOf(fn.prototype, parent.prototype);
  }

  /** Finds what f stands for, by the names of properties that follow. */
  #known(d, number, f, n) {
    let v = this.#base(f);
    for (; n > 0; n--) {
      const name = d.r.string();
      v = v[name];
      if (v === undefined) throw new TypeError(`there is no ${name} here`);
    }
    if (Object(v) === v) d.objects[number] = v;
    return v;
  }

  /** What a module exports, or the global object. A module runs once. */
  #base(f) {
    if (f.kind === KIND.GLOBAL) return globalThis;
    if (!this.#bases.has(f)) this.#bases.set(f, this.#load(f));
    return this.#bases.get(f);
  }

  #load(f) {
    if (f.kind === KIND.BUILTIN) {
      const v = this.#outer.require(f.source);
      return f.name === '' ? v : namespace(v);
    }
    const module = { exports: {} };
    compile(f).runInThisContext().call(module.exports, module.exports, this.#outer.require, module);
    return module.exports;
  }

  /** A require that knows the modules that follow, but asks the package first: it has them as they were installed. */
  #requiring(d, number, f, n) {
    if (n !== f.names.length) d.r.fail('captures that are not those of the code');
    const sent = new Map();
    const require = (spec) => {
      if (!sent.has(spec)) return this.#outer.require(spec);
      try { return this.#outer.require(spec); } catch (err) {
        if (err.code !== 'MODULE_NOT_FOUND') throw err;
      }
      return sent.get(spec);
    };
    d.objects[number] = f.name === '__import' ? this.#outer.importing(require) : require;
    for (const name of f.names) sent.set(name, d.value());
    return d.objects[number];
  }

  /** An object of a captured class. */
  #instance(d, number, n) {
    if (n !== 2) d.r.fail('instance with too many parts');
    const o = {};
    d.objects[number] = o;
    const adopt = (v) => { if (typeof v === 'function') Object.setPrototypeOf(o, v.prototype); };
    adopt(this.#captured(d, adopt));
    return d.properties(o, true);
  }
}

/** Takes captured values and arguments apart, as vm.JoinEnv put them together. */
function splitEnv(bytes) {
  if (bytes.length === 0 || bytes[0] !== 0x82) return { env: undefined, args: bytes };
  const r = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  r.map();
  if (r.string() !== 'env') r.fail('captured variables that are not in the form of JoinEnv');
  const env = r.bin();
  if (r.string() !== 'args') r.fail('captured variables that are not in the form of JoinEnv');
  return { env, args: bytes.subarray(r.pos) };
}

exports.Functions = Functions;
exports.splitEnv = splitEnv;
