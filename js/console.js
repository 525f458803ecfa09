/** The global console: util.format to stdout and stderr, one line each. */

const stdio = require('stdio');

/** util.format; text alone needs none of it, and most scripts print nothing else. */
function formatArgs(options, args) {
  const [first] = args;
  const plain = args.length === 1 ? typeof first === 'string' :
    args.length > 0 && args.every((arg) => typeof arg === 'string') && !first.includes('%');
  return plain ? args.join(' ') : require('format').formatArgs(options, args);
}

const kWriter = Symbol('writer');
const ignore = () => {};
const GROUP_STEP = 2; // columns that a group indents by

/** How a Console writes. Kept apart from the methods, which are bound to their console. */
class Writer {
  constructor(options) {
    this.out = options.stdout;
    this.err = options.stderr;
    this.ignoreErrors = options.ignoreErrors;
    this.colorMode = options.colorMode;
    this.inspectOptions = options.inspectOptions;
    this.step = options.groupIndentation;
    this.indent = '';
    this.counts = new Map();
    this.timers = new Map();
  }

  stream(error) { return error ? this.err() : this.out(); }

  /** Options for inspect: colours where the stream is a terminal that has them. */
  options(stream) {
    let colors = this.colorMode;
    if (colors === 'auto') colors = Boolean(stream.isTTY && (typeof stream.getColorDepth !== 'function' || stream.getColorDepth() > 2));
    if (this.inspectOptions) return { colors, ...(this.inspectOptions.get ? this.inspectOptions.get(stream) : this.inspectOptions) };
    return colors ? { colors } : undefined;
  }

  write(error, text) {
    const stream = this.stream(error);
    let line = text;
    if (this.indent.length > 0) line = this.indent + (line.includes('\n') ? line.replaceAll('\n', `\n${this.indent}`) : line);
    if (!this.ignoreErrors) {
      stream.write(`${line}\n`);
      return;
    }
    // A broken stream must not make logging fail, now or later; our own streams need no listener for that.
    const foreign = typeof stream.once === 'function' && stream.listenerCount('error') === 0;
    try {
      if (foreign) {
        stream.once('error', ignore);
        stream.write(`${line}\n`, (err) => {
          if (err !== null && err !== undefined && !stream._writableState?.errorEmitted && stream.listenerCount('error') === 0) stream.once('error', ignore);
        });
      } else stream.write(`${line}\n`);
    } catch (err) {
      if (err instanceof RangeError) throw err; // a full stack
    } finally {
      if (foreign) stream.removeListener('error', ignore);
    }
  }

  /** print, after the subscribers of a diagnostics channel have seen, or changed, the arguments. */
  publish(channel, error, args) {
    stdio.channels?.get(channel)?.publish(args);
    this.print(error, args);
  }

  print(error, args) {
    this.write(error, formatArgs(this.options(this.stream(error)), args));
  }
}

/** The methods by name; each gets the writer. */
const methods = {
  log: (w, ...args) => w.publish('console.log', false, args),
  info: (w, ...args) => w.publish('console.info', false, args),
  debug: (w, ...args) => w.publish('console.debug', false, args),
  warn: (w, ...args) => w.publish('console.warn', true, args),
  error: (w, ...args) => w.publish('console.error', true, args),
  dir(w, value, options) {
    const { inspect } = require('inspect');
    w.write(false, inspect(value, { customInspect: false, ...w.options(w.stream(false)), ...options }));
  },
  trace(w, ...args) {
    const err = new Error(formatArgs(w.options(w.stream(true)), args));
    const { cleanStack } = require('inspect_error');
    const frames = cleanStack(String(err.stack)).split('\n').filter((line) => /^\s+at /.test(line) && !/node:console/.test(line));
    w.write(true, [`Trace${err.message ? `: ${err.message}` : ''}`, ...frames].join('\n'));
  },
  assert(w, ok, ...args) {
    if (ok) return;
    if (typeof args[0] === 'string') w.print(true, [`Assertion failed: ${args[0]}`, ...args.slice(1)]);
    else w.print(true, ['Assertion failed', ...args]);
  },
  clear(w) {
    const stream = w.stream(false);
    if (!stream.isTTY || process.env.TERM === 'dumb') return;
    stream.write('\u001b[1;1H\u001b[0J');
  },
  group(w, ...args) {
    if (args.length > 0) w.print(false, args);
    w.indent += ' '.repeat(w.step);
  },
  groupEnd(w) { w.indent = w.indent.slice(0, w.indent.length - w.step); },
  table: (w, data, columns) => require('console_table').table(w, data, columns),
  count: (w, label) => require('console_timers').count(w, label),
  countReset: (w, label) => require('console_timers').countReset(w, label),
  time: (w, label) => require('console_timers').time(w, label),
  timeEnd: (w, label) => require('console_timers').timeEnd(w, label),
  timeLog: (w, label, ...args) => require('console_timers').timeLog(w, label, args),
};
Object.assign(methods, { dirxml: methods.log, groupCollapsed: methods.group });

