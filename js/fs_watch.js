/** fs.watch: events of the system about a file or a folder. */
const EventEmitter = require('events');
const { Buffer } = require('buffer');
const { codes, AbortError } = require('errors');
const { pathOf, optionsOf } = require('fs_args');
const { validateBoolean, validateAbortSignal, validateFunction } = require('validators');

/** Options of watch, checked. */
function settingsOf(options) {
  const settings = { persistent: true, recursive: false, ...optionsOf(options, { encoding: 'utf8' }) };
  validateBoolean(settings.recursive, 'options.recursive');
  if (settings.signal !== undefined) validateAbortSignal(settings.signal, 'options.signal');
  return settings;
}

function named(name, encoding) {
  if (encoding === 'utf8' || encoding === undefined || encoding === null) return name;
  return encoding === 'buffer' ? Buffer.from(name) : Buffer.from(name).toString(encoding);
}

function failure([errno, code, text], path) {
  const err = new Error(`${code}: ${text}, watch '${path}'`);
  return Object.assign(err, { errno, syscall: 'watch', code, path, filename: path });
}

class FSWatcher extends EventEmitter {
  #handle;

  #path;

  constructor(path, settings) {
    super();
    if (binding === undefined) throw new codes.ERR_METHOD_NOT_IMPLEMENTED('fs.watch (not for tasks)');
    this.#path = path;
    const { encoding, persistent, recursive } = settings;
    const started = binding.start({
      onevent: (type, name) => { if (this.#handle !== null) this.emit('change', type, named(name, encoding)); },
      onfault: (fault) => {
        if (this.#handle === null) return;
        this.#stop();
        this.emit('error', failure(fault, this.#path));
      },
    }, path, recursive);
    if (typeof started !== 'number') throw failure(started, path);
    this.#handle = started;
    if (!persistent) this.unref();
  }

  #stop() {
    const handle = this.#handle;
    this.#handle = null;
    binding.close(handle);
  }

  /** Ends it; to do so again is no error. */
  close() {
    if (this.#handle === null) return;
    this.#stop();
    process.nextTick(() => this.emit('close'));
  }

  ref() {
    if (this.#handle !== null) binding.ref(this.#handle, true);
    return this;
  }

  unref() {
    if (this.#handle !== null) binding.ref(this.#handle, false);
    return this;
  }

  start() {}
}

function watch(filename, options, listener) {
  const callback = typeof options === 'function' ? options : listener;
  const path = pathOf(filename);
  const settings = settingsOf(options);
  if (callback !== undefined) validateFunction(callback, 'listener');
  const { signal } = settings;
  const watcher = new FSWatcher(path, settings);
  if (callback !== undefined) watcher.on('change', callback);
  if (signal) {
    const stop = () => watcher.close();
    if (signal.aborted) process.nextTick(stop);
    else {
      signal.addEventListener('abort', stop, { once: true });
      watcher.once('close', () => signal.removeEventListener('abort', stop));
    }
  }
  return watcher;
}

/** fs.promises.watch: an async iterator of {eventType, filename}. */
function watchAsync(filename, options = {}) {
  if (options !== undefined && options !== null && typeof options !== 'string') require('validators').validateObject(options, 'options');
  const path = pathOf(filename);
  const settings = settingsOf(typeof options === 'object' && options !== null ? { ...options, signal: undefined } : options);
  const signal = options && options.signal;
  if (signal !== undefined && signal !== null) validateAbortSignal(signal, 'options.signal');
  const waiting = [];
  let watcher = null;
  let wake = () => {};
  let failed;
  const aborted = () => new AbortError(undefined, { cause: signal.reason });
  const abort = () => {
    failed = aborted();
    wake();
  };
  const start = () => {
    if (signal && signal.aborted) throw aborted();
    watcher = new FSWatcher(path, settings);
    watcher.on('change', (eventType, name) => {
      waiting.push({ eventType, filename: name });
      wake();
    });
    watcher.on('error', (err) => {
      failed = err;
      wake();
    });
    if (signal) signal.addEventListener('abort', abort, { once: true });
  };
  const end = () => {
    if (watcher !== null) watcher.close();
    if (signal) signal.removeEventListener('abort', abort);
  };
  return require('stream_iterate').serial({
    async next() {
      if (watcher === null) start();
      while (waiting.length === 0) {
        if (failed) {
          end();
          throw failed;
        }
        await new Promise((resolve) => { wake = resolve; });
      }
      return { value: waiting.shift(), done: false };
    },
    async end() { end(); },
  });
}

module.exports = { FSWatcher, watch, watchAsync };
