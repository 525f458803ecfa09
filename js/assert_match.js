/** assert.match, doesNotMatch and ifError. */
const { codes } = require('errors');
const { inspect } = require('inspect');
const { brand } = require('types');
const { AssertionError } = require('assert_error');

/** Throws an AssertionError; generated says whether its message is ours. */
function raise(options, generated, operator) {
  const err = new AssertionError(options);
  err.generatedMessage = generated;
  err.operator = operator;
  throw err;
}

function checkMatch(string, regexp, message, fn) {
  if (brand(regexp) !== 'RegExp') throw new codes.ERR_INVALID_ARG_TYPE('regexp', 'RegExp', regexp);
  const wanted = fn.name === 'match';
  if (typeof string === 'string' && regexp.test(string) === wanted) return;
  if (message instanceof Error) throw message;
  let text = message;
  if (!text) {
    if (typeof string !== 'string') text = `The "string" argument must be of type string. Received type ${typeof string} (${inspect(string)})`;
    else {
      text = wanted ? 'The input did not match the regular expression ' : 'The input was expected to not match the regular expression ';
      text += `${inspect(regexp)}. Input:\n\n${inspect(string)}\n`;
    }
  }
  raise({ actual: string, expected: regexp, message: text, operator: fn.name, stackStartFn: fn }, !message, fn.name);
}

function ifError(value) {
  if (value === null || value === undefined) return;
  let message = 'ifError got unwanted exception: ';
  if (typeof value === 'object' && typeof value.message === 'string') {
    message += value.message.length === 0 && value.constructor ? value.constructor.name : value.message;
  } else message += inspect(value);
  raise({ actual: value, expected: null, operator: 'ifError', message, stackStartFn: ifError }, false, 'ifError');
}

function match(string, regexp, message) { checkMatch(string, regexp, message, match); }
function doesNotMatch(string, regexp, message) { checkMatch(string, regexp, message, doesNotMatch); }

module.exports = { raise, ifError, match, doesNotMatch };
