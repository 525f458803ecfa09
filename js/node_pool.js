// What runs in a warm node process: it makes a context for each task, ahead of need, gives the task to what runs in
// there (node_realm.js), and carries what that says to the worker.
'use strict';

const vm = require('node:vm');
const link = require('node_link');
const { cleanStack } = require('node_encode_error');
const { Timers } = require('node_timers');
const { Shared } = require('node_shared');
const { makeConsole } = require('node_console');
const given = require('node_given');

/** How many programs of functions are kept, so that what V8 made of them is used again. */
const MAX_PROGRAMS = 200;

const programs = new Map();

/** @returns {vm.Script} the program, perhaps one of earlier */
function compiled(source, options) {
  const key = `${options.filename}\n${options.lineOffset}\n${source}`;
  let script = programs.get(key);
  if (script) programs.delete(key);
  else script = new vm.Script(source, options);
  programs.set(key, script);
  if (programs.size > MAX_PROGRAMS) programs.delete(programs.keys().next().value);
  return script;
}

/**
 * A name for each of the language's own globals that a source mentions: a context looks up globals through handlers of
 * node's, which costs a loop ten times its time, and as parameters around the program they cost nothing.
 */
function mentioned(source, names) {
  const found = new Set();
  for (const [word] of source.matchAll(/[A-Za-z]\w*/g)) if (names.has(word)) found.add(word);
  return [...found];
}

/** vm.Script as the code that makes functions uses it, for programs that run in a context. */
function scriptFor(context, global, names) {
  return class Script {
    constructor(source, options) {
      this.names = mentioned(source, names);
      this.script = compiled(`(function(${this.names.join()}){return ${source}\n})`, options);
    }

    runInThisContext() {
      return this.script.runInContext(context).apply(global, this.names.map((name) => global[name]));
    }
  };
}

/** What no program may have as a parameter, or would not be faster for. */
const KEPT = new Set(['eval', 'undefined', 'globalThis', 'arguments']);

class Pool {
  #library; #shared; #socket;
  #next; // a realm for the next task
  #current; // the one that runs
  #names;

  /** @param {vm.Script} library what js.NodeLibrary gives */
  constructor(library) {
    this.#library = library;
    this.#names = new Set(Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]\w*$|^(parse|is|decode|encode)\w+$/.test(name) && !KEPT.has(name)));
    this.#shared = new Shared(given);
    this.#socket = link.listen((message) => this.#take(message));
    process.on('beforeExit', () => { if (this.#current) this.#current.realm.unsettled(); });
    process.on('uncaughtException', (err) => this.#uncaught(err));
    process.on('unhandledRejection', (reason) => this.#uncaught(reason));
    process.on('warning', () => {});
    this.#ready();
  }

  /** Makes what the next task needs and tells the worker that it may come. */
  #ready() {
    this.#next = this.#make();
    this.#socket.ref();
    link.send('ready');
  }

  #make() {
    const context = vm.createContext(Object.create(null), { name: 'task' });
    const global = vm.runInContext('globalThis', context);
    for (const name of given.globals) { // before anything is loaded there that takes them
      Object.defineProperty(global, name, { value: globalThis[name], writable: true, enumerable: false, configurable: true });
    }
    const own = { timers: new Timers(), posts: new Map(), run: 0, realm: undefined };
    const say = (what, ...rest) => { if (this.#current === own) link.send(what, own.run, ...rest); };
    const Script = scriptFor(context, global, this.#names);
    const withScript = (name) => (name === 'node:vm' ? { Script } : require(name));
    const load = this.#library.runInContext(context)(withScript, 'sc:node');
    own.realm = load('node_realm')({
      say,
      timers: own.timers,
      console: makeConsole((stream, text) => say('log', stream, cleanStack(text))),
      post: (...rest) => this.#post(own, say, rest),
      finish: (what, bytes) => this.#finish(own, what, bytes),
      given,
      global: (name) => globalThis[name],
      module: (name) => this.#module(name),
    });
    return own;
  }

  #take([what, ...rest]) {
    if (what === 'task') this.#begin(rest[0]);
    const own = this.#current;
    if (!own || rest[0] !== own.run) return;
    if (what === 'abort') own.realm.abort(rest[1]);
    if (what === 'posted') this.#posted(own, ...rest.slice(1));
  }

  #begin(job) {
    const own = this.#next;
    this.#next = undefined;
    this.#current = own;
    own.run = job.run;
    this.#socket.unref();
    own.realm.start(job);
  }

  /** One of node's modules, the same for all tasks: it is watched from then on. */
  #module(name) {
    const module = given.load(name);
    this.#shared.add(module);
    return module;
  }

  /** Sends a message to others, and returns a promise of what becomes of it. */
  #post(own, say, rest) {
    const n = own.posts.size === 0 ? 1 : Math.max(...own.posts.keys()) + 1;
    if (own.posts.size === 0) this.#socket.ref(); // the answer will come
    return new Promise((resolve, reject) => {
      own.posts.set(n, { resolve, reject });
      say('post', n, ...rest);
    });
  }

  #posted(own, n, code, message) {
    const waiting = own.posts.get(n);
    own.posts.delete(n);
    if (own.posts.size === 0) this.#socket.unref();
    if (message === '') waiting.resolve();
    else waiting.reject({ code, message });
  }

  /** Ends a task. What it left running is ended with it; if it changed what all tasks share, so is this process. */
  #finish(own, what, bytes) {
    if (this.#current !== own) return;
    own.timers.end();
    link.send(what, own.run, bytes);
    this.#current = undefined;
    this.#socket.ref();
    setImmediate(() => {
      if (!this.#shared.intact()) process.exit(0);
      this.#ready();
    });
  }

  #uncaught(thrown) {
    if (this.#current) {
      this.#current.realm.uncaught(thrown);
      return;
    }
    process.stderr.write(`${thrown && thrown.stack}\n`); // an earlier task left something behind, or a fault of ours
    process.exit(1);
  }
}

module.exports = { start: (library) => new Pool(library) };
