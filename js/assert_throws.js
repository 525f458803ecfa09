/** assert.throws, rejects and their opposites. */
const { codes } = require('errors');
const { inspect } = require('inspect');
const { brand } = require('types');
const { isDeepStrictEqual } = require('comparisons');
const { AssertionError } = require('assert_error');
const { raise, ...plain } = require('assert_match');

const NOTHING = Symbol('nothing was thrown');
const isError = (value) => brand(value) === 'Error' || value instanceof Error;

/** The parts of an error that an object asks for, named as the error's class so that the message shows it. */
class Comparison {
  constructor(source, keys, other) {
    for (const key of keys) {
      if (!(key in source)) continue;
      const textual = other !== undefined && typeof other[key] === 'string' && brand(source[key]) === 'RegExp' && source[key].test(other[key]);
      this[key] = textual ? other[key] : source[key];
    }
  }
}

/** Compares one property; the message shows all that were asked for. */
function compareKey(actual, expected, key, message, keys, fn) {
  if (key in actual && isDeepStrictEqual(actual[key], expected[key])) return;
  if (message) {
    if (message instanceof Error) throw message;
    raise({ actual, expected, message, operator: fn.name, stackStartFn: fn }, false, fn.name);
  }
  const a = new Comparison(actual, keys);
  const b = new Comparison(expected, keys, actual);
  const err = new AssertionError({ actual: a, expected: b, operator: 'deepStrictEqual', stackStartFn: fn });
  err.actual = actual;
  err.expected = expected;
  err.operator = fn.name;
  throw err;
}

function matchesObject(actual, expected, message, fn) {
  if (typeof actual !== 'object' || actual === null) {
    const err = new AssertionError({ actual, expected, message, operator: 'deepStrictEqual', stackStartFn: fn });
    err.operator = fn.name;
    throw err;
  }
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push('name', 'message');
  else if (keys.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('error', expected, 'may not be an empty object');
  for (const key of keys) {
    if (typeof actual[key] === 'string' && brand(expected[key]) === 'RegExp' && expected[key].test(actual[key])) continue;
    compareKey(actual, expected, key, message, keys, fn);
  }
}

/** Judges what was thrown by a class, a pattern, an object or a function of the test's own. */
function judge(actual, expected, message, fn) {
  let text = message;
  let generated = false;
  if (typeof expected !== 'function') {
    if (brand(expected) !== 'RegExp') {
      matchesObject(actual, expected, message, fn);
      return;
    }
    if (expected.test(String(actual))) return;
    if (!text) {
      generated = true;
      text = `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(String(actual))}\n`;
    }
  } else if (expected.prototype !== undefined && actual instanceof expected) {
    return;
  } else if (Object.prototype.isPrototypeOf.call(Error, expected)) {
    if (!text) {
      generated = true;
      const name = isError(actual) ? actual.name : inspect(actual, { depth: -1 });
      text = `The error is expected to be an instance of "${expected.name}". Received "${name}"`;
      if (isError(actual)) text += `\n\nError message:\n\n${actual.message}`;
    }
    if (text instanceof Error) throw text;
    raise({ actual, expected, message: text, operator: fn.name, stackStartFn: fn }, generated, fn.name);
  } else {
    const result = Reflect.apply(expected, {}, [actual]);
    if (result === true) return;
    if (!text) {
      generated = true;
      text = `The ${expected.name ? `"${expected.name}" ` : ''}validation function is expected to return "true". Received ${inspect(result)}`;
      if (isError(actual)) text += `\n\nCaught error:\n\n${actual}`;
    }
  }
  if (text instanceof Error) throw text;
  raise({ actual, expected, message: text, operator: fn.name, stackStartFn: fn }, generated, fn.name);
}

function caught(fn) {
  require('validators').validateFunction(fn, 'fn');
  try {
    fn();
  } catch (err) {
    return err;
  }
  return NOTHING;
}

async function rejected(promiseFn) {
  let promise = promiseFn;
  if (typeof promiseFn === 'function') {
    promise = promiseFn();
    if (!promise || typeof promise.then !== 'function') {
      throw new codes.ERR_INVALID_RETURN_VALUE('instance of Promise', 'promiseFn', promise);
    }
  } else if (promise === null || typeof promise !== 'object' || typeof promise.then !== 'function') {
    throw new codes.ERR_INVALID_ARG_TYPE('promiseFn', ['Function', 'Promise'], promise);
  }
  try {
    await promise;
  } catch (err) {
    return err;
  }
  return NOTHING;
}

/** What throws and rejects do with the outcome. */
function expectError(fn, actual, args) {
  let [error, message] = args;
  if (typeof error === 'string') {
    if (args.length > 1) throw new codes.ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
    if (actual !== NOTHING && (isError(actual) ? actual.message : actual) === error) {
      throw new codes.ERR_AMBIGUOUS_ARGUMENT('error/message', `The error ${isError(actual) ? 'message ' : ''}"${error}" is identical to the message.`);
    }
    message = error;
    error = undefined;
  } else if (error !== null && error !== undefined && typeof error !== 'object' && typeof error !== 'function') {
    throw new codes.ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
  }
  if (actual === NOTHING) {
    const details = `${error && error.name ? ` (${error.name})` : ''}${message ? `: ${message}` : '.'}`;
    const kind = fn.name === 'rejects' ? 'rejection' : 'exception';
    raise({ actual: undefined, expected: error, operator: fn.name, message: `Missing expected ${kind}${details}`, stackStartFn: fn }, false, fn.name);
  }
  if (error) judge(actual, error, message, fn);
}

/** What doesNotThrow and doesNotReject do. */
function expectNone(fn, actual, [error, message]) {
  if (actual === NOTHING) return;
  const text = typeof error === 'string' ? error : message;
  const expected = typeof error === 'string' ? undefined : error;
  let hit = expected === undefined;
  if (typeof expected === 'function') hit = actual instanceof expected;
  else if (brand(expected) === 'RegExp') hit = expected.test(String(actual));
  if (!hit) throw actual;
  const kind = fn.name === 'doesNotReject' ? 'rejection' : 'exception';
  raise({
    actual,
    expected,
    operator: fn.name,
    message: `Got unwanted ${kind}${text ? `: ${text}` : '.'}\nActual message: "${actual && actual.message}"`,
    stackStartFn: fn,
  }, false, fn.name);
}

function throws(fn, ...args) { expectError(throws, caught(fn), args); }
async function rejects(promiseFn, ...args) { expectError(rejects, await rejected(promiseFn), args); }
function doesNotThrow(fn, ...args) { expectNone(doesNotThrow, caught(fn), args); }
async function doesNotReject(promiseFn, ...args) { expectNone(doesNotReject, await rejected(promiseFn), args); }

module.exports = { throws, rejects, doesNotThrow, doesNotReject, ...plain };