/** Gives target its methods, bound to a writer of its own. */
function equip(target, options) {
  const writer = new Writer(options);
  Object.defineProperty(target, kWriter, { value: writer });
  for (const name of Object.keys(methods)) {
    const method = methods[name];
    const own = Console.prototype[name];
    if (target[name] !== own && typeof target[name] === 'function') { // a class that extends Console
      Object.defineProperty(target, name, { value: target[name].bind(target), writable: true, configurable: true, enumerable: true });
      continue;
    }
    const bound = { [name]: (...args) => method(writer, ...args) }[name];
    Object.defineProperty(target, name, { value: bound, writable: true, configurable: true, enumerable: true });
  }
  if (target[Symbol.toStringTag] !== 'console') Object.defineProperty(target, Symbol.toStringTag, { value: 'console', configurable: true });
  Object.defineProperty(target, '_times', { value: writer.timers, writable: true, configurable: true });
  return target;
}

/** new Console(stdout, stderr) or new Console({stdout, stderr, ignoreErrors, colorMode, inspectOptions, groupIndentation}) */
function Console(options, ...old) {
  if (!new.target) return new Console(options, ...old);
  const { codes } = require('errors');
  const given = options && typeof options.write !== 'function' ? options : { stdout: options, stderr: old[0], ignoreErrors: old[1] };
  if (!given.stdout || typeof given.stdout.write !== 'function') throw new codes.ERR_CONSOLE_WRITABLE_STREAM('stdout');
  const stderr = given.stderr || given.stdout;
  if (typeof stderr.write !== 'function') throw new codes.ERR_CONSOLE_WRITABLE_STREAM('stderr');
  const { colorMode = 'auto', inspectOptions } = given;
  const { validateOneOf, validateObject, validateInteger } = require('validators');
  if (typeof colorMode !== 'boolean' && colorMode !== 'auto') validateOneOf(colorMode, 'colorMode', ['auto', true, false]);
  if (given.groupIndentation !== undefined) validateInteger(given.groupIndentation, 'groupIndentation', 0, 1000);
  if (inspectOptions !== undefined) {
    validateObject(inspectOptions, 'options.inspectOptions');
    for (const one of inspectOptions instanceof Map ? inspectOptions.values() : [inspectOptions]) {
      if (one.colors !== undefined && given.colorMode !== undefined) {
        throw new codes.ERR_INCOMPATIBLE_OPTION_PAIR('options.inspectOptions.color', 'colorMode');
      }
    }
  }
  equip(this, {
    stdout: () => given.stdout,
    stderr: () => stderr,
    ignoreErrors: given.ignoreErrors !== false,
    colorMode,
    inspectOptions,
    groupIndentation: given.groupIndentation === undefined ? GROUP_STEP : given.groupIndentation,
  });
  return this;
}

const { forConsole } = stdio;

/** What a class that extends Console finds by super; each instance has its own. */
for (const name of Object.keys(methods)) {
  Console.prototype[name] = { [name](...args) { return methods[name](this[kWriter], ...args); } }[name];
}

const console = equip(Object.create({}), {
  stdout: () => forConsole('stdout'),
  stderr: () => forConsole('stderr'),
  ignoreErrors: true,
  colorMode: 'auto',
  inspectOptions: undefined,
  groupIndentation: GROUP_STEP,
});
console.Console = Console;
Object.defineProperty(Console, Symbol.hasInstance, {
  value: (object) => object === console || Function.prototype[Symbol.hasInstance].call(Console, object),
});
for (const name of ['profile', 'profileEnd', 'timeStamp']) console[name] = () => {};
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });

module.exports = console;
