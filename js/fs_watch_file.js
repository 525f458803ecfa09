/** fs.watchFile: looks at a file from time to time. Intervals are milliseconds. */
const EventEmitter = require('events');
const { resolve } = require('path');
const { pathOf } = require('fs_args');
const { validateFunction, validateUint32 } = require('validators');
const { runAsync } = require('fs_run');
const operations = require('fs_ops');
const { statsOf } = require('fs_stats');

const INTERVAL = 5007; // node's own default
const watchers = new Map(); // by absolute path

/** What stat says of a file that is not there. */
const nothing = (bigint) => statsOf(new Array(18).fill(0), { bigint });

const same = (a, b) => ['mtimeMs', 'ctimeMs', 'birthtimeMs', 'size', 'mode', 'uid', 'gid', 'ino', 'dev'].every((key) => a[key] === b[key]);

class StatWatcher extends EventEmitter {
  #path;

  #bigint;

  #interval;

  #timer = null;

  #last = null;

  #refd;

  #stopped = false;

  constructor(path, { bigint, interval, persistent }) {
    super();
    this.#path = path;
    this.#bigint = Boolean(bigint);
    this.#interval = Math.max(1, interval);
    this.#refd = persistent;
    this.#look();
  }

  async #look() {
    this.#timer = null;
    let now;
    try {
      now = await runAsync(operations.stat(this.#path, { bigint: this.#bigint }));
    } catch {
      now = nothing(this.#bigint);
    }
    if (this.#stopped) return;
    const before = this.#last;
    this.#last = now;
    this.#wait();
    if (before === null ? now.ino == 0 && now.mtimeMs == 0 : !same(before, now)) this.emit('change', now, before ?? now);
  }

  #wait() {
    this.#timer = setTimeout(() => this.#look(), this.#interval);
    if (!this.#refd) this.#timer.unref();
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    process.nextTick(() => this.emit('stop'));
  }

  ref() {
    this.#refd = true;
    this.#timer?.ref();
    return this;
  }

  unref() {
    this.#refd = false;
    this.#timer?.unref();
    return this;
  }
}

function watchFile(filename, options, listener) {
  const callback = typeof options === 'function' ? options : listener;
  const path = resolve(pathOf(filename));
  const settings = { interval: INTERVAL, persistent: true, ...(options !== null && typeof options === 'object' ? options : undefined) };
  validateFunction(callback, 'listener');
  validateUint32(settings.interval, 'interval');
  let watcher = watchers.get(path);
  if (watcher === undefined) {
    watcher = new StatWatcher(path, settings);
    watchers.set(path, watcher);
  }
  watcher.addListener('change', callback);
  return watcher;
}

function unwatchFile(filename, listener) {
  const path = resolve(pathOf(filename));
  const watcher = watchers.get(path);
  if (watcher === undefined) return;
  if (typeof listener === 'function') watcher.removeListener('change', listener);
  else watcher.removeAllListeners('change');
  if (watcher.listenerCount('change') > 0) return;
  watchers.delete(path);
  watcher.stop();
}

module.exports = { watchFile, unwatchFile, StatWatcher };
