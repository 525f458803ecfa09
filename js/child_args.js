/** The arguments of spawn and its relatives. */
const { codes } = require('errors');
const { validateString, validateObject, validateArray, validateBoolean, validateAbortSignal, validateInteger } = require('validators');

const hasZero = (text) => typeof text === 'string' && text.includes('\u0000');

function checkNoZero(text, name) {
  if (hasZero(text)) throw new codes.ERR_INVALID_ARG_VALUE(name, text, 'must be a string without null bytes');
}

/** A signal as a number. */
function signalNumber(signal, name = 'options.killSignal') {
  const { signals } = require('os').constants;
  if (typeof signal === 'number' && Object.values(signals).includes(signal)) return signal;
  if (typeof signal === 'string') {
    const number = signals[signal.toUpperCase()];
    if (number) return number;
    throw new codes.ERR_UNKNOWN_SIGNAL(signal);
  }
  if (typeof signal === 'number') throw new codes.ERR_UNKNOWN_SIGNAL(signal);
  throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'number'], signal);
}

function checkTimeout(timeout) {
  if (timeout !== undefined && timeout !== null && !(Number.isInteger(timeout) && timeout >= 0)) {
    throw new codes.ERR_OUT_OF_RANGE('timeout', 'an unsigned integer', timeout);
  }
}

function checkMaxBuffer(size) {
  if (size !== undefined && size !== null && !(typeof size === 'number' && size >= 0)) {
    throw new codes.ERR_OUT_OF_RANGE('options.maxBuffer', 'a positive number', size);
  }
}

/** The name and arguments of the shell that runs command. */
function inShell(command, shell) {
  if (process.platform === 'win32') {
    const file = typeof shell === 'string' ? shell : process.env.comspec || 'cmd.exe';
    return /^(?:.*\\)?cmd(?:\.exe)?$/i.test(file) ? [file, ['/d', '/s', '/c', `"${command}"`]] : [file, ['-c', command]];
  }
  const file = typeof shell === 'string' ? shell : process.platform === 'android' ? '/system/bin/sh' : '/bin/sh';
  return [file, ['-c', command]];
}

function environment(env) {
  const keys = [];
  for (const key in env) keys.push(key);
  const list = [];
  for (const key of keys) {
    const value = env[key];
    if (value === undefined) continue;
    checkNoZero(key, `options.env['${key}']`);
    checkNoZero(`${value}`, `options.env['${key}']`);
    list.push(`${key}=${value}`);
  }
  return list;
}

/** Checks what spawn was given: {file, args, cwd, env, envPairs, …options}. */
function normalize(file, givenArgs, givenOptions) {
  validateString(file, 'file');
  checkNoZero(file, 'file');
  if (file.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('file', file, 'cannot be empty');
  let args = [];
  let options = givenOptions;
  if (Array.isArray(givenArgs)) args = [...givenArgs];
  else if (givenArgs === undefined || givenArgs === null) args = [];
  else if (typeof givenArgs !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('args', 'object', givenArgs);
  else options = givenArgs;
  args.forEach((arg, i) => checkNoZero(`${arg}`, `args[${i}]`));
  if (options === undefined) options = {};
  else validateObject(options, 'options');
  let { cwd } = options;
  if (cwd !== undefined && cwd !== null) {
    cwd = require('fs_args').pathOf(cwd, 'options.cwd');
  }
  if (options.detached !== undefined && options.detached !== null) validateBoolean(options.detached, 'options.detached');
  for (const id of ['uid', 'gid']) {
    if (options[id] !== undefined && options[id] !== null) {
      if (!Number.isInteger(options[id])) throw new codes.ERR_INVALID_ARG_TYPE(`options.${id}`, 'int32', options[id]);
      require('validators').validateInt32(options[id], `options.${id}`);
    }
  }
  const { shell } = options;
  if (shell !== undefined && shell !== null && typeof shell !== 'boolean' && typeof shell !== 'string') {
    throw new codes.ERR_INVALID_ARG_TYPE('options.shell', ['boolean', 'string'], shell);
  }
  if (options.argv0 !== undefined && options.argv0 !== null) validateString(options.argv0, 'options.argv0');
  for (const name of ['windowsHide', 'windowsVerbatimArguments']) {
    if (options[name] !== undefined && options[name] !== null) validateBoolean(options[name], `options.${name}`);
  }
  let program = file;
  if (shell) [program, args] = inShell([file, ...args].join(' '), shell);
  args.unshift(typeof options.argv0 === 'string' ? options.argv0 : program);
  const envPairs = environment(options.env || process.env);
  return { ...options, args: args.map(String), cwd: cwd ?? undefined, detached: Boolean(options.detached), envPairs, file: program, spawnfile: program };
}

/** What each descriptor is, as the native side takes it, and as the parent sees it. */
function stdioOf(given, sync) {
  let stdio = given ?? 'pipe';
  if (typeof stdio === 'string') {
    if (!['ignore', 'pipe', 'overlapped', 'inherit'].includes(stdio)) throw new codes.ERR_INVALID_ARG_VALUE('stdio', stdio);
    stdio = stdio === 'inherit' ? [0, 1, 2] : [stdio, stdio, stdio];
  } else if (!Array.isArray(stdio)) {
    throw new codes.ERR_INVALID_ARG_VALUE('stdio', stdio);
  }
  stdio = [...stdio];
  while (stdio.length < 3) stdio.push(undefined);
  let ipc;
  const list = stdio.map((how, fd) => {
    const what = how ?? (fd < 3 ? 'pipe' : 'ignore');
    if (what === 'ignore') return 'ignore';
    if (what === 'pipe' || what === 'overlapped') return 'pipe';
    if (what === 'ipc') {
      if (sync || ipc !== undefined) {
        if (ipc !== undefined) throw new codes.ERR_IPC_ONE_PIPE();
        throw new codes.ERR_IPC_SYNC_FORK();
      }
      ipc = fd;
      return 'ipc';
    }
    if (what === 'inherit') return String(fd);
    if (typeof what === 'number') return String(what);
    const own = typeof what.fd === 'number' && what.fd >= 0 ? what.fd : undefined;
    if (own !== undefined) return String(own);
    if (what._handle && typeof what._handle.id === 'number') throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('stdio of a socket (give a descriptor)');
    if (ArrayBuffer.isView(what) || typeof what === 'string') {
      if (sync && ArrayBuffer.isView(what)) return 'pipe';
      throw new codes.ERR_INVALID_SYNC_FORK_INPUT(require('inspect').inspect(what));
    }
    throw new codes.ERR_INVALID_ARG_VALUE('stdio', what);
  });
  return { list, ipc };
}

module.exports = { normalize, stdioOf, signalNumber, checkTimeout, checkMaxBuffer, inShell, checkNoZero, validateArray, validateAbortSignal, validateInteger };
