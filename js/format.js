/** util.format: printf-like text of values, as console.log prints them. */
const { inspect } = require('inspect');
const { formatNumber, formatBigInt } = require('inspect_primitive');
const { brand, proxyDetails } = require('types');

const plain = (text) => text;
const BUILTIN = new Set(Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z][a-zA-Z0-9]+$/.test(name)));

/** True if String(value) would say no more than "[object Object]" or the like: such values are inspected. */
function plainText(value) {
  let object = value;
  if (brand(object) === 'Proxy') {
    const details = proxyDetails(object);
    if (!details || details[0] === null) return true;
    [object] = details;
  }
  if (typeof object.toString !== 'function') return true;
  if (Object.prototype.hasOwnProperty.call(object, 'toString')) return false;
  do {
    object = Object.getPrototypeOf(object);
  } while (object !== null && !Object.prototype.hasOwnProperty.call(object, 'toString'));
  if (object === null) return true;
  const own = Object.getOwnPropertyDescriptor(object, 'constructor');
  return own !== undefined && typeof own.value === 'function' && BUILTIN.has(own.value.name);
}

function json(value) {
  try {
    return JSON.stringify(value);
  } catch (err) {
    if (err instanceof TypeError && /circular/i.test(err.message)) return '[Circular]';
    throw err;
  }
}

/** A number by the given reading of it; symbols are none. */
function number(value, read, opts) {
  if (typeof value === 'bigint' && read !== Number.parseFloat) return formatBigInt(plain, value, opts && opts.numericSeparator);
  return formatNumber(plain, typeof value === 'symbol' ? NaN : read(value), opts && opts.numericSeparator);
}

const directives = {
  s(value, opts) {
    if (typeof value === 'number') return formatNumber(plain, value, opts && opts.numericSeparator);
    if (typeof value === 'bigint') return formatBigInt(plain, value, opts && opts.numericSeparator);
    if (typeof value === 'object' && value !== null && plainText(value)) {
      return inspect(value, { ...opts, depth: 0, colors: false, compact: 3 });
    }
    return String(value);
  },
  d: (value, opts) => number(value, Number, opts),
  i: (value, opts) => number(value, (v) => Number.parseInt(v, 10), opts),
  f: (value, opts) => number(value, Number.parseFloat, opts),
  j: json,
  O: (value, opts) => inspect(value, opts),
  o: (value, opts) => inspect(value, { ...opts, showHidden: true, showProxy: true, depth: 4 }),
  c: () => '',
};

/** Fills the directives of text from args; returns the text and how many of args were used. */
function fill(text, args, opts) {
  let out = '';
  let used = 0;
  let last = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (text.charCodeAt(i) !== 37) continue;
    const letter = text[i + 1];
    i += 1;
    if (letter === '%') {
      out += text.slice(last, i);
      last = i + 1;
    } else if (used < args.length && Object.prototype.hasOwnProperty.call(directives, letter)) {
      out += text.slice(last, i - 1) + directives[letter](args[used], opts);
      used += 1;
      last = i + 1;
    }
  }
  return [out + text.slice(last), used];
}

/**
 * @param {object|undefined} opts options for inspect
 * @param {Array} args
 * @returns {string}
 */
function formatArgs(opts, args) {
  if (args.length === 0) return '';
  const [first] = args;
  if (args.length === 1) return typeof first === 'string' ? first : inspect(first, opts);
  let text = '';
  let rest = args;
  if (typeof first === 'string') {
    const [filled, used] = fill(first, args.slice(1), opts);
    text = filled;
    rest = args.slice(used + 1);
    if (rest.length > 0) text += ' ';
  }
  return text + rest.map((value) => (typeof value === 'string' ? value : inspect(value, opts))).join(' ');
}

const format = (...args) => formatArgs(undefined, args);

function formatWithOptions(options, ...args) {
  require('validators').validateObject(options, 'inspectOptions', { array: true });
  return formatArgs(options, args);
}

module.exports = { format, formatWithOptions, formatArgs };
