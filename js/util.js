/** The module "util". What is large stands in files of its own and is loaded when first used. */
const { inspect } = require('inspect');
const { format, formatWithOptions } = require('format');
const { brand } = require('types');
const { codes } = require('errors');
const { validateString, validateFunction } = require('validators');

/** Makes members that load their file when first read. */
function lazy(target, file, names) {
  for (const name of names) {
    Object.defineProperty(target, name, {
      enumerable: true,
      configurable: true,
      get() {
        const value = require(file)[name];
        Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
        return value;
      },
      set(value) {
        Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
      },
    });
  }
}

/** Makes Class inherit from Super in the old way. */
function inherits(Class, Super) {
  if (Class === undefined || Class === null) throw new codes.ERR_INVALID_ARG_TYPE('ctor', 'Function', Class);
  if (Super === undefined || Super === null) throw new codes.ERR_INVALID_ARG_TYPE('superCtor', 'Function', Super);
  if (Super.prototype === undefined) throw new codes.ERR_INVALID_ARG_TYPE('superCtor.prototype', 'Object', Super.prototype);
  Object.defineProperty(Class, 'super_', { value: Super, writable: true, configurable: true });
  Object.setPrototypeOf(Class.prototype, Super.prototype);
}

/** Copies the properties of source; anything that is no object is none. */
function _extend(target, source) {
  if (source === null || typeof source !== 'object') return target;
  return Object.assign(target, source);
}

const warned = new Set();

/** Wraps fn so that its first call warns; the same code warns once. */
function deprecate(fn, message, code) {
  validateFunction(fn, 'fn');
  if (code !== undefined) validateString(code, 'code');
  if (typeof process === 'object' && process.noDeprecation) return fn;
  let told = false;
  function deprecated(...args) {
    if (!told) {
      told = true;
      if (code === undefined || !warned.has(code)) {
        warned.add(code);
        if (typeof process === 'object' && process.emitWarning) process.emitWarning(message, 'DeprecationWarning', code, deprecated);
      }
    }
    if (new.target) return Reflect.construct(fn, args, new.target);
    return fn.apply(this, args);
  }
  Object.setPrototypeOf(deprecated, fn);
  if (fn.prototype) deprecated.prototype = fn.prototype;
  return deprecated;
}

/** log writes with a time stamp, as util.log did. */
function log(...args) {
  const now = new Date();
  const two = (n) => String(n).padStart(2, '0');
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][now.getMonth()];
  console.log('%s - %s', `${now.getDate()} ${month} ${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':')}`, format(...args));
}

/** Replaces lone surrogates. */
function toUSVString(input) {
  return `${input}`.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

const of = (type) => (value) => typeof value === type;

module.exports = {
  _extend,
  deprecate,
  format,
  formatWithOptions,
  inherits,
  inspect,
  log,
  stripVTControlCharacters(text) {
    validateString(text, 'str');
    return require('string_width').stripEscapes(text);
  },
  toUSVString,
  get types() { return require('util_types'); },
  isArray: Array.isArray,
  isBoolean: of('boolean'),
  isBuffer: (value) => require('buffer').Buffer.isBuffer(value),
  isDate: (value) => brand(value) === 'Date',
  isError: (value) => brand(value) === 'Error' || value instanceof Error,
  isFunction: of('function'),
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: of('number'),
  isObject: (value) => value !== null && typeof value === 'object',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
  isRegExp: (value) => brand(value) === 'RegExp',
  isString: of('string'),
  isSymbol: of('symbol'),
  isUndefined: of('undefined'),
};
lazy(module.exports, 'util_promisify', ['promisify', 'callbackify', 'aborted']);
lazy(module.exports, 'util_system', ['getSystemErrorName', 'getSystemErrorMap']);
lazy(module.exports, 'util_style', ['styleText']);
lazy(module.exports, 'util_debug', ['debuglog', 'debug', 'getCallSites', 'parseEnv']);
lazy(module.exports, 'comparisons', ['isDeepStrictEqual']);
lazy(module.exports, 'parse_args', ['parseArgs']);
for (const name of ['TextEncoder', 'TextDecoder']) {
  Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get: () => globalThis[name] });
}
