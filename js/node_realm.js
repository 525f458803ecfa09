// Runs one task, in a context that was made for it: decodes it, calls its function, and gives what comes of that to the
// process around it (node_pool.js). All that a task sees of the language's is of this context.
'use strict';

const { types } = require('node:util');
const { encode } = require('node_encode');
const { decode } = require('node_decode');
const { Functions, splitEnv } = require('node_decode_function');
const { coded, isErrorLike } = require('node_message');
const { makeRealmTask } = require('node_realm_task');
const { installRealmGlobals, makeRequire } = require('node_realm_globals');

const GENERATOR = 'the function is a generator: its values are not sent one by one; return [...generator()] from an ordinary function';
const ASYNC_GENERATOR = 'the function is an async generator: its values are not sent one by one; collect them and return an array';

/** An error of ours, with no place in the task's code. */
function plain(Class, code, message) {
  const err = coded(Class, code, message);
  err.stack = undefined;
  return err;
}

/** What a value is, in words that run no code of it. */
function textOf(v) {
  if (typeof v === 'symbol') return v.toString();
  if (typeof v === 'function') return '#<Function>';
  return Object(v) === v ? `#<${Object.prototype.toString.call(v).slice(8, -1)}>` : String(v);
}

/** What was thrown as an Error that can travel. */
function errorOf(thrown) {
  if (types.isNativeError(thrown)) {
    if (thrown instanceof RangeError && thrown.message === 'Maximum call stack size exceeded' && !Object.hasOwn(thrown, 'code')) {
      thrown.code = 'ERR_TASK_STACK';
    }
    return thrown;
  }
  if (isErrorLike(thrown)) { // such as a DOMException
    const err = new Error(thrown.message);
    for (const key of ['name', 'stack']) Object.defineProperty(err, key, { value: thrown[key], writable: true, configurable: true });
    return Object.assign(err, thrown);
  }
  const err = plain(Error, 'ERR_TASK_THROWN', textOf(thrown));
  Object.defineProperty(err, 'cause', { value: thrown, configurable: true, writable: true });
  return err;
}

/** Explains what surely is a mistake to return. */
function cannotReturn(v) {
  if (Object(v) !== v || types.isProxy(v)) return '';
  if (types.isGeneratorObject(v)) return v[Symbol.toStringTag] === 'AsyncGenerator' ? ASYNC_GENERATOR : GENERATOR;
  return '';
}

/** Runs once what the task will need, so that it is compiled and linked before there is a task that waits. */
function rehearse() {
  const args = encode([1, 'x', [2], { y: 1.5 }], { path: 'args' });
  splitEnv(decode(encode([new Uint8Array(args)]))[0]);
  decode(args, { functions: undefined });
  encode(undefined, { path: 'result' });
}

class Realm {
  #host; #job; #fn; #args; #task;
  #items; // of a task that calls its function for each element
  #results = []; // of the calls, as far as there are; undefined for those that failed
  #failures = new Map(); // the errors of these, by their place
  #calling = false;
  #over = false;

  constructor(host) {
    this.#host = host;
    this.#host.require = makeRequire(host);
    installRealmGlobals(host, () => this.#made());
    rehearse();
  }

  /** The task's object, made when something asks for it. */
  #made() {
    this.#task ??= makeRealmTask(this.#job, this.#host);
    return this.#task;
  }

