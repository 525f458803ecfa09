/** The module "fs/promises". */
const { runAsync } = require('fs_run');
const operations = require('fs_ops');
const { constants } = require('fs_native');

const promises = {};

for (const name of ['access', 'appendFile', 'chmod', 'chown', 'copyFile', 'cp', 'lchown', 'link', 'lstat', 'lutimes',
  'mkdir', 'mkdtemp', 'opendir', 'readFile', 'readdir', 'readlink', 'realpath', 'rename', 'rm', 'rmdir', 'stat', 'statfs', 'symlink',
  'truncate', 'unlink', 'utimes', 'writeFile']) {
  promises[name] = { async [name](...args) {
    return runAsync(operations[name](...args));
  } }[name];
}

promises.open = async function open(path, flags = 'r', mode = 0o666) {
  const { FileHandle } = require('fs_handle');
  return new FileHandle(await runAsync(operations.open(path, flags, mode)));
};
/** Data may come in pieces, too: from anything that can be iterated. */
for (const name of ['writeFile', 'appendFile']) {
  const whole = promises[name];
  promises[name] = { async [name](file, data, options) {
    const pieces = data !== null && typeof data === 'object' && !ArrayBuffer.isView(data)
      && (typeof data[Symbol.asyncIterator] === 'function' || typeof data[Symbol.iterator] === 'function');
    return pieces ? putPieces(file, data, options, name === 'appendFile' ? 'a' : 'w') : whole(file, data, options);
  } }[name];
}

async function putPieces(file, data, given, otherwise) {
  const { obey, optionsOf } = require('fs_args');
  const options = optionsOf(given, { encoding: 'utf8', mode: 0o666, flag: otherwise });
  await runAsync(obey(options.signal));
  const opened = typeof file === 'object' && typeof file.fd === 'number' ? undefined : await promises.open(file, options.flag, options.mode);
  const handle = opened ?? file;
  try {
    await require('stream_iterate').each(data, async (piece) => {
      await runAsync(obey(options.signal));
      const bytes = ArrayBuffer.isView(piece) ? piece : require('buffer').Buffer.from(piece, options.encoding ?? 'utf8');
      for (let at = 0; at < bytes.byteLength;) at += (await handle.write(bytes, at, bytes.byteLength - at)).bytesWritten;
    });
  } finally {
    if (opened !== undefined) await opened.close();
  }
}

promises.mkdtempDisposable = async function mkdtempDisposable(prefix, options) {
  const path = await promises.mkdtemp(prefix, options);
  const full = require('path').resolve(path);
  const remove = async () => { await promises.rm(full, { recursive: true, force: true }); };
  return { path, remove, [Symbol.asyncDispose]: remove };
};
promises.watch = function watch(filename, options) { return require('fs_watch').watchAsync(filename, options); };
promises.constants = constants;

module.exports = promises;
