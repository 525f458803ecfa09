/** fs.cp: copies files, links and folders. Operations as in fs_ops.js; a filter may give a promise, which is yielded. */
const path = require('path');
const { codes, withCode } = require('errors');
const { constants } = require('fs_native');
const { pathOf } = require('fs_args');
const { validateBoolean, validateFunction, validateInteger, validateObject } = require('validators');

const typeOf = (numbers) => numbers[1] & constants.S_IFMT;
const isDir = (numbers) => typeOf(numbers) === constants.S_IFDIR;
const permissions = (numbers) => numbers[1] & 0o7777;
const seconds = (numbers, i) => numbers[10 + 2 * i] + numbers[11 + 2 * i] / 1e9;

/** Codes of what cannot be copied: what node's text begins with, and the error of the system that it stands for. */
const REFUSALS = {
  ERR_FS_CP_DIR_TO_NON_DIR: ['Cannot overwrite non-directory with directory', 'EISDIR', 21],
  ERR_FS_CP_EEXIST: ['Target already exists', 'EEXIST', 17],
  ERR_FS_CP_EINVAL: ['Invalid src or dest', 'EINVAL', 22],
  ERR_FS_CP_FIFO_PIPE: ['Cannot copy a FIFO pipe', 'EINVAL', 22],
  ERR_FS_CP_NON_DIR_TO_DIR: ['Cannot overwrite directory with non-directory', 'ENOTDIR', 20],
  ERR_FS_CP_SOCKET: ['Cannot copy a socket file', 'EINVAL', 22],
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY: ['Cannot overwrite symlink in subdirectory of self', 'EINVAL', 22],
  ERR_FS_CP_UNKNOWN: ['Cannot copy an unknown file type', 'EINVAL', 22],
  ERR_FS_EISDIR: ['Path is a directory', 'EISDIR', 22],
};

/** node's SystemError for rm and cp. */
function systemError(code, prefix, info) {
  const err = withCode(new Error(`${prefix}: ${info.syscall} returned ${info.code} (${info.message}) ${info.path}`), code);
  Object.defineProperty(err, 'name', { value: 'SystemError', configurable: true, writable: true });
  err.info = info;
  for (const key of ['errno', 'syscall', 'path']) Object.defineProperty(err, key, { value: info[key], enumerable: true, configurable: true, writable: true });
  return err;
}

function refuse(code, message, target) {
  const [prefix, name, errno] = REFUSALS[code];
  return systemError(code, prefix, { message, path: target, syscall: 'cp', errno, code: name });
}

function settingsOf(options) {
  if (options !== undefined) validateObject(options, 'options');
  const settings = {
    dereference: false, errorOnExist: false, filter: undefined, force: true, preserveTimestamps: false, recursive: false, verbatimSymlinks: false, mode: 0, ...options,
  };
  for (const name of ['dereference', 'errorOnExist', 'force', 'preserveTimestamps', 'recursive', 'verbatimSymlinks']) {
    validateBoolean(settings[name], `options.${name}`);
  }
  settings.mode ??= 0;
  validateInteger(settings.mode, 'mode', 0, 7);
  if (settings.dereference && settings.verbatimSymlinks) throw new codes.ERR_INCOMPATIBLE_OPTION_PAIR('dereference', 'verbatimSymlinks');
  if (settings.filter !== undefined) validateFunction(settings.filter, 'options.filter');
  return settings;
}

/** The numbers of stat, undefined for what is not there. */
function* look(name, target) {
  try {
    return yield [name, target];
  } catch (err) {
    if (err.code === 'ENOENT') return undefined;
    throw err;
  }
}

const same = (a, b) => a[7] === b[7] && a[0] === b[0] && a[7] !== 0; // ino and dev

/** Whether inner is folder or below it. */
function within(folder, inner) {
  const [a, b] = [folder, inner].map((p) => path.resolve(p).split(path.sep).filter(Boolean));
  return a.every((part, i) => b[i] === part);
}

/** What stands at both ends; undefined if the filter does not want it. */
function* check(src, dest, settings) {
  if (settings.filter) {
    let wanted = settings.filter(src, dest);
    if (wanted && typeof wanted.then === 'function') wanted = yield ['await', wanted];
    if (wanted && typeof wanted.then === 'function') throw new codes.ERR_INVALID_RETURN_VALUE('boolean', 'filter', wanted);
    if (!wanted) return undefined;
  }
  const name = settings.dereference ? 'stat' : 'lstat';
  const from = yield [name, src];
  const to = yield* look(name, dest);
  if (to !== undefined) {
    if (same(from, to)) throw refuse('ERR_FS_CP_EINVAL', 'src and dest cannot be the same', dest);
    if (isDir(from) && !isDir(to)) throw refuse('ERR_FS_CP_DIR_TO_NON_DIR', `cannot overwrite non-directory ${dest} with directory ${src}`, dest);
    if (!isDir(from) && isDir(to)) throw refuse('ERR_FS_CP_NON_DIR_TO_DIR', `cannot overwrite directory ${dest} with non-directory ${src}`, dest);
  }
  if (isDir(from) && within(src, dest)) throw refuse('ERR_FS_CP_EINVAL', `cannot copy ${src} to a subdirectory of self ${dest}`, dest);
  return [from, to];
}

