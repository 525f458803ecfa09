/**
 * The native half of fs in a task with permissions: each operation is a request to the worker. What is long travels
 * in parts, so that neither side holds more than one of them.
 */
const { ask, run, later, bytesOf, CHUNK } = require('prelude_ask');

function* read(fd, view, position) {
  const got = yield ['read', fd, Math.min(view.byteLength, CHUNK), position];
  bytesOf(view).set(got);
  return got.length;
}

function* write(fd, data, position) {
  const all = bytesOf(data);
  let done = 0;
  do {
    const at = position >= 0 ? position + done : -1;
    done += yield ['write', fd, all.subarray(done, done + CHUNK), at];
  } while (done < all.length);
  return done;
}

/** Calls body with the descriptor of file, which it opens and closes if it is a path. */
function* opened(file, flags, mode, body) {
  if (typeof file === 'number') return yield* body(file);
  const fd = yield ['open', file, flags, mode];
  let result;
  try {
    result = yield* body(fd);
  } catch (err) {
    yield ['close', fd];
    throw err;
  }
  yield ['close', fd];
  return result;
}

function* readFile(file, flags) {
  return yield* opened(file, flags, 0o666, function* contents(fd) {
    const parts = [];
    let size = 0;
    for (;;) {
      const part = yield ['read', fd, CHUNK, -1];
      if (part.length === 0) break;
      parts.push(part);
      size += part.length;
    }
    const all = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all.buffer;
  });
}

function* writeFile(file, data, flags, mode) {
  yield* opened(file, flags, mode, (fd) => write(fd, data, -1));
}

function* scandir(path) {
  const handle = yield ['opendir', path];
  const list = [];
  for (;;) {
    const part = yield ['nextdir', handle];
    if (part.length === 0) break;
    list.push(...part);
  }
  yield ['close', handle];
  return list;
}

/** Operations that are one request. */
function plain(name) {
  return function* request(...args) {
    const result = yield [name, ...args];
    return result === null ? undefined : result;
  };
}

const operations = { read, write, readFile, writeFile, scandir };
for (const name of ['open', 'close', 'stat', 'lstat', 'fstat', 'access', 'mkdir', 'mkdtemp', 'rmdir', 'unlink', 'rm', 'rename',
  'copyfile', 'realpath', 'readlink', 'symlink', 'link', 'chmod', 'fchmod', 'chown', 'lchown', 'fchown', 'utime', 'lutime',
  'futime', 'ftruncate', 'fsync']) operations[name] = plain(name);

const sync = {};
const async = {};
for (const [name, operation] of Object.entries(operations)) {
  sync[name] = (...args) => run(operation(...args));
  async[name] = (...args) => later(operation(...args));
}

const pairs = ask('constants');
const constants = {};
for (let i = 0; i < pairs.length; i += 2) constants[pairs[i]] = pairs[i + 1];

module.exports = { sync, async, constants };
