/**
 * util.inspect: any value as text, laid out as node 20 does. This file holds the options and the walk; the parts are
 * inspect_raw (objects by class), inspect_items (contents), inspect_names, inspect_error, inspect_function,
 * inspect_primitive and inspect_layout (lines and columns).
 */
const { keys: objectKeys } = Object; // as it was before a script could replace it
const { brand, proxyDetails } = require('types');
const { formatPrimitive } = require('inspect_primitive');

/** Objects with a method under this key print what it returns. */
const custom = Symbol.for('nodejs.util.inspect.custom');

/** The options as documented for util.inspect; widths in columns, Infinity and null mean no limit. */
const defaults = Object.seal({
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100,
  maxStringLength: 10000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
});

const plain = (text) => text;

/** Wraps text in the escape codes of a style ('string', 'number', …). */
function coloured(text, style) {
  const name = inspect.styles[style];
  if (name === undefined) return text;
  const code = inspect.colors[name];
  return code === undefined ? text : `\u001b[${code[0]}m${text}\u001b[${code[1]}m`;
}

/**
 * @param {*} value
 * @param {object|boolean} [opts] options, or showHidden of the old signature (value, showHidden, depth, colors)
 * @returns {string}
 */
function inspect(value, opts, ...old) {
  const ctx = {
    budget: {}, indentationLvl: 0, seen: [], currentDepth: 0, stylize: plain, circular: undefined, ...defaults,
    breakLength: defaults.breakLength, userOptions: undefined,
  };
  if (arguments.length > 1) {
    if (old.length > 0) {
      if (old[0] !== undefined) [ctx.depth] = old;
      if (old.length > 1 && old[1] !== undefined) ctx.colors = old[1];
    }
    if (typeof opts === 'boolean') {
      ctx.showHidden = opts;
    } else if (opts) {
      for (const key of objectKeys(opts)) {
        if (key in defaults || key === 'stylize') ctx[key] = opts[key];
        else if (ctx.userOptions === undefined) ctx.userOptions = opts;
      }
    }
  }
  if (ctx.colors) ctx.stylize = coloured;
  if (ctx.maxArrayLength === null) ctx.maxArrayLength = Infinity;
  if (ctx.maxStringLength === null) ctx.maxStringLength = Infinity;
  return formatValue(ctx, value, 0);
}

/** The options handed to a custom inspect method: what the caller gave and what the walk has left. */
function userOptions(ctx) {
  const given = {};
  for (const key of objectKeys(defaults)) given[key] = ctx[key];
  return { ...given, stylize: ctx.stylize, ...ctx.userOptions };
}

/** Calls the object's own inspect method; undefined if it has none. */
function callCustom(ctx, value, target, depth, typedArray) {
  const method = target[custom];
  if (typeof method !== 'function' || method === inspect) return undefined;
  const { constructor } = target;
  if (typeof constructor === 'function' && constructor.prototype === target) return undefined;
  const left = ctx.depth === null ? null : ctx.depth - depth;
  const result = method.call(value, left, userOptions(ctx), inspect);
  if (result === value) return undefined;
  if (typeof result !== 'string') return formatValue(ctx, result, depth, typedArray);
  return result.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
}

/** Numbers an object that contains itself. */
function circularMark(ctx, value) {
  ctx.circular ??= new Map();
  let index = ctx.circular.get(value);
  if (index === undefined) {
    index = ctx.circular.size + 1;
    ctx.circular.set(value, index);
  }
  return ctx.stylize(`[Circular *${index}]`, 'special');
}

/** Formats one value at the given depth of nesting; typedArray: it stands inside one (its buffer). */
function formatValue(ctx, value, depth, typedArray) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return formatPrimitive(ctx.stylize, value, ctx);
  }
  let target = value;
  let kind = brand(value);
  let proxied;
  if (kind === 'Proxy') {
    const details = proxyDetails(value);
    if (details && details[0] === null) return ctx.stylize('<Revoked Proxy>', 'special');
    if (details && ctx.showProxy) return require('inspect_items').formatProxy(ctx, details, depth, formatValue);
    if (details) {
      while (kind === 'Proxy') {
        [target] = proxyDetails(target);
        if (target === null) return ctx.stylize('<Revoked Proxy>', 'special');
        kind = brand(target);
      }
      proxied = value;
    }
  }
  if (ctx.customInspect) {
    const text = callCustom(ctx, proxied || value, target, depth, typedArray);
    if (text !== undefined) return text;
  }
  if (ctx.seen.includes(target)) return circularMark(ctx, target);
  return require('inspect_raw').formatRaw(ctx, target, depth, typedArray, kind);
}

inspect.custom = custom;
for (const name of ['colors', 'styles']) {
  const settle = (value) => {
    Object.defineProperty(inspect, name, { value, writable: true, enumerable: true, configurable: true });
    return value;
  };
  Object.defineProperty(inspect, name, {
    get: () => settle(require('inspect_colors')[name]), set: settle, enumerable: true, configurable: true,
  });
}
Object.defineProperty(inspect, 'defaultOptions', {
  enumerable: true,
  configurable: true,
  get: () => defaults,
  set(options) {
    require('validators').validateObject(options, 'options');
    Object.assign(defaults, options);
  },
});

module.exports = { inspect, formatValue, custom, defaults, objectKeys };
