/** ChildProcess and spawn. */
const EventEmitter = require('events');
const native = require('child_native');
const { codes, AbortError } = require('errors');
const { errnoException } = require('system_error');
const { validateObject, validateString, validateAbortSignal } = require('validators');
const args = require('child_args');

function ChildProcess() {
  EventEmitter.call(this);
  this._closesNeeded = 1;
  this._closesGot = 0;
  this.connected = false;
  this.signalCode = null;
  this.exitCode = null;
  this.killed = false;
  this.spawnfile = null;
  this._handle = null;
}
Object.setPrototypeOf(ChildProcess.prototype, EventEmitter.prototype);
Object.setPrototypeOf(ChildProcess, EventEmitter);

function maybeClose(child) {
  child._closesGot += 1;
  if (child._closesGot === child._closesNeeded) child.emit('close', child.exitCode, child.signalCode);
}

/** What does not arrive as an exception but as an 'error' event. */
const LATE = ['EACCES', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOENT'];

function spawnError(child, fault) {
  const err = errnoException(fault, `spawn ${child.spawnfile}`);
  err.message = `spawn ${child.spawnfile} ${fault[1]}`;
  err.path = child.spawnfile;
  err.spawnargs = child.spawnargs.slice(1);
  return err;
}

function exited(child, code, signal) {
  child.signalCode = signal;
  child.exitCode = code;
  if (child.stdin) child.stdin.destroy();
  child._handle = null;
  child.emit('exit', code, signal);
  // What the child printed and nobody reads must not keep 'close' from coming.
  process.nextTick(() => {
    for (const stream of child.stdio || []) {
      if (stream && stream.readable && !stream._readableState.readableListening && !stream.destroyed && stream._readableState.flowing === null && stream !== child.stdin) stream.resume();
    }
  });
  maybeClose(child);
}

ChildProcess.prototype.spawn = function spawn(options) {
  validateObject(options, 'options');
  const { list, ipc } = args.stdioOf(options.stdio, false);
  validateString(options.file, 'options.file');
  this.spawnfile = options.file;
  this.spawnargs = options.args === undefined ? [] : options.args;
  if (options.args !== undefined && !Array.isArray(options.args)) throw new codes.ERR_INVALID_ARG_TYPE('options.args', 'Array', options.args);
  let env = options.envPairs;
  if (env !== undefined) require('validators').validateArray(env, 'options.envPairs');
  else env = [];
  if (ipc !== undefined) {
    if (!native.channels) throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('an IPC channel');
    if (options.serialization && options.serialization !== 'json') {
      throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`serialization '${options.serialization}'`);
    }
    env = [...env, `NODE_CHANNEL_FD=${ipc}`, 'NODE_CHANNEL_SERIALIZATION_MODE=json'];
  }
  for (const stream of [process.stdout, process.stderr]) if (stream && stream._flush) stream._flush();
  const owner = { onexit: (code, signal) => exited(this, code, signal) };
  const [id, pid, ends] = native.spawn(owner, {
    file: options.file, args: this.spawnargs, cwd: options.cwd, env, detached: Boolean(options.detached),
    uid: options.uid, gid: options.gid, stdio: list,
  });
  const fault = id === undefined ? pid : undefined;
  if (fault !== undefined && !LATE.includes(fault[1])) throw errnoException(fault, 'spawn');
  this.stdio = list.map((how, fd) => {
    if (how !== 'pipe') return null;
    const socket = fault === undefined ? pipe(ends[fd], fd) : deadPipe(fd);
    if (fd > 0) {
      this._closesNeeded += 1;
      socket.on('close', () => maybeClose(this));
    }
    return socket;
  });
  [this.stdin, this.stdout, this.stderr] = this.stdio;
  if (fault !== undefined) {
    this.pid = undefined;
    this._failed = true;
    process.nextTick(() => {
      this.exitCode = fault[0];
      if (this.stdin) this.stdin.destroy();
      this._handle = null;
      this.emit('error', spawnError(this, fault));
      maybeClose(this);
    });
    return fault[0];
  }
  this.pid = pid;
  this._handle = { id, pid, ref: () => native.ref(id, true), unref: () => native.ref(id, false), kill: (n) => native.kill(id, n) };
  process.nextTick(() => this.emit('spawn'));
  if (ipc !== undefined) {
    this._closesNeeded += 1; // all that the child sent comes before 'close'
    require('ipc_channel').setup(this, ends[ipc], () => maybeClose(this));
  }
  return 0;
};

/** The parent's end of a pipe as a socket, which reads or writes only. */
function pipe(id, fd) {
  const Socket = require('net_socket');
  return new Socket({ handle: id, readable: fd !== 0, writable: fd === 0 || fd > 2 });
}

/** Stands for a pipe to a child that did not start. */
function deadPipe(fd) {
  const Socket = require('net_socket');
  const socket = new Socket({ readable: fd !== 0, writable: fd === 0 || fd > 2 });
  process.nextTick(() => socket.destroy());
  return socket;
}

ChildProcess.prototype.kill = function kill(signal) {
  const number = signal === 0 ? 0 : args.signalNumber(signal === undefined || signal === null ? 'SIGTERM' : signal, 'signal');
  if (!this._handle) return false;
  const fault = this._handle.kill(number);
  if (fault === undefined) {
    this.killed = number !== 0 || this.killed;
    return true;
  }
  if (fault[1] === 'ESRCH') return false;
  if (fault[1] === 'EINVAL' || fault[1] === 'ENOSYS') throw errnoException(fault, 'kill');
  this.emit('error', errnoException(fault, 'kill'));
  return false;
};
ChildProcess.prototype[Symbol.dispose] = function dispose() { if (!this.killed) this.kill(); };
ChildProcess.prototype.ref = function ref() { if (this._handle) this._handle.ref(); };
ChildProcess.prototype.unref = function unref() { if (this._handle) this._handle.unref(); };

/** Kills the child once signal aborts. */
function obey(child, signal, killSignal) {
  const onAbort = () => {
    if (child._handle || child._failed) {
      try {
        if (child.kill(killSignal)) child.emit('error', new AbortError(undefined, { cause: signal.reason }));
        else if (child._failed) child.emit('error', new AbortError(undefined, { cause: signal.reason }));
      } catch (err) {
        child.emit('error', err);
      }
    }
  };
  if (signal.aborted) {
    process.nextTick(onAbort);
  } else {
    const handle = require('events').addAbortListener(signal, onAbort);
    child.once('exit', () => handle[Symbol.dispose]());
  }
}

function spawn(file, given, options) {
  const normal = args.normalize(file, given, options);
  args.checkTimeout(normal.timeout);
  validateAbortSignal(normal.signal, 'options.signal');
  const killSignal = normal.killSignal === undefined || normal.killSignal === null ? 'SIGTERM' : normal.killSignal;
  args.signalNumber(killSignal);
  const child = new ChildProcess();
  child.spawn(normal);
  if (normal.timeout > 0) {
    const timer = setTimeout(() => {
      try {
        child.kill(killSignal);
      } catch (err) {
        child.emit('error', err);
      }
    }, normal.timeout);
    child.once('exit', () => clearTimeout(timer));
  }
  if (normal.signal) obey(child, normal.signal, killSignal);
  return child;
}

module.exports = { ChildProcess, spawn };
