/** Operations of fs on one path or two. */
const { pathOf, modeOf, optionsOf, encoded, secondsOf } = require('fs_args');
const { codes } = require('errors');
const { statsOf, statFsOf } = require('fs_stats');
const { validateInteger } = require('validators');

function checkIds(uid, gid) {
  validateInteger(uid, 'uid', -1, 4294967295);
  validateInteger(gid, 'gid', -1, 4294967295);
}

module.exports = {
  * stat(path, options) { return statsOf(yield ['stat', pathOf(path)], optionsOf(options, {})); },
  * lstat(path, options) { return statsOf(yield ['lstat', pathOf(path)], optionsOf(options, {})); },

  * access(path, mode) {
    const wanted = mode === undefined || typeof mode === 'function' ? 0 : mode;
    validateInteger(wanted, 'mode', 0, 7);
    yield ['access', pathOf(path), wanted];
  },

  * rename(oldPath, newPath) { yield ['rename', pathOf(oldPath, 'oldPath'), pathOf(newPath, 'newPath')]; },

  * copyFile(src, dest, mode = 0) {
    validateInteger(mode, 'mode', 0, 7);
    yield ['copyfile', pathOf(src, 'src'), pathOf(dest, 'dest'), mode];
  },

  * unlink(path) { yield ['unlink', pathOf(path)]; },

  * realpath(path, options) {
    const { encoding } = optionsOf(options, {});
    return encoded(yield ['realpath', pathOf(path)], encoding);
  },

  * readlink(path, options) {
    const { encoding } = optionsOf(options, {});
    return encoded(yield ['readlink', pathOf(path)], encoding);
  },

  * symlink(target, path, type) {
    if (type !== undefined && type !== null && !['dir', 'file', 'junction'].includes(type)) {
      throw new codes.ERR_INVALID_ARG_VALUE('type', type, "must be one of 'dir', 'file' or 'junction'");
    }
    yield ['symlink', pathOf(target, 'target'), pathOf(path)];
  },

  * statfs(path, options) {
    const { bigint } = optionsOf(options, {});
    return statFsOf(yield ['statfs', pathOf(path)], bigint);
  },

  * link(existingPath, newPath) { yield ['link', pathOf(existingPath, 'existingPath'), pathOf(newPath, 'newPath')]; },
  * chmod(path, mode) { yield ['chmod', pathOf(path), modeOf(mode)]; },

  * chown(path, uid, gid) {
    const name = pathOf(path);
    checkIds(uid, gid);
    yield ['chown', name, uid, gid];
  },

  * lchown(path, uid, gid) {
    const name = pathOf(path);
    checkIds(uid, gid);
    yield ['lchown', name, uid, gid];
  },

  * utimes(path, atime, mtime) { yield ['utime', pathOf(path), secondsOf(atime), secondsOf(mtime)]; },
  * lutimes(path, atime, mtime) { yield ['lutime', pathOf(path), secondsOf(atime), secondsOf(mtime)]; },
};
