/**
 * process.stdin, stdout and stderr. Writes are done when write returns, as node's are to files, terminals and pipes;
 * their callbacks come later. An error such as EPIPE is an error event. The console writes without them, until the
 * script touches them: a script that prints a line needs no streams.
 */

/** Columns and rows of the terminal behind fd. */
function terminal(stream, fd) {
  const read = () => binding.size(fd) || [80, 24];
  Object.defineProperties(stream, {
    columns: { enumerable: true, configurable: true, get: () => read()[0] },
    rows: { enumerable: true, configurable: true, get: () => read()[1] },
  });
  stream.isTTY = true;
  stream.getWindowSize = read;
  stream.hasColors = (count = 16) => (typeof count === 'number' ? count : 16) <= 2 ** stream.getColorDepth();
  stream.getColorDepth = (env = process.env) => {
    if (env.NO_COLOR !== undefined || env.TERM === 'dumb') return 1;
    if (/^(truecolor|24bit)$/.test(env.COLORTERM || '')) return 24;
    return /-?256(color)?$/i.test(env.TERM || '') ? 8 : 4;
  };
  const escape = (text, callback) => stream.write(text, callback);
  stream.cursorTo = (x, y, callback) => (typeof y === 'number'
    ? escape(`\u001b[${y + 1};${x + 1}H`, callback) : escape(`\u001b[${x + 1}G`, typeof y === 'function' ? y : callback));
  stream.moveCursor = (dx, dy, callback) => escape([
    dx < 0 ? `\u001b[${-dx}D` : dx > 0 ? `\u001b[${dx}C` : '', dy < 0 ? `\u001b[${-dy}A` : dy > 0 ? `\u001b[${dy}B` : '',
  ].join(''), callback);
  stream.clearLine = (dir, callback) => escape(`\u001b[${dir < 0 ? 1 : dir > 0 ? 0 : 2}K`, callback);
  stream.clearScreenDown = (callback) => escape('\u001b[0J', callback);
}

/** What the console writes to before there is a stream. */
class Plain {
  constructor(fd) {
    this.fd = fd;
    if (binding.kinds[fd] === 'tty') terminal(this, fd);
  }

  write(text) {
    const err = binding.write(this.fd, text);
    if (err === undefined) return true;
    const stream = this.fd === 2 ? module.exports.stderr : module.exports.stdout;
    stream.destroy(err);
    return false;
  }
}

function output(fd) {
  const stream = require('stdio_output').create(binding, fd);
  if (stream._type === 'tty') terminal(stream, fd);
  return stream;
}

const plain = [];
let stdout;
let stderr;
let stdin;

module.exports = {
  /** Channels of diagnostics_channel that the console publishes to, by name, once there is one. */
  channels: undefined,

  /** The process object, once there is one. */
  owner: undefined,

  /** What the console writes to: process's stream once the script has touched it. */
  forConsole(name) {
    const { owner } = module.exports;
    const fd = name === 'stderr' ? 2 : 1;
    if (owner !== undefined && Object.getOwnPropertyDescriptor(owner, name)?.get?.isLazy !== true) return owner[name];
    if ((fd === 2 ? stderr : stdout) !== undefined) return fd === 2 ? stderr : stdout;
    plain[fd] ??= new Plain(fd);
    return plain[fd];
  },

  get stdout() {
    stdout ??= output(1);
    return stdout;
  },
  get stderr() {
    stderr ??= output(2);
    return stderr;
  },
  get stdin() {
    stdin ??= require('stdin').create(binding);
    return stdin;
  },
};
