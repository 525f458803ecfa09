/** Worker: a thread with a loop and modules of its own. Its native half runs it and passes on what happens to it. */
const EventEmitter = require('events');
const { Readable, Writable } = require('stream');
const { Buffer } = require('buffer');
const { codes } = require('errors');
const messaging = require('messaging');
const native = require('thread_native');
const path = require('path');

const SHARE_ENV = Symbol.for('nodejs.worker_threads.SHARE_ENV');
const LIMITS = { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 2096, codeRangeSizeMb: 0, stackSizeMb: 4 };
/** Flags of node that a worker may have; they say nothing to this engine. */
const FLAGS = /^--(?:no-)?(?:abort-on-uncaught-exception|conditions|deprecation|disable-warning|enable-source-maps|experimental-[\w-]+|expose-internals|force-context-aware|frozen-intrinsics|heapsnapshot-signal|import|input-type|max-http-header-size|network-family-autoselection[\w-]*|pending-deprecation|permission|preserve-symlinks(?:-main)?|require|stack-trace-limit|test-[\w-]+|throw-deprecation|trace-[\w-]+|track-heap-objects|unhandled-rejections|verify-base-objects|warnings|addons|global-search-paths|strip-types|entry-url)(?:=.*)?$|^-[rC]$/;

/** The script as {file, text, title}: a path, or text with eval and data: URLs. */
function scriptOf(filename, evaluate) {
  if (evaluate) {
    if (typeof filename !== 'string') throw new codes.ERR_INVALID_ARG_VALUE('options.eval', evaluate, 'must be false when \'filename\' is not a string');
    return { file: '-', text: filename, title: '[worker eval]' };
  }
  const { isURL, fileURLToPath } = require('url');
  if (filename instanceof URL || (isURL && isURL(filename))) {
    if (filename.protocol === 'data:') return { file: '-', text: textOf(filename), title: filename.href };
    return { file: fileURLToPath(filename), text: '', title: '' };
  }
  if (typeof filename !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('filename', ['string', 'URL'], filename);
  if (path.isAbsolute(filename)) return { file: filename, text: '', title: '' };
  if (/^\.\.?[\\/]/.test(filename)) return { file: path.resolve(filename), text: '', title: '' };
  throw new codes.ERR_WORKER_PATH(filename);
}

function textOf(url) {
  const at = url.href.indexOf(',');
  const text = decodeURIComponent(url.href.slice(at + 1));
  return url.href.slice(0, at).endsWith(';base64') ? Buffer.from(text, 'base64').toString() : text;
}

/** The environment of the thread as "NAME=value". */
function environmentOf(env) {
  const from = env === undefined || env === null || env === SHARE_ENV ? process.env : env;
  return Object.keys(from).map((name) => `${name}=${from[name]}`);
}

function checkOptions(options) {
  if (options.argv !== undefined && !Array.isArray(options.argv)) throw new codes.ERR_INVALID_ARG_TYPE('options.argv', 'Array', options.argv);
  if (options.execArgv !== undefined && !Array.isArray(options.execArgv)) {
    throw new codes.ERR_INVALID_ARG_TYPE('options.execArgv', 'Array', options.execArgv);
  }
  const { env } = options;
  if (typeof env !== 'object' && env !== undefined && env !== SHARE_ENV) {
    throw new codes.ERR_INVALID_ARG_TYPE('options.env', ['object', 'undefined', 'worker_threads.SHARE_ENV'], env);
  }
  const wrong = (options.execArgv ?? []).filter((flag) => String(flag).startsWith('-') && !FLAGS.test(flag));
  if (wrong.length > 0) throw new codes.ERR_WORKER_INVALID_EXEC_ARGV(wrong);
  const nodeOptions = env?.NODE_OPTIONS;
  if (nodeOptions !== undefined && env !== SHARE_ENV && nodeOptions !== process.env.NODE_OPTIONS) {
    const bad = String(nodeOptions).split(/\s+/).filter((flag) => flag.startsWith('-') && !FLAGS.test(flag));
    if (bad.length > 0) throw new codes.ERR_WORKER_INVALID_EXEC_ARGV(bad, 'invalid NODE_OPTIONS env variable');
  }
  if (options.name !== undefined) require('validators').validateString(options.name, 'options.name');
}

function limitsOf(given) {
  const limits = { ...LIMITS };
  for (const name of Object.keys(LIMITS)) if (typeof given?.[name] === 'number' && given[name] > 0) limits[name] = given[name];
  return limits;
}

/** The stream of what the thread prints. */
const outputOf = () => new Readable({ read() {} });

class Worker extends EventEmitter {
  #half;
  #port;
  #exited;
  #code;
  #limits;

  constructor(filename, options = {}) {
    super();
    const chosen = options ?? {};
    checkOptions(chosen);
    const script = scriptOf(filename, chosen.eval);
    this.#limits = limitsOf(chosen.resourceLimits);
    require('worker_threads');
    const start = {
      ...script,
      argv: [script.file === '-' ? script.title : script.file, ...(chosen.argv ?? []).map(String)],
      execArgv: (chosen.execArgv ?? process.execArgv).map(String),
      env: environmentOf(chosen.env),
      share: chosen.env === SHARE_ENV,
      stdin: Boolean(chosen.stdin),
      name: chosen.name ?? 'WorkerThread',
      data: { workerData: chosen.workerData, environment: native.environment, limits: this.#limits },
      transfer: messaging.transferables(chosen.transferList),
    };
    this.stdout = outputOf();
    this.stderr = outputOf();
    const half = native.start(this.#events(), start);
    if (half === undefined) throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('worker_threads.Worker');
    this.#half = half;
    this.threadId = half.id;
    this.threadName = start.name;
    this.stdin = chosen.stdin ? input(half) : null;
    for (const name of ['stdout', 'stderr']) {
      if (chosen[name]) continue;
      const target = process[name];
      target.setMaxListeners?.(Math.max(target.getMaxListeners(), target.listenerCount('unpipe') + 20));
      this[name].pipe(target, { end: false });
    }
    this.#port = messaging.portOf(half.end);
    this.#port.on('message', (value) => this.emit('message', value));
    this.#port.on('messageerror', (error) => this.emit('messageerror', error));
    this.#port.unref();
    this.performance = { eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }) };
    const { channel } = require('diagnostics_channel');
    const made = channel('worker_threads');
    if (made.hasSubscribers) made.publish({ worker: this });
    process.nextTick(() => process.emit('worker', this));
  }

  #events() {
    return {
      online: () => this.emit('online'),
      out: (bytes) => this.stdout.push(Buffer.from(bytes)),
      err: (bytes) => this.stderr.push(Buffer.from(bytes)),
      failed: (error) => {
        this.#drain();
        this.emit('error', error);
      },
      exit: (code) => {
        this.#drain();
        this.#port.close();
        this.stdout.push(null);
        this.stderr.push(null);
        this.threadId = -1;
        this.threadName = null;
        this.#exited = true;
        this.#code = code;
        this.emit('exit', code);
      },
    };
  }

  /** What was sent before the end is heard before it. */
  #drain() {
    for (let got = messaging.receiveMessageOnPort(this.#port); got !== undefined; got = messaging.receiveMessageOnPort(this.#port)) {
      this.emit('message', got.message);
    }
  }

  get resourceLimits() { return this.#exited ? {} : { ...this.#limits }; }

  postMessage(...args) {
    if (!this.#exited) this.#port.postMessage(...args);
  }

  terminate(callback = undefined) {
    this.ref();
    if (typeof callback === 'function') {
      process.emitWarning('Passing a callback to worker.terminate() is deprecated. It returns a Promise instead.', 'DeprecationWarning', 'DEP0132');
      if (this.#exited) return Promise.resolve();
      this.once('exit', (code) => callback(null, code));
    }
    if (this.#exited) return Promise.resolve();
    this.#half.terminate();
    return new Promise((resolve) => { this.once('exit', resolve); });
  }

  async [Symbol.asyncDispose]() { await this.terminate(); }

  ref() { if (!this.#exited) this.#half.ref(true); }

  unref() { if (!this.#exited) this.#half.ref(false); }

  getHeapSnapshot(options = undefined) {
    if (options !== undefined) {
      const { validateObject, validateBoolean } = require('validators');
      validateObject(options, 'options');
      for (const name of ['exposeInternals', 'exposeNumericValues']) {
        if (options[name] !== undefined) validateBoolean(options[name], `options.${name}`);
      }
    }
    return Promise.reject(this.#exited ? new codes.ERR_WORKER_NOT_RUNNING() : new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('worker.getHeapSnapshot'));
  }

  getHeapStatistics() {
    return this.#exited ? Promise.reject(new codes.ERR_WORKER_NOT_RUNNING()) : Promise.resolve(require('v8').getHeapStatistics());
  }
}

/** The stdin of a thread. */
function input(half) {
  return new Writable({
    write(chunk, encoding, done) { half.write(chunk, done); },
    final(done) {
      half.close();
      done();
    },
  });
}

module.exports = { Worker };
