/** The module "fs/promises". */
const { runAsync } = require('fs_run');
const operations = require('fs_ops');
const { constants } = require('fs_native');

const promises = {};

for (const name of ['access', 'appendFile', 'chmod', 'chown', 'copyFile', 'cp', 'lchown', 'link', 'lstat', 'lutimes',
  'mkdir', 'mkdtemp', 'opendir', 'readFile', 'readdir', 'readlink', 'realpath', 'rename', 'rm', 'rmdir', 'stat', 'symlink',
  'truncate', 'unlink', 'utimes', 'writeFile']) {
  promises[name] = { async [name](...args) {
    return runAsync(operations[name](...args));
  } }[name];
}

promises.open = async function open(path, flags = 'r', mode = 0o666) {
  const { FileHandle } = require('fs_handle');
  return new FileHandle(await runAsync(operations.open(path, flags, mode)));
};
promises.watch = function watch(filename, options) { return require('fs_watch').watchAsync(filename, options); };
promises.constants = constants;

module.exports = promises;
