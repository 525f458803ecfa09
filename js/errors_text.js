/** The sentences of node's argument errors: what was expected, what came. */

const PRIMITIVES = ['string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol'];

/** Joins words as English does: "a", "a or b", "a, b, or c". */
function list(words, joint) {
  if (words.length < 3) return words.join(` ${joint} `);
  return `${words.slice(0, -1).join(', ')}, ${joint} ${words[words.length - 1]}`;
}

/** Says what a value is: "undefined", "function f", "an instance of Foo", "type number (5)". */
function received(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  const { inspect } = require('inspect');
  if (typeof value === 'object') {
    if (value.constructor && value.constructor.name) return `an instance of ${value.constructor.name}`;
    return inspect(value, { depth: -1 });
  }
  let text = inspect(value, { colors: false });
  if (text.length > 28) text = `${text.slice(0, 25)}...`;
  return `type ${typeof value} (${text})`;
}

/** "type string or an instance of Buffer or URL" of what an argument may be. */
function wanted(expected) {
  const types = [];
  const classes = [];
  const others = [];
  for (const word of expected) {
    if (PRIMITIVES.includes(word)) types.push(word.toLowerCase());
    else if (/^([A-Z][a-z0-9]*)+$/.test(word)) classes.push(word);
    else others.push(word);
  }
  // "object" reads as a class once other classes stand beside it.
  if (classes.length > 0 && types.includes('object')) {
    types.splice(types.indexOf('object'), 1);
    classes.push('Object');
  }
  const parts = [];
  if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${list(types, 'or')}`);
  if (classes.length > 0) parts.push(`an instance of ${list(classes, 'or')}`);
  if (others.length > 1) parts.push(`one of ${list(others, 'or')}`);
  else if (others.length === 1) parts.push(others[0].toLowerCase() === others[0] ? others[0] : `an ${others[0]}`);
  return parts.join(' or ');
}

/** The text of ERR_INVALID_ARG_TYPE. */
function argType(name, expected, actual) {
  let subject;
  if (name.endsWith(' argument')) subject = name;
  else subject = `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
  return `The ${subject} must be ${wanted([].concat(expected))}. Received ${received(actual)}`;
}

module.exports = { argType, received, list };
