/**
 * process in a task with permissions: the environment as far as it is allowed, and what libraries expect to find.
 * binding.os and arch are in Go's words; binding.now() is the time since the task began, in milliseconds.
 */
const { ask } = require('prelude_ask');
const EventEmitter = require('events');

let known;

/** The variables that the task may see; what it sets itself is for itself, and for programs that it starts. */
function variables() {
  if (known === undefined) {
    known = Object.create(null);
    for (const entry of ask('env')) {
      const at = entry.indexOf('=');
      known[entry.slice(0, at)] = entry.slice(at + 1);
    }
  }
  return known;
}

const env = new Proxy({}, {
  get(target, name) {
    if (typeof name === 'symbol' || name in Object.prototype) return Reflect.get(target, name);
    const all = variables();
    if (!(name in all)) ask('envAllowed', name);
    return all[name];
  },
  set(_, name, value) {
    ask('envAllowed', String(name));
    variables()[name] = String(value);
    return true;
  },
  has: (_, name) => name in variables(),
  deleteProperty(_, name) {
    ask('envAllowed', String(name));
    return delete variables()[name];
  },
  ownKeys: () => Object.keys(variables()),
  getOwnPropertyDescriptor(_, name) {
    if (!(name in variables())) return undefined;
    return { value: variables()[name], writable: true, enumerable: true, configurable: true };
  },
  defineProperty(_, name, descriptor) {
    ask('envAllowed', String(name));
    variables()[name] = String(descriptor.value);
    return true;
  },
});

const refused = (what) => () => {
  const err = new Error(`a task cannot ${what}: return, or throw an error`);
  err.code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
  throw err;
};

const stream = (name) => ({ isTTY: false, writable: true, write(text) { binding.write(name, String(text)); return true; } });

const hrtime = (before) => {
  const ms = binding.now();
  const now = [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
  if (before === undefined) return now;
  const [seconds, ns] = [now[0] - before[0], now[1] - before[1]];
  return ns < 0 ? [seconds - 1, ns + 1e9] : [seconds, ns];
};
hrtime.bigint = () => BigInt(Math.round(binding.now() * 1e6));

const process = Object.assign(new EventEmitter(), {
  env,
  title: 'sc',
  argv: ['sc', 'task'],
  execArgv: [],
  platform: binding.os === 'windows' ? 'win32' : binding.os,
  arch: { amd64: 'x64', 386: 'ia32' }[binding.arch] ?? binding.arch,
  version: 'v20.20.2',
  versions: { node: '20.20.2' },
  release: { name: 'node' },
  stdout: stream('stdout'),
  stderr: stream('stderr'),
  cwd: () => ask('cwd'),
  nextTick(callback, ...args) {
    if (typeof callback !== 'function') throw new (require('errors').codes.ERR_INVALID_ARG_TYPE)('callback', 'Function', callback);
    binding.nextTick(() => callback(...args));
  },
  uptime: () => binding.now() / 1000,
  hrtime,
  emitWarning(warning) { binding.write('stderr', `${warning.name ?? 'Warning'}: ${warning.message ?? warning}\n`); },
  exit: refused('end its process'),
  abort: refused('end its process'),
  chdir: refused('change the folder of its worker'),
  kill: refused('send signals to processes that it did not start'),
});
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });

module.exports = process;
