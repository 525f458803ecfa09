/** child_process in a task that may run programs. What they started ends with the task. */
const { ask, askLater, run, CHUNK } = require('prelude_ask');
const EventEmitter = require('events');
const { Buffer } = require('buffer');
const { codes } = require('errors');

const windows = process.platform === 'win32';

/** program, arguments and options of spawn(command[, args][, options]). */
function parse(command, args, options) {
  if (typeof command !== 'string' || command === '') throw new codes.ERR_INVALID_ARG_TYPE('file', 'string', command);
  const list = Array.isArray(args) ? args.map(String) : [];
  const given = (Array.isArray(args) || args === undefined || args === null ? options : args) ?? {};
  if (typeof given !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', given);
  if (!given.shell) return { file: command, args: list, options: given };
  const line = [command, ...list].join(' ');
  const shell = typeof given.shell === 'string' ? given.shell : windows ? 'cmd.exe' : '/bin/sh';
  return { file: shell, args: windows ? ['/d', '/s', '/c', line] : ['-c', line], options: given };
}

/** The request that starts a program. */
function request({ file, args, options }) {
  const env = Object.entries(options.env ?? process.env).filter(([, v]) => v !== undefined).map(([k, v]) => `${k}=${v}`);
  const cwd = options.cwd ? String(options.cwd.href ? require('url').fileURLToPath(options.cwd) : options.cwd) : '';
  return ['spawn', file, args, env, cwd];
}

function stdioOf({ stdio }) {
  const kinds = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  return [0, 1, 2].map((i) => kinds[i] ?? 'pipe');
}

class ChildProcess extends EventEmitter {
  constructor(call) {
    super();
    Object.assign(this, { spawnfile: call.file, spawnargs: [call.file, ...call.args], exitCode: null, signalCode: null, killed: false,
      connected: false, pid: undefined, stdin: null, stdout: null, stderr: null, stdio: [null, null, null] });
    let started;
    try {
      started = ask(...request(call));
    } catch (err) {
      if (err.code === 'ERR_ACCESS_DENIED' || err.code === 'ERR_INVALID_ARG_VALUE') throw err;
      err.spawnargs = call.args;
      process.nextTick(() => this.emit('error', err));
      return;
    }
    this.attach(started, call.options);
  }

  attach([handle, pid, ...streams], options) {
    const { reader, writer } = require('prelude_streams');
    this.pid = pid;
    this.handle = handle;
    Object.defineProperty(this, 'handle', { enumerable: false });
    const kinds = stdioOf(options);
    this.stdin = writer(streams[0], 'close');
    const outputs = [streams[1], streams[2]].map((h, i) => {
      const stream = reader(h);
      if (kinds[i + 1] === 'inherit') stream.on('data', (b) => process[i ? 'stderr' : 'stdout'].write(b.toString()));
      else if (kinds[i + 1] === 'ignore') stream.resume();
      else this[i ? 'stderr' : 'stdout'] = stream;
      return new Promise((resolve) => { stream.on('close', resolve); stream.on('error', () => {}); });
    });
    if (kinds[0] !== 'pipe') { this.stdin.end(); this.stdin = null; }
    this.stdio = [this.stdin, this.stdout, this.stderr];
    process.nextTick(() => this.emit('spawn'));
    this.watch(options);
    askLater('wait', handle).then(([code, signal]) => {
      this.exitCode = code;
      this.signalCode = signal;
      clearTimeout(this.timer);
      this.emit('exit', code, signal);
      // What the program printed and nobody reads must not keep 'close' from coming.
      process.nextTick(() => [this.stdout, this.stderr].forEach((s) => { if (s?.readableFlowing === null) s.resume(); }));
      return Promise.all(outputs).then(() => askLater('close', handle)).then(() => this.emit('close', code, signal));
    }).catch((err) => this.emit('error', err));
  }

  /** Heeds options timeout and signal. */
  watch({ timeout, killSignal = 'SIGTERM', signal }) {
    if (timeout > 0) this.timer = setTimeout(() => this.kill(killSignal), timeout);
    if (!signal) return;
    const abort = () => {
      this.kill(killSignal);
      const { AbortError } = require('errors');
      this.emit('error', new AbortError(undefined, { cause: signal.reason }));
    };
    if (signal.aborted) process.nextTick(abort);
    else signal.addEventListener('abort', abort, { once: true });
  }

  kill(signal = 'SIGTERM') {
    if (this.exitCode !== null || this.signalCode !== null || this.handle === undefined) return false;
    const name = typeof signal === 'number' ? { 0: 'SIGCONT', 2: 'SIGINT', 9: 'SIGKILL', 15: 'SIGTERM', 1: 'SIGHUP' }[signal] : signal;
    const sent = ask('kill', this.handle, name);
    this.killed ||= sent;
    return sent;
  }

  ref() {}

  unref() {}
}

const spawn = (command, args, options) => new ChildProcess(parse(command, args, options));

/** What exec and its like give the caller: the error, if any, and both outputs. */
function collect(child, call, callback) {
  const { encoding = 'utf8', maxBuffer = 1024 * 1024 } = call.options;
  const out = [[], []];
  let size = 0;
  let failure = null;
  [child.stdout, child.stderr].forEach((stream, i) => stream?.on('data', (chunk) => {
    size += chunk.length;
    out[i].push(chunk);
    if (size > maxBuffer && !failure) {
      failure = new codes.ERR_CHILD_PROCESS_STDIO_MAXBUFFER(i ? 'stderr' : 'stdout');
      child.kill('SIGKILL');
    }
  }));
  const done = (err) => {
    if (!callback) return;
    const texts = out.map((list) => (encoding === 'buffer' || encoding === null ? Buffer.concat(list) : Buffer.concat(list).toString(encoding)));
    const then = callback;
    callback = undefined;
    then(err, ...texts);
  };
  child.on('error', (err) => { failure ??= err; if (child.pid === undefined) done(err); });
  child.on('close', (code, signal) => {
    if (!failure && (code !== 0 || signal)) failure = failed(call, code, signal, Buffer.concat(out[1]).toString());
    done(failure);
  });
}

function failed(call, code, signal, stderr) {
  const cmd = call.options.shell ? call.args.at(-1) : [call.file, ...call.args].join(' ');
  return Object.assign(new Error(`Command failed: ${cmd}\n${stderr}`), { code, killed: signal !== null, signal, cmd });
}

function execFile(file, ...rest) {
  const callback = typeof rest.at(-1) === 'function' ? rest.pop() : undefined;
  const call = parse(file, ...rest);
  const child = new ChildProcess(call);
  collect(child, call, callback);
  return child;
}

function exec(command, ...rest) {
  const callback = typeof rest.at(-1) === 'function' ? rest.pop() : undefined;
  return execFile(command, [], { ...rest[0], shell: rest[0]?.shell ?? true }, callback);
}

for (const fn of [exec, execFile]) {
  Object.defineProperty(fn, Symbol.for('nodejs.util.promisify.custom'), { value: (...args) => {
    let child;
    const promise = new Promise((resolve, reject) => {
      child = fn(...args, (err, stdout, stderr) => (err ? reject(Object.assign(err, { stdout, stderr })) : resolve({ stdout, stderr })));
    });
    promise.child = child;
    return promise;
  } });
}

module.exports = { ChildProcess, spawn, exec, execFile, ...require('prelude_child_sync').make({ parse, request, run, failed, CHUNK }),
  fork() { throw Object.assign(new Error('a task cannot fork: run its work as further tasks'), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' }); } };
