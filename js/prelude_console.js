/**
 * The console of a task: what scripts have, over binding.write(stream, text), where stream is "stdout" or "stderr".
 * binding.now() is the time in milliseconds, binding.cleanStack(stack) gives V8's form.
 */
let indent = '';
const counts = new Map();
const timers = new Map();

const write = (stream, text) => {
  const lines = indent ? text.replaceAll('\n', '\n' + indent) : text;
  binding.write(stream, indent + lines + '\n');
};

/** One text needs no formatter; the modules that make one are loaded for all else. */
const format = (args) => (args.length === 1 && typeof args[0] === 'string' ? args[0] : require('util').format(...args));
const out = (...args) => write('stdout', format(args));
const err = (...args) => write('stderr', format(args));

const elapsed = (label) => {
  const ms = binding.now() - timers.get(label);
  if (ms >= 60000) return `${Math.floor(ms / 60000)}:${((ms % 60000) / 1000).toFixed(3).padStart(6, '0')} (m:ss.mmm)`;
  return ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${Number(ms.toFixed(3))}ms`;
};

const timed = (label, call) => {
  if (timers.has(label)) return true;
  err(`Warning: No such label '${label}' for console.${call}()`);
  return false;
};

/** Rows of cells in a box, as console.table prints them. */
const box = (head, rows) => {
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)) + 2);
  const line = (l, m, r) => l + widths.map((w) => '─'.repeat(w)).join(m) + r;
  const row = (cells) => '│' + cells.map((c, i) => ' ' + c.padEnd(widths[i] - 1)).join('│') + '│';
  return [line('┌', '┬', '┐'), row(head), line('├', '┼', '┤'), ...rows.map(row), line('└', '┴', '┘')].join('\n');
};

const table = (data, columns) => {
  if (data === null || typeof data !== 'object') return out(data);
  const { inspect } = require('util');
  const show = (v) => inspect(v, { depth: v !== null && typeof v === 'object' && !Array.isArray(v) ? -1 : 0, maxArrayLength: 3, breakLength: Infinity });
  const entries = data instanceof Map || data instanceof Set ? [...data].entries() : Object.entries(data);
  const keys = new Set(columns);
  const lines = [];
  let plain = false;
  for (const [index, value] of entries) {
    const isObject = value !== null && typeof value === 'object';
    if (isObject && !columns) for (const k of Object.keys(value)) keys.add(k);
    plain ||= !isObject;
    lines.push([String(index), value, isObject]);
  }
  const head = ['(index)', ...keys, ...(plain ? ['Values'] : [])];
  const cell = (value, isObject, k) => (isObject && Object.hasOwn(value, k) ? show(value[k]) : '');
  out(box(head, lines.map(([index, value, isObject]) =>
    [index, ...[...keys].map((k) => cell(value, isObject, k)), ...(plain ? [isObject ? '' : show(value)] : [])])));
};

const console = {
  log: out,
  info: out,
  debug: out,
  error: err,
  warn: err,
  trace(...args) {
    const at = binding.cleanStack(new Error().stack).split('\n').slice(2); // the head, and this function
    err(['Trace' + (args.length ? ': ' + format(args) : ''), ...at].join('\n'));
  },
  dir(value, options) { write('stdout', require('util').inspect(value, { customInspect: false, ...options })); },
  dirxml: out,
  table,
  assert(ok, ...args) {
    if (ok) return;
    if (typeof args[0] === 'string') err('Assertion failed: ' + args[0], ...args.slice(1));
    else err(...(args.length ? ['Assertion failed', ...args] : ['Assertion failed']));
  },
  count(label = 'default') {
    counts.set(`${label}`, (counts.get(`${label}`) ?? 0) + 1);
    out(`${label}: ${counts.get(`${label}`)}`);
  },
  countReset(label = 'default') { counts.delete(`${label}`); },
  time(label = 'default') { timers.set(`${label}`, binding.now()); },
  timeLog(label = 'default', ...args) { if (timed(`${label}`, 'timeLog')) out(`${label}: ${elapsed(`${label}`)}`, ...args); },
  timeEnd(label = 'default') {
    if (!timed(`${label}`, 'timeEnd')) return;
    out(`${label}: ${elapsed(`${label}`)}`);
    timers.delete(`${label}`);
  },
  group(...args) { if (args.length) out(...args); indent += '  '; },
  groupEnd() { indent = indent.slice(2); },
};
console.groupCollapsed = console.group;
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });

module.exports = console;
