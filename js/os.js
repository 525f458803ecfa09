/** The module "os". */
const windows = binding.platform === 'win32';

const PRIORITY = { PRIORITY_LOW: 19, PRIORITY_BELOW_NORMAL: 10, PRIORITY_NORMAL: 0, PRIORITY_ABOVE_NORMAL: -7, PRIORITY_HIGH: -14, PRIORITY_HIGHEST: -20 };

/** The mask of a prefix length, in dots or colons. */
function netmask(length, family) {
  const bits = family === 4 ? 32 : 128;
  const groups = [];
  for (let i = 0; i < bits; i += family === 4 ? 8 : 16) {
    const width = family === 4 ? 8 : 16;
    const set = Math.max(0, Math.min(width, length - i));
    groups.push((2 ** width - 2 ** (width - set)).toString(family === 4 ? 10 : 16));
  }
  return family === 4 ? groups.join('.') : groups.join(':').replace(/(?::0)+$/, '::').replace(/^0::$/, '::');
}

function networkInterfaces() {
  const list = binding.interfaces();
  const result = {};
  for (let i = 0; i < list.length; i += 7) {
    const [name, address, prefix, family, mac, internal, scopeid] = list.slice(i, i + 7);
    const entry = { address, netmask: netmask(prefix, family), family: `IPv${family}`, mac, internal, cidr: `${address}/${prefix}` };
    if (family === 6) entry.scopeid = scopeid;
    (result[name] ??= []).push(entry);
  }
  return result;
}

function cpus() {
  const list = binding.cpus();
  const result = [];
  for (let i = 0; i < list.length; i += 7) {
    const [model, speed, user, nice, sys, idle, irq] = list.slice(i, i + 7);
    result.push({ model, speed, times: { user, nice, sys, idle, irq } });
  }
  return result;
}

function userInfo(options) {
  const encoding = options ? options.encoding : undefined; // a getter that throws must do so first
  const [uid, gid, username, homedir, shell] = binding.userInfo();
  const { Buffer } = require('buffer');
  const text = encoding === 'buffer' ? (value) => Buffer.from(value) : (value) => value;
  return { uid, gid, username: text(username), homedir: text(homedir), shell: windows ? null : text(shell) };
}

function tmpdir() {
  const { env } = process;
  const dir = windows ? env.TEMP || env.TMP || `${env.SystemRoot || env.windir}\\temp` : env.TMPDIR || env.TMP || env.TEMP || '/tmp';
  return dir.length > 1 && dir.endsWith(windows ? '\\' : '/') && !dir.endsWith(':\\') ? dir.slice(0, -1) : dir;
}

const errno = {};
const errors = require('util_system').getSystemErrorMap();
for (const [number, [code]] of errors) if (!code.startsWith('EAI_') && number > -200) errno[code] = -number;

module.exports = {
  arch: () => binding.arch,
  availableParallelism: () => binding.parallelism,
  cpus,
  endianness: () => binding.endianness,
  freemem: () => binding.memory()[1],
  homedir: () => (process.env.HOME && !windows ? process.env.HOME : binding.homedir()),
  hostname: () => binding.hostname(),
  loadavg: () => binding.loadavg(),
  networkInterfaces,
  platform: () => binding.platform,
  release: () => binding.uname()[1],
  tmpdir,
  totalmem: () => binding.memory()[0],
  type: () => binding.uname()[0],
  userInfo,
  uptime: () => binding.uptime(),
  version: () => binding.uname()[2],
  machine: () => binding.uname()[3],
  constants: Object.freeze({
    UV_UDP_REUSEADDR: 4,
    dlopen: Object.freeze({ RTLD_LAZY: 1, RTLD_NOW: 2, RTLD_GLOBAL: 256, RTLD_LOCAL: 0 }),
    errno: Object.freeze(errno),
    signals: Object.freeze({ ...binding.signals }),
    priority: Object.freeze(PRIORITY),
  }),
};
for (const [name, value] of [['EOL', windows ? '\r\n' : '\n'], ['devNull', windows ? '\\\\.\\nul' : '/dev/null']]) {
  Object.defineProperty(module.exports, name, { value, enumerable: true, configurable: true, writable: false });
}
for (const name of ['arch', 'endianness', 'homedir', 'hostname', 'platform', 'release', 'tmpdir', 'type', 'uptime', 'version', 'machine', 'totalmem', 'freemem']) {
  const fn = module.exports[name];
  fn[Symbol.toPrimitive] = () => fn();
}
