/** The module "assert": comparisons that throw AssertionError. Exceptions are judged in assert_throws.js. */
const { codes } = require('errors');
const { isDeepEqual, isDeepStrictEqual } = require('comparisons');
const { AssertionError } = require('assert_error');
const throwing = require('assert_throws');

/** Throws message if it is an error itself, else an AssertionError. */
function fail(options) {
  if (options.message instanceof Error) throw options.message;
  throw new AssertionError(options);
}

function checkTruth(fn, argsLength, value, message) {
  if (value) return;
  let text = message;
  let generated = false;
  if (argsLength === 0) {
    generated = true;
    text = 'No value argument passed to `assert.ok()`';
  } else if (message === undefined || message === null) {
    generated = true;
    text = require('assert_source').expressionText(fn);
  } else if (message instanceof Error) throw message;
  const err = new AssertionError({ actual: value, expected: true, message: text, operator: '==', stackStartFn: fn });
  err.generatedMessage = generated;
  throw err;
}

function assert(...args) {
  checkTruth(assert, args.length, ...args);
}

function ok(...args) {
  checkTruth(ok, args.length, ...args);
}

/** Makes a comparison; differs gets both values. */
function comparison(name, operator, holds) {
  const compare = { [name](actual, expected, message) {
    if (arguments.length < 2) throw new codes.ERR_MISSING_ARGS('actual', 'expected');
    if (!holds(actual, expected)) fail({ actual, expected, message, operator, stackStartFn: compare });
  } }[name];
  return compare;
}

const same = (a, b) => a == b || (a !== a && b !== b);

Object.assign(assert, {
  fail(message, ...old) {
    if (message instanceof Error) throw message;
    let text = message;
    let generated = false;
    if (old.length === 0 && message === undefined) {
      text = 'Failed';
      generated = true;
    }
    const options = { message: text, operator: 'fail', stackStartFn: assert.fail };
    if (old.length > 0) {
      // The old form: fail(actual, expected, message, operator).
      [options.expected, options.message, options.operator = '!='] = old;
      options.actual = message;
    }
    const err = new AssertionError(options);
    if (generated) err.generatedMessage = true;
    throw err;
  },
  AssertionError,
  ok,
  equal: comparison('equal', '==', same),
  notEqual: comparison('notEqual', '!=', (a, b) => !same(a, b)),
  deepEqual: comparison('deepEqual', 'deepEqual', isDeepEqual),
  notDeepEqual: comparison('notDeepEqual', 'notDeepEqual', (a, b) => !isDeepEqual(a, b)),
  deepStrictEqual: comparison('deepStrictEqual', 'deepStrictEqual', isDeepStrictEqual),
  notDeepStrictEqual: comparison('notDeepStrictEqual', 'notDeepStrictEqual', (a, b) => !isDeepStrictEqual(a, b)),
  strictEqual: comparison('strictEqual', 'strictEqual', Object.is),
  notStrictEqual: comparison('notStrictEqual', 'notStrictEqual', (a, b) => !Object.is(a, b)),
  ...throwing,
});

const strict = (...args) => {
  checkTruth(strict, args.length, ...args);
};
Object.assign(strict, assert, {
  equal: assert.strictEqual,
  deepEqual: assert.deepStrictEqual,
  notEqual: assert.notStrictEqual,
  notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict = strict;
strict.strict = strict;

module.exports = assert;
