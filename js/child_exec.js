/** exec and execFile: a child whose output comes as a whole. */
const { codes } = require('errors');
const { Buffer } = require('buffer');
const { validateObject, validateString } = require('validators');
const args = require('child_args');
const { spawn } = require('child_spawn');

function execFile(file, ...rest) {
  let list = [];
  let options;
  let callback;
  let pos = 0;
  if (Array.isArray(rest[pos])) list = rest[pos++];
  else if (rest[pos] === undefined || rest[pos] === null) pos += rest.length > 0 ? 1 : 0;
  if (pos < rest.length && typeof rest[pos] === 'object' && rest[pos] !== null) options = rest[pos++];
  else if (pos < rest.length && (rest[pos] === undefined || rest[pos] === null)) pos += 1;
  if (pos < rest.length && typeof rest[pos] === 'function') callback = rest[pos++];
  else if (pos < rest.length && rest[pos] !== undefined && rest[pos] !== null) {
    if (options !== undefined || typeof rest[pos] !== 'function') {
      if (options === undefined && list.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('args', rest[pos]);
      throw new codes.ERR_INVALID_ARG_TYPE('callback', 'Function', rest[pos]);
    }
  }
  if (options !== undefined) validateObject(options, 'options');
  const opts = { encoding: 'utf8', timeout: 0, maxBuffer: 1024 * 1024, killSignal: 'SIGTERM', cwd: null, env: null, shell: false, ...options };
  args.checkTimeout(opts.timeout);
  args.checkMaxBuffer(opts.maxBuffer);
  if (opts.killSignal !== undefined && opts.killSignal !== null) args.signalNumber(opts.killSignal);
  const child = spawn(file, list, {
    cwd: opts.cwd, env: opts.env, gid: opts.gid, shell: opts.shell, signal: opts.signal, uid: opts.uid, argv0: opts.argv0,
    windowsHide: Boolean(opts.windowsHide), windowsVerbatimArguments: Boolean(opts.windowsVerbatimArguments),
  });
  gather(child, opts, file, list, callback);
  return child;
}

/** Collects what child prints and tells callback how it went. */
function gather(child, opts, file, list, callback) {
  const encoding = opts.encoding && opts.encoding !== 'buffer' && Buffer.isEncoding(opts.encoding) ? opts.encoding : null;
  const out = { stdout: [], stderr: [] };
  const sizes = { stdout: 0, stderr: 0 };
  let killed = false;
  let exited = false;
  let timer;
  let failure = null;
  const command = list.length > 0 ? `${file} ${list.join(' ')}` : file;
  const value = (name) => {
    if (encoding || (child[name] && child[name].readableEncoding)) return out[name].join('');
    return Buffer.concat(out[name]);
  };
  const finish = (code, signal) => {
    if (exited) return;
    exited = true;
    clearTimeout(timer);
    if (!callback) return;
    const stdout = value('stdout');
    const stderr = value('stderr');
    if (!failure && code === 0 && signal === null) {
      callback(null, stdout, stderr);
      return;
    }
    if (!failure) {
      failure = new Error(`Command failed: ${command}\n${stderr}`);
      failure.code = code < 0 ? require('util').getSystemErrorName(code) : code;
      failure.killed = child.killed || killed;
      failure.signal = signal;
    }
    failure.cmd = command;
    callback(failure, stdout, stderr);
  };
  const fail = (err) => {
    failure = err;
    if (child.stdout) child.stdout.destroy();
    if (child.stderr) child.stderr.destroy();
    finish(err.errno, null);
  };
  const kill = () => {
    if (child.stdout) child.stdout.destroy();
    if (child.stderr) child.stderr.destroy();
    killed = true;
    try {
      child.kill(opts.killSignal);
    } catch (err) {
      if (!failure) failure = err;
      finish();
    }
  };
  if (opts.timeout > 0) timer = setTimeout(kill, opts.timeout);
  for (const name of ['stdout', 'stderr']) {
    const stream = child[name];
    if (!stream) continue;
    if (encoding) stream.setEncoding(encoding);
    stream.on('data', (chunk) => {
      const length = typeof chunk === 'string' ? Buffer.byteLength(chunk, stream.readableEncoding || encoding) : chunk.length;
      sizes[name] += length;
      if (sizes[name] <= opts.maxBuffer) {
        out[name].push(chunk);
        return;
      }
      const keep = opts.maxBuffer - (sizes[name] - length);
      out[name].push(chunk.slice(0, keep));
      failure = new codes.ERR_CHILD_PROCESS_STDIO_MAXBUFFER(name);
      kill();
    });
  }
  child.on('close', finish);
  child.on('error', fail);
}

function exec(command, options, callback) {
  validateString(command, 'command');
  args.checkNoZero(command, 'command');
  const done = typeof options === 'function' ? options : callback;
  const opts = { ...(typeof options === 'function' ? undefined : options) };
  opts.shell = typeof opts.shell === 'string' ? opts.shell : true;
  return execFile(command, opts, done);
}

/** exec and execFile as promises, which have the child. */
function promised(fn) {
  return (...given) => {
    let settle;
    const promise = new Promise((resolve, reject) => { settle = { resolve, reject }; });
    promise.child = fn(...given, (err, stdout, stderr) => {
      if (err === null) settle.resolve({ stdout, stderr });
      else settle.reject(Object.assign(err, { stdout, stderr }));
    });
    return promise;
  };
}
for (const fn of [exec, execFile]) {
  Object.defineProperty(fn, Symbol.for('nodejs.util.promisify.custom'), { enumerable: false, value: promised(fn) });
}

module.exports = { exec, execFile };
