/** AssertionError and its messages. */
const { inspect } = require('inspect');
const { withCode } = require('errors');
const { difference, describe, HEADS } = require('assert_diff');

const LINES = 50; // a longer value is cut

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** "not" comparisons show one value: both are the same. */
function unwanted(actual, operator) {
  let head = HEADS[operator];
  const lines = describe(actual).split('\n');
  if (operator === 'notStrictEqual' && isObject(actual)) head = HEADS.notStrictEqualObject;
  if (lines.length > LINES) {
    lines[LINES - 4] = '...';
    lines.length = LINES - 3;
  }
  if (lines.length === 1) return `${head}${lines[0].length > 5 ? '\n\n' : ' '}${lines[0]}`;
  return `${head}\n\n${lines.join('\n')}\n`;
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 3)}...` : text);

function loose(actual, expected, operator) {
  let left = describe(actual);
  let right = describe(expected);
  if (operator === 'notDeepEqual' && left === right) return cut(`${HEADS[operator]}\n\n${left}`, 1024);
  left = cut(left, 512);
  right = cut(right, 512);
  if (operator === 'deepEqual') return `${HEADS.deepEqual}\n\n${left}\n\nshould loosely deep-equal\n\n${right}`;
  if (operator === 'notDeepEqual') return `${HEADS.notDeepEqualUnequal}\n\n${left}\n\nshould not loosely deep-equal\n\n${right}`;
  return `${left} ${operator} ${right}`;
}

function messageOf({ actual, expected, operator }) {
  if (operator === 'deepStrictEqual' || operator === 'strictEqual') return difference(actual, expected, operator);
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') return unwanted(actual, operator);
  return loose(actual, expected, operator);
}

/** Long texts are cut when the error is printed. */
function shown(value) {
  if (typeof value !== 'string') return value;
  const lines = value.split('\n', 11);
  if (lines.length <= 10 && value.length <= 512) return value;
  return lines.length > 10 ? `${lines.slice(0, 10).join('\n')}\n...` : cut(value, 512);
}

/** Leaves out the frames of this module at the top of the stack: the caller is where the assertion stands. */
function hideOwnFrames(err) {
  const lines = String(err.stack).split('\n');
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  let end = first;
  while (end >= 0 && end < lines.length && /^\s+at .*node:assert/.test(lines[end])) end += 1;
  if (first < 0 || end === first || end === lines.length) return;
  lines.splice(first, end - first);
  Object.defineProperty(err, 'stack', { value: lines.join('\n'), writable: true, configurable: true, enumerable: false });
}

class AssertionError extends Error {
  constructor(options) {
    require('validators').validateObject(options, 'options');
    const { message, operator, actual, expected, stackStartFn } = options;
    super(message === undefined || message === null ? messageOf(options) : String(message));
    this.generatedMessage = message === undefined || message === null;
    Object.defineProperty(this, 'name', { value: 'AssertionError', enumerable: false, writable: true, configurable: true });
    if (typeof Error.captureStackTrace === 'function') Error.captureStackTrace(this, stackStartFn);
    withCode(this, 'ERR_ASSERTION');
    hideOwnFrames(this);
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
  }

  toString() { return `${this.name} [${this.code}]: ${this.message}`; }

  [inspect.custom](depth, ctx) {
    const { actual, expected } = this;
    this.actual = shown(actual);
    this.expected = shown(expected);
    const text = inspect(this, { ...ctx, customInspect: false, depth: 0 });
    this.actual = actual;
    this.expected = expected;
    return text;
  }
}

module.exports = { AssertionError };
