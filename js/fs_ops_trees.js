/** Operations of fs on folders and what is in them. */
const { pathOf, modeOf, optionsOf, encoded } = require('fs_args');
const { Dirent } = require('fs_stats');
const { constants } = require('fs_native');
const { validateBoolean, validateUint32 } = require('validators');
const path = require('path');

const isDir = (numbers) => (numbers[1] & constants.S_IFMT) === constants.S_IFDIR;

/** [name, type] pairs of a folder, for a tree with the paths below it. */
function* list(dir, recursive) {
  const found = [];
  const queue = [''];
  while (queue.length > 0) {
    const below = queue.shift();
    const entries = yield ['scandir', below === '' ? dir : path.join(dir, below)];
    for (let i = 0; i < entries.length; i += 2) {
      const relative = below === '' ? entries[i] : path.join(below, entries[i]);
      found.push({ name: entries[i], relative, parent: below === '' ? dir : path.join(dir, below), type: entries[i + 1] });
      if (recursive && entries[i + 1] === constants.UV_DIRENT_DIR) queue.push(relative);
    }
  }
  return found;
}

/** The result of a native operation, undefined if what it was about is not there. */
function* attempt(name, target) {
  try {
    return yield [name, target];
  } catch (err) {
    if (err.code === 'ENOENT') return undefined;
    throw err;
  }
}

let warned = false; // of a prefix that ends with X

module.exports = {
  * readdir(dir, options) {
    const { encoding, withFileTypes, recursive } = optionsOf(options, { encoding: 'utf8' });
    if (recursive !== undefined && recursive !== null) validateBoolean(recursive, 'options.recursive');
    const name = pathOf(dir);
    const found = yield* list(name, recursive);
    if (withFileTypes) return found.map((e) => new Dirent(encoded(e.name, encoding), e.type, e.parent));
    return found.map((e) => encoded(e.relative, encoding));
  },

  * mkdir(dir, options) {
    let mode = 0o777;
    let recursive = false;
    if (typeof options === 'number' || typeof options === 'string') mode = modeOf(options, undefined, 'mode');
    else if (options) {
      if (options.recursive !== undefined) recursive = options.recursive;
      if (options.mode !== undefined) mode = modeOf(options.mode, undefined, 'options.mode');
    }
    const name = pathOf(dir);
    validateBoolean(recursive, 'options.recursive');
    return yield ['mkdir', name, mode, recursive];
  },

  * mkdtemp(prefix, options) {
    const { encoding } = optionsOf(options, {});
    const begin = pathOf(prefix, 'prefix');
    if (begin.endsWith('X') && !warned) {
      warned = true;
      process.emitWarning('mkdtemp() templates ending with X are not portable. For details see: https://nodejs.org/api/fs.html');
    }
    return encoded(yield ['mkdtemp', begin], encoding);
  },

  * rmdir(dir, options) {
    const name = pathOf(dir);
    if (options && options.recursive) yield ['rm', name];
    else yield ['rmdir', name];
  },

  * rm(target, options = {}) {
    const name = pathOf(target);
    const { recursive = false, force = false } = options || {};
    validateBoolean(recursive, 'options.recursive');
    validateBoolean(force, 'options.force');
    const found = force ? yield* attempt('lstat', name) : yield ['lstat', name];
    if (found === undefined) return;
    if (!isDir(found)) yield ['unlink', name];
    else if (recursive) yield ['rm', name];
    else throw require('fs_cp').systemError('ERR_FS_EISDIR', 'Path is a directory', { code: 'EISDIR', message: 'is a directory', path: name, syscall: 'rm', errno: 21 });
  },

  cp: (...args) => require('fs_cp').cp(...args),

  * opendir(dir, options) {
    const name = pathOf(dir);
    const { recursive, bufferSize = 32 } = optionsOf(options, {});
    validateUint32(bufferSize, 'options.bufferSize', true);
    const found = yield* list(name, recursive);
    const { Dir } = require('fs_dir');
    return new Dir(name, found.map((e) => new Dirent(e.name, e.type, e.parent)));
  },
};
