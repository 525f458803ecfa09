/** The global process: what stands here is native or small; warnings, signals and errors are in process_*.js. */
const EventEmitter = require('events');
const { codes } = require('errors');
const { validateString, validateFunction, validateObject } = require('validators');

/** process is an EventEmitter whose class is called process, as in node. */
function Process() {}
Object.defineProperty(Process, 'name', { value: 'process' });
Process.prototype = Object.create(EventEmitter.prototype, {
  constructor: { value: Process, writable: true, configurable: true },
  [Symbol.toStringTag]: { value: 'process', configurable: true },
});
const process = new Process();
EventEmitter.call(process);

const define = (name, get, set) => Object.defineProperty(process, name, { enumerable: true, configurable: true, get, set });
const lazy = (name, make) => define(name, Object.assign(() => {
  const value = make();
  Object.defineProperty(process, name, { enumerable: true, configurable: true, writable: true, value });
  return value;
}, { isLazy: true }), (value) => Object.defineProperty(process, name, { enumerable: true, configurable: true, writable: true, value }));

Object.assign(process, {
  version: `v${binding.version}`,
  versions: Object.freeze({ node: binding.version, sc: binding.scVersion, go: binding.goVersion.replace(/^go/, ''), modules: '115', napi: '9', openssl: '3.0.0' }),
  arch: binding.arch,
  platform: binding.platform,
  release: { name: 'node', lts: 'Iron' },
  argv: [...binding.argv],
  argv0: binding.argv0,
  execArgv: [...binding.execArgv],
  execPath: binding.execPath,
  pid: binding.pid,
  ppid: binding.ppid,
  title: 'sc',
  debugPort: 9229,
  features: {
    inspector: false, debug: false, uv: true, ipv6: true, openssl_is_boringssl: false, quic: false, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true,
    cached_builtins: true, require_module: true, typescript: 'transform',
  },
  config: { target_defaults: {}, variables: {} },
  moduleLoadList: [],
  _exiting: false,
});

process.env = require('process_env').create(binding.env);
binding.env.is(process.env);

let exitCode;
define('exitCode', () => exitCode, (value) => {
  if (value !== undefined && value !== null) {
    const digits = typeof value === 'string' && value !== '' && Number.isInteger(+value);
    require('validators').validateInteger(digits ? +value : value, 'code');
    exitCode = value;
  } else {
    exitCode = undefined;
  }
});

function hrtime(previous) {
  const [seconds, nanoseconds] = binding.hrtime();
  if (previous === undefined) return [seconds, nanoseconds];
  require('validators').validateArray(previous, 'time');
  if (previous.length !== 2) throw new codes.ERR_OUT_OF_RANGE('time', 2, previous.length);
  const rest = nanoseconds - previous[1];
  return rest < 0 ? [seconds - previous[0] - 1, rest + 1e9] : [seconds - previous[0], rest];
}
hrtime.bigint = () => binding.hrtimeBigint();

function memoryUsage() {
  const [rss, heapTotal, heapUsed, external] = binding.memoryUsage();
  return { rss, heapTotal, heapUsed, external, arrayBuffers: 0 };
}
memoryUsage.rss = () => binding.memoryUsage()[0];

/** The mask as a number or as text in octal. */
function mask(value) {
  if (value === undefined) return undefined;
  if (typeof value === 'string') {
    if (!/^[0-7]+$/.test(value)) throw new codes.ERR_INVALID_ARG_VALUE('mask', value, 'must be a 32-bit unsigned integer or an octal string');
    return Number.parseInt(value, 8);
  }
  require('validators').validateUint32(value, 'mask');
  return value;
}

Object.assign(process, {
  cwd: () => binding.cwd(),
  chdir(directory) {
    validateString(directory, 'directory');
    binding.chdir(directory);
  },
  umask: (value) => binding.umask(mask(value)),
  uptime: () => binding.uptime(),
  hrtime,
  memoryUsage,
  constrainedMemory: () => 0,
  nextTick(callback, ...args) {
    validateFunction(callback, 'callback');
    if (process._exiting) return;
    binding.nextTick(args.length === 0 ? callback : () => callback(...args));
  },
  exit(code) {
    if (code !== undefined) process.exitCode = code;
    binding.exit(exitCode === undefined ? 0 : Number(exitCode));
  },
  reallyExit: (code) => binding.exit(code || 0),
  abort: () => binding.abort(),
  kill: (pid, signal) => require('process_signals').kill(binding, pid, signal),
  emitWarning: (...args) => require('process_warning').emitWarning(...args),
  getBuiltinModule: (id) => (process.mainModule ? process.mainModule.require(id) : undefined),
  openStdin() {
    process.stdin.resume();
    return process.stdin;
  },
});
if (binding.platform !== 'win32') {
  require('process_ids').install(process, binding);
  ['getuid', 'geteuid', 'getgid', 'getegid'].forEach((name, i) => { process[name] = () => binding.ids()[i]; });
}

require('process_usage').install(process, binding);
require('stdio').owner = process;
for (const name of ['stdin', 'stdout', 'stderr']) lazy(name, () => require('stdio')[name]);

module.exports = process;
require('process_errors').install(process, binding);
require('process_signals').install(process, binding);
if (process.execArgv.length > 0) require('process_flags').apply(process);
if (binding.thread) require('thread_process').adapt(process);
if (process.env.NODE_CHANNEL_FD) {
  require('ipc_channel').openInChild(process);
  if (process.env.NODE_UNIQUE_ID && process.send) require('cluster');
}
