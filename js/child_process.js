/** The module "child_process". */
const { codes } = require('errors');
const { validateObject, validateArray } = require('validators');

/** Starts another script as a child that can send and get messages. */
function fork(modulePath, given, givenOptions) {
  const path = require('fs_args').pathOf(modulePath, 'modulePath');
  let args = [];
  let options = givenOptions;
  if (given === undefined || given === null) args = [];
  else if (Array.isArray(given)) args = given;
  else if (typeof given === 'object') options = given;
  else throw new codes.ERR_INVALID_ARG_TYPE('args', 'object', given);
  if (options !== undefined && options !== null) validateObject(options, 'options');
  options = { ...options, shell: false };
  options.execPath = options.execPath || process.execPath;
  const execArgv = options.execArgv || process.execArgv;
  validateArray(execArgv, 'options.execArgv');
  // Node's own options mean nothing here; another program gets them.
  const own = options.execPath === process.execPath;
  const before = own ? require('child_native').execArgs : execArgv;
  if (typeof options.stdio === 'string') {
    const kind = { inherit: 'inherit', pipe: 'pipe', ignore: 'ignore', overlapped: 'overlapped' }[options.stdio];
    if (kind === undefined) throw new codes.ERR_INVALID_ARG_VALUE('stdio', options.stdio);
    options.stdio = kind === 'inherit' ? [0, 1, 2, 'ipc'] : [kind, kind, kind, 'ipc'];
  } else if (!Array.isArray(options.stdio)) {
    options.stdio = options.silent ? ['pipe', 'pipe', 'pipe', 'ipc'] : [0, 1, 2, 'ipc'];
  } else if (!options.stdio.includes('ipc')) {
    throw new codes.ERR_CHILD_PROCESS_IPC_REQUIRED('options.stdio');
  }
  return require('child_spawn').spawn(options.execPath, [...before, path, ...args], options);
}

module.exports = {
  get ChildProcess() { return require('child_spawn').ChildProcess; },
  fork,
  get exec() { return require('child_exec').exec; },
  get execFile() { return require('child_exec').execFile; },
  get execFileSync() { return require('child_sync').execFileSync; },
  get execSync() { return require('child_sync').execSync; },
  get spawn() { return require('child_spawn').spawn; },
  get spawnSync() { return require('child_sync').spawnSync; },
};

/** Others may put functions of their own here. */
for (const name of Object.keys(module.exports)) {
  const { get } = Object.getOwnPropertyDescriptor(module.exports, name);
  if (!get) continue;
  const set = (value) => Object.defineProperty(module.exports, name, { value, writable: true, enumerable: true, configurable: true });
  Object.defineProperty(module.exports, name, { get, set, enumerable: true, configurable: true });
}