  /** Decodes the task and makes the first call. */
  start(job) {
    this.#job = job;
    const functions = new Functions(this.#host.require);
    this.#host.importing = functions.importing(functions.require);
    let phase = ['ERR_TASK_SYNTAX', SyntaxError];
    try {
      const { env, args } = splitEnv(job.args);
      this.#fn = functions.make(job.code, env);
      phase = ['ERR_TASK_ARGS', TypeError];
      this.#args = args.length > 0 ? decode(args, { functions }) : [];
      if (job.each) this.#items = this.#elements();
    } catch (err) {
      const ours = err.code === 'ERR_VALUE_FORMAT' || (err instanceof SyntaxError && phase[1] === SyntaxError);
      this.#fail(ours ? plain(phase[1], phase[0], err.message) : err);
      return;
    }
    if (this.#items) this.#next();
    else this.#call(this.#args);
  }

  #elements() {
    if (!Array.isArray(this.#args[0])) throw plain(TypeError, 'ERR_TASK_ARGS', 'the first argument is no array to go through');
    return Array.from(this.#args[0]);
  }

  #next() {
    if (this.#results.length === this.#items.length) {
      this.#finish(this.#dealt());
      return;
    }
    this.#host.timers.setImmediate(() => this.#call([this.#items[this.#results.length], ...this.#args.slice(1)]));
  }

  /** Calls the function; what comes of it counts when the turn is over, as a rejection that nobody handled comes first. */
  #call(args) {
    this.#calling = true;
    let later = (ok, v) => this.#host.timers.setImmediate(() => this.#settle(ok, v));
    const settleLater = (ok, v) => {
      const f = later;
      later = () => {};
      f(ok, v);
    };
    let v;
    let then;
    try {
      v = this.#fn.apply(undefined, args);
      const why = cannotReturn(v);
      if (why) throw plain(TypeError, 'ERR_TASK_RESULT', why);
      then = Object(v) === v ? v.then : undefined;
    } catch (err) {
      this.#settle(false, err);
      return;
    }
    if (typeof then !== 'function') settleLater(true, v);
    else new Promise((resolve) => { resolve(v); }).then((value) => settleLater(true, value), (err) => settleLater(false, err));
  }

  /** Is told what came of the call, or of the item that is under way. */
  #settle(ok, v) {
    if (this.#over) return;
    if (!this.#items) {
      if (ok) this.#finish(v);
      else this.#fail(v);
      return;
    }
    const value = ok ? v : errorOf(v);
    if (!this.#calling) { // left behind by an item: the last one answers for it
      const last = this.#results.length - 1;
      if (last >= 0 && !ok) {
        this.#results[last] = undefined;
        this.#failures.set(last, value);
      }
      return;
    }
    this.#calling = false;
    if (!ok) this.#failures.set(this.#results.length, value);
    this.#results.push(ok ? value : undefined);
    this.#next();
  }

  #end(what, bytes) {
    this.#over = true;
    this.#host.finish(what, new Uint8Array(bytes));
  }

  #finish(v) {
    try {
      this.#end('result', encode(v, { path: 'result' }));
    } catch (err) {
      if (err.code !== 'ERR_VALUE') this.#fail(err);
      else if (this.#items) this.#end('result', this.#sendable());
      else this.#fail(plain(TypeError, 'ERR_TASK_RESULT', err.message));
    }
  }

  /** What the calls gave, as vm.ReadEach has it. */
  #dealt() { return [this.#results, [...this.#failures].sort(([a], [b]) => a - b)]; }

  /** Puts an error in the place of each result that cannot be sent. */
  #sendable() {
    this.#results.forEach((value, i) => {
      try { encode(this.#failures.get(i) ?? value, { path: `result[${i}]` }); } catch (err) {
        this.#results[i] = undefined;
        this.#failures.set(i, plain(TypeError, 'ERR_TASK_RESULT', err.message));
      }
    });
    return encode(this.#dealt(), { path: 'result' });
  }

  #fail(thrown) {
    let bytes;
    try { bytes = encode(errorOf(thrown), { path: 'error' }); } catch (err) {
      bytes = encode(plain(Error, 'ERR_TASK_THROWN', `the task threw something that cannot be sent: ${err.message}`), { path: 'error' });
    }
    this.#end('error', bytes);
  }

  /** Something that nobody caught. */
  uncaught(thrown) { this.#settle(false, thrown); }

  /** Nothing is left that could settle the promise. */
  unsettled() {
    this.#settle(false, plain(Error, 'ERR_TASK_UNSETTLED', 'the promise that the function returned can never settle: nothing is pending'));
  }

  /** The task is to end. */
  abort(reason) { if (this.#host.abort) this.#host.abort(reason); }
}

module.exports = (host) => new Realm(host);