/** No folder above dest may be src itself, reached by a link. */
function* checkParents(src, from, dest) {
  const [above, root] = [path.resolve(path.dirname(src)), path.parse(path.resolve(dest)).root];
  for (let parent = path.resolve(path.dirname(dest)); parent !== above && parent !== root; parent = path.dirname(parent)) {
    const there = yield* look('stat', parent);
    if (there !== undefined && same(from, there)) throw refuse('ERR_FS_CP_EINVAL', `cannot copy ${src} to a subdirectory of self ${dest}`, dest);
  }
}

function* copyFile(src, dest, from, to, settings) {
  if (to !== undefined) {
    if (settings.force) yield ['unlink', dest];
    else if (settings.errorOnExist) throw refuse('ERR_FS_CP_EEXIST', `${dest} already exists`, dest);
    else return;
  }
  yield ['copyfile', src, dest, settings.mode];
  if (settings.preserveTimestamps) {
    if ((permissions(from) & 0o200) === 0) yield ['chmod', dest, permissions(from) | 0o200];
    const now = yield ['stat', src];
    yield ['utime', dest, seconds(now, 0), seconds(now, 1)];
  }
  yield ['chmod', dest, permissions(from)];
}

function* copyLink(src, dest, to, settings) {
  const absolute = (link, of) => (path.isAbsolute(link) ? link : path.resolve(path.dirname(of), link));
  let target = yield ['readlink', src];
  if (!settings.verbatimSymlinks) target = absolute(target, src);
  if (to === undefined) {
    yield ['symlink', target, dest];
    return;
  }
  let old;
  try {
    old = absolute(yield ['readlink', dest], dest);
  } catch (err) {
    if (err.code !== 'EINVAL' && err.code !== 'UNKNOWN') throw err;
    yield ['symlink', target, dest]; // dest is no link: the system says so
    return;
  }
  const behind = yield* look('stat', src);
  if (behind !== undefined && isDir(behind)) {
    const full = absolute(target, src);
    if (within(full, old)) throw refuse('ERR_FS_CP_EINVAL', `cannot copy ${full} to a subdirectory of self ${old}`, dest);
    // To replace the link would take away what it leads to, and leave it broken.
    if (within(old, full)) throw refuse('ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY', `cannot overwrite ${old} with ${full}`, dest);
  }
  yield ['unlink', dest];
  yield ['symlink', target, dest];
}

function* copyFolder(src, dest, from, to, settings) {
  if (to === undefined) yield ['mkdir', dest, 0o777, false];
  const entries = yield ['scandir', src];
  for (let i = 0; i < entries.length; i += 2) {
    const [below, target] = [path.join(src, entries[i]), path.join(dest, entries[i])];
    const found = yield* check(below, target, settings);
    if (found !== undefined) yield* copy(below, target, found, settings);
  }
  if (to === undefined) yield ['chmod', dest, permissions(from)];
}

function* copy(src, dest, [from, to], settings) {
  switch (typeOf(from)) {
    case constants.S_IFDIR:
      if (!settings.recursive) throw refuse('ERR_FS_EISDIR', `${src} is a directory (not copied)`, src);
      yield* copyFolder(src, dest, from, to, settings);
      break;
    case constants.S_IFREG:
    case constants.S_IFCHR:
    case constants.S_IFBLK: yield* copyFile(src, dest, from, to, settings); break;
    case constants.S_IFLNK: yield* copyLink(src, dest, to, settings); break;
    case constants.S_IFSOCK: throw refuse('ERR_FS_CP_SOCKET', `cannot copy a socket file: ${dest}`, dest);
    case constants.S_IFIFO: throw refuse('ERR_FS_CP_FIFO_PIPE', `cannot copy a FIFO pipe: ${dest}`, dest);
    default: throw refuse('ERR_FS_CP_UNKNOWN', `cannot copy an unknown file type: ${dest}`, dest);
  }
}

/** cp(source, destination[, options]) */
function* cp(source, destination, options) {
  const settings = settingsOf(options);
  const [src, dest] = [pathOf(source, 'src'), pathOf(destination, 'dest')];
  const found = yield* check(src, dest, settings);
  if (found === undefined) return;
  yield* checkParents(src, found[0], dest);
  yield ['mkdir', path.dirname(dest), 0o777, true];
  yield* copy(src, dest, found, settings);
}

module.exports = { cp, systemError };
