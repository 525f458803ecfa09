/**
 * The module "fs". Each operation is written once, as a generator in fs_ops_*.js that yields native operations
 * ([name, ...arguments]); run here as …Sync, with a callback, or for fs/promises as a promise.
 */
const { codes } = require('errors');
const { runSync, runAsync } = require('fs_run');
const operations = require('fs_ops');
const { constants } = require('fs_native');
const { Stats, BigIntStats, Dirent } = require('fs_stats');
const { argumentNames } = require('util_promisify');

const fs = {};

function callbackOf(callback, name = 'cb') {
  if (typeof callback !== 'function') throw new codes.ERR_INVALID_ARG_TYPE(name, 'Function', undefined);
  return callback;
}

/** Defines name with a callback and nameSync. spread turns the result into the callback's values. */
function define(name, operation, spread) {
  fs[name] = { [name](...args) {
    // These look at their arguments before they miss the callback.
    if (/^(?:read|write|f?truncate)$/.test(name) && typeof args.at(-1) !== 'function') operation(...args).next();
    const callback = callbackOf(args.pop(), name === 'opendir' ? 'callback' : 'cb');
    runAsync(operation(...args)).then(
      (value) => process.nextTick(callback, null, ...(spread ? spread(value) : value === undefined ? [] : [value])),
      (err) => process.nextTick(callback, err),
    );
  } }[name];
  fs[`${name}Sync`] = { [`${name}Sync`](...args) {
    return runSync(operation(...args));
  } }[`${name}Sync`];
}

for (const name of Object.keys(operations)) define(name, operations[name]);

define('read', operations.read, (r) => [r.bytesRead, r.buffer]);
define('write', operations.write, (r) => [r.bytesWritten, r.buffer]);
define('readv', operations.readv, (r) => [r.bytesRead, r.buffers]);
define('writev', operations.writev, (r) => [r.bytesWritten, r.buffers]);
for (const [name, names] of [['read', ['bytesRead', 'buffer']], ['write', ['bytesWritten', 'buffer']],
  ['readv', ['bytesRead', 'buffers']], ['writev', ['bytesWritten', 'buffers']]]) {
  Object.defineProperty(fs[name], argumentNames, { value: names });
  const { [`${name}Sync`]: sync } = fs;
  fs[`${name}Sync`] = { [`${name}Sync`]: (...args) => sync(...args)[names[0]] }[`${name}Sync`];
}

/** exists has a callback with one boolean and never an error. */
fs.exists = function exists(path, callback) {
  callbackOf(callback);
  let running;
  try {
    running = runAsync(operations.access(path));
  } catch {
    process.nextTick(callback, false);
    return;
  }
  running.then(() => process.nextTick(callback, true), () => process.nextTick(callback, false));
};
Object.defineProperty(fs.exists, Symbol.for('nodejs.util.promisify.custom'), {
  value: function exists(path) { return new Promise((resolve) => { fs.exists(path, resolve); }); },
});
let warned = false; // of a path that is none
fs.existsSync = function existsSync(path) {
  try {
    fs.accessSync(path);
    return true;
  } catch (err) {
    if (err.code === 'ERR_INVALID_ARG_TYPE' && !warned) {
      warned = true;
      process.emitWarning('Passing invalid argument types to fs.existsSync is deprecated', 'DeprecationWarning', 'DEP0187');
    }
    return false;
  }
};

/** A folder that removes itself: by remove(), or at the end of a block that has it by "using". */
fs.mkdtempDisposableSync = function mkdtempDisposableSync(prefix, options) {
  const path = fs.mkdtempSync(prefix, options);
  const full = require('path').resolve(path);
  const remove = () => { fs.rmSync(full, { recursive: true, force: true }); };
  return { path, remove, [Symbol.dispose]: remove };
};
fs._toUnixTimestamp = require('fs_args').secondsOf;

/** As node, a missing file may be an answer instead of an error. */
for (const name of ['stat', 'lstat']) {
  fs[`${name}Sync`] = { [`${name}Sync`](path, options) {
    try {
      return runSync(operations[name](path, options));
    } catch (err) {
      if (options && options.throwIfNoEntry === false && (err.code === 'ENOENT' || err.code === 'ENOTDIR')) return undefined;
      throw err;
    }
  } }[`${name}Sync`];
}

fs.realpath.native = fs.realpath;
fs.realpathSync.native = fs.realpathSync;

fs.createReadStream = function createReadStream(path, options) { return new fs.ReadStream(path, options); };
fs.createWriteStream = function createWriteStream(path, options) { return new fs.WriteStream(path, options); };

for (const [name, file] of [['watch', 'fs_watch'], ['watchFile', 'fs_watch_file'], ['unwatchFile', 'fs_watch_file']]) {
  fs[name] = { [name](...args) { return require(file)[name](...args); } }[name];
}

fs.openAsBlob = function openAsBlob() { throw new codes.ERR_METHOD_NOT_IMPLEMENTED('fs.openAsBlob (not available in sc yet)'); };

Object.assign(fs, {
  constants,
  Stats,
  BigIntStats,
  Dirent,
  F_OK: constants.F_OK,
  R_OK: constants.R_OK,
  W_OK: constants.W_OK,
  X_OK: constants.X_OK,
});
Object.defineProperty(fs, 'Dir', { enumerable: true, configurable: true, get: () => require('fs_dir').Dir });
Object.defineProperty(fs, 'promises', { enumerable: true, configurable: true, get: () => require('fs_promises') });

/** The classes of streams, which a script may replace by its own. */
for (const [name, real] of [['ReadStream', 'ReadStream'], ['WriteStream', 'WriteStream'], ['FileReadStream', 'ReadStream'], ['FileWriteStream', 'WriteStream']]) {
  Object.defineProperty(fs, name, {
    enumerable: true,
    configurable: true,
    get: () => require('fs_streams')[real],
    set(value) { Object.defineProperty(fs, name, { value, enumerable: true, configurable: true, writable: true }); },
  });
}

module.exports = fs;
