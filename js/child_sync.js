/** spawnSync, execFileSync and execSync. */
const native = require('child_native');
const { codes } = require('errors');
const { Buffer } = require('buffer');
const { errnoException } = require('system_error');
const { validateString } = require('validators');
const args = require('child_args');

const MAX_BUFFER = 1024 * 1024; // bytes

function inputOf(value, name) {
  if (value === undefined || value === null) return new Uint8Array(0);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'string') return Buffer.from(value);
  throw new codes.ERR_INVALID_ARG_TYPE(name, ['Buffer', 'TypedArray', 'DataView', 'string'], value);
}

function spawnSync(file, given, options) {
  const opts = { maxBuffer: MAX_BUFFER, ...args.normalize(file, given, options) };
  args.checkTimeout(opts.timeout);
  args.checkMaxBuffer(opts.maxBuffer);
  const killSignal = opts.killSignal === undefined || opts.killSignal === null ? args.signalNumber('SIGTERM') : args.signalNumber(opts.killSignal);
  const { list } = args.stdioOf(opts.stdio, true);
  const first = Array.isArray(opts.stdio) ? opts.stdio[0] : undefined;
  const input = opts.input ?? (ArrayBuffer.isView(first) ? first : undefined);
  if (input !== undefined && list[0] !== 'pipe') list[0] = 'pipe';
  const result = native.spawnSync({
    file: opts.file, args: opts.args, cwd: opts.cwd, env: opts.envPairs, detached: opts.detached, uid: opts.uid, gid: opts.gid,
    stdio: list, input: inputOf(input, 'options.stdio[0]'), timeout: opts.timeout || 0, maxBuffer: opts.maxBuffer, killSignal,
  });
  const encoding = opts.encoding && opts.encoding !== 'buffer' ? opts.encoding : undefined;
  const output = result.output === undefined ? null : result.output.map((memory) => {
    if (memory === null) return null;
    const buffer = Buffer.from(memory);
    return encoding ? buffer.toString(encoding) : buffer;
  });
  const outcome = {
    ...(result.error === undefined ? undefined : { error: undefined }),
    status: result.status ?? null,
    signal: result.signal ?? null,
    output,
    pid: result.pid ?? 0,
    stdout: output && output[1],
    stderr: output && output[2],
  };
  if (result.error !== undefined) {
    outcome.error = errnoException(result.error, `spawnSync ${opts.file}`);
    outcome.error.path = opts.file;
    outcome.error.spawnargs = opts.args.slice(1);
  }
  return outcome;
}

/** Throws unless the child ended well. */
function checked(result, command) {
  let err;
  if (result.error) {
    err = result.error;
    Object.assign(err, result, { error: err });
  } else if (result.status !== 0) {
    let message = `Command failed: ${command}`;
    if (result.stderr && result.stderr.length > 0) message += `\n${result.stderr.toString()}`;
    err = Object.assign(new Error(message), result);
  }
  return err;
}

function run(result, command, inheritError) {
  if (inheritError && result.stderr) process.stderr.write(result.stderr);
  const err = checked(result, command);
  if (err) throw err;
  return result.stdout;
}

function execFileSync(file, given, options) {
  const list = Array.isArray(given) ? given : [];
  const opts = { ...(Array.isArray(given) || given === undefined || given === null ? options : given) };
  const inheritError = !opts.stdio;
  return run(spawnSync(file, list, opts), [file, ...list].join(' '), inheritError);
}

function execSync(command, options) {
  validateString(command, 'command');
  const opts = { ...options };
  const inheritError = !opts.stdio;
  opts.shell = typeof opts.shell === 'string' ? opts.shell : true;
  return run(spawnSync(command, opts), command, inheritError);
}

module.exports = { spawnSync, execFileSync, execSync };
