/**
 * Node's errors with a code: `throw new codes.ERR_X(args…)`. The class (TypeError, RangeError, Error) and the text of
 * each code stand in errors_table.js; every other module makes its errors here, so that code and message stay node's.
 */
/** Puts `[code]` behind the name in the first line of the stack, as node shows it. */
function nameStack(err, code) {
  const stack = typeof err.stack === 'string' ? err.stack : '';
  const at = stack.search(/\n\s+at /);
  const head = `${err.name} [${code}]: ${err.message}`;
  Object.defineProperty(err, 'stack', {
    value: at < 0 ? head : head + stack.slice(at),
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/**
 * Gives err its code; err keeps its message and class.
 * @param {Error} err
 * @param {string} code
 * @returns {Error} err
 */
function withCode(err, code) {
  nameStack(err, code);
  Object.defineProperty(err, 'toString', {
    value() {
      return `${this.name} [${code}]: ${this.message}`;
    },
    writable: true,
    configurable: true,
    enumerable: false,
  });
  err.code = code;
  return err;
}

/** Codes of the tables that differ from another by their class only, and what scripts see. */
const SAME = { __proto__: null, ERR_INVALID_ARG_VALUE_RANGE: 'ERR_INVALID_ARG_VALUE' };

/** Makes the constructor of one code; it may be called with or without new. */
function define(code, [Base, text]) {
  return function NodeError(...args) {
    const message = typeof text === 'function' ? text(...args) : text;
    return withCode(new Base(message), SAME[code] ?? code);
  };
}

/** All constructors by code, each made when it is first thrown: most scripts need none. */
const codes = new Proxy(Object.create(null), {
  get(made, code) {
    if (made[code] === undefined) {
      const entry = ['errors_table', 'errors_table_io', 'errors_table_crypto', 'errors_table_thread']
        .reduce((found, file) => found ?? require(file).table[code], undefined);
      if (entry !== undefined) made[code] = define(code, entry);
    }
    return made[code];
  },
});

/** What `AbortSignal` rejections look like: name AbortError, code ABORT_ERR. */
class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    super(message, options);
    if (options && options.cause !== undefined && this.cause === undefined) {
      Object.defineProperty(this, 'cause', {
        value: options.cause, writable: true, configurable: true, enumerable: false,
      });
    }
    this.name = 'AbortError';
    this.code = 'ABORT_ERR';
  }
}

/** Hides helper frames from the stack where the engine can. */
function hideFrames(err, fn) {
  if (typeof Error.captureStackTrace === 'function') Error.captureStackTrace(err, fn);
  return err;
}

module.exports = { codes, AbortError, withCode, hideFrames };
