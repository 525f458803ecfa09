/** The FileHandle of fs/promises: an open file. */
const EventEmitter = require('events');
const { runAsync } = require('fs_run');
const operations = require('fs_ops');

/** What the system calls an operation, where that is another name. */
const SYSCALLS = { readFile: 'read', writeFile: 'write', appendFile: 'write', futimes: 'futime' };

class FileHandle extends EventEmitter {
  #fd;

  constructor(fd) {
    super();
    this.#fd = fd;
  }

  get fd() { return this.#fd; }

  /** Runs an operation on this file. */
  #run(name, ...args) {
    if (this.#fd < 0) throw Object.assign(new Error('file closed'), { code: 'EBADF', syscall: SYSCALLS[name] ?? name });
    return runAsync(operations[name](this.#fd, ...args));
  }

  async appendFile(data, options) { return this.#run('appendFile', data, options); }

  async chmod(mode) { return this.#run('fchmod', mode); }

  async chown(uid, gid) { return this.#run('fchown', uid, gid); }

  async datasync() { return this.#run('fdatasync'); }

  async read(...args) { return this.#run('read', ...args); }

  async readFile(options) { return this.#run('readFile', options); }

  async readv(buffers, position) { return this.#run('readv', buffers, position); }

  async stat(options) { return this.#run('fstat', options); }

  async sync() { return this.#run('fsync'); }

  async truncate(length) { return this.#run('ftruncate', length); }

  async utimes(atime, mtime) { return this.#run('futimes', atime, mtime); }

  async write(...args) { return this.#run('write', ...args); }

  async writeFile(data, options) { return this.#run('writeFile', data, options); }

  async writev(buffers, position) { return this.#run('writev', buffers, position); }

  createReadStream(options) {
    const { ReadStream } = require('fs_streams');
    return new ReadStream(undefined, { ...options, fd: this });
  }

  createWriteStream(options) {
    const { WriteStream } = require('fs_streams');
    return new WriteStream(undefined, { ...options, fd: this });
  }

  /** The lines of the file, as an async iterable with events. */
  readLines(options) {
    return require('readline').createInterface({ input: this.createReadStream(options), crlfDelay: Infinity });
  }

  async close() {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    await runAsync(operations.close(fd));
    this.emit('close');
  }

  async [Symbol.asyncDispose]() { return this.close(); }
}

module.exports = { FileHandle };
