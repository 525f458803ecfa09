/** Checks of arguments; each throws node's error for a value that does not fit. */
const { codes } = require('errors');

/** Throws ERR_INVALID_ARG_TYPE unless typeof value is type. */
function ofType(type) {
  return (value, name) => {
    if (typeof value !== type) throw new codes.ERR_INVALID_ARG_TYPE(name, type, value);
  };
}

const validateString = ofType('string');
const validateBoolean = ofType('boolean');

/** A function; node's own message says "of type function". */
function validateFunction(value, name) {
  if (typeof value !== 'function') throw new codes.ERR_INVALID_ARG_TYPE(name, 'Function', value);
}

/** An object that is neither null nor, unless allowed, an array or a function; type is how the error calls it. */
function validateObject(value, name, { nullable = false, array = false, callable = false, type = 'Object' } = {}) {
  if ((value === null && !nullable) || (Array.isArray(value) && !array)
    || (typeof value !== 'object' && !(callable && typeof value === 'function'))) {
    throw new codes.ERR_INVALID_ARG_TYPE(name, type, value);
  }
}

/** A number within [min, max]. */
function validateNumber(value, name, min = undefined, max = undefined) {
  if (typeof value !== 'number') throw new codes.ERR_INVALID_ARG_TYPE(name, 'number', value);
  if ((min !== undefined && value < min) || (max !== undefined && value > max)
    || ((min !== undefined || max !== undefined) && Number.isNaN(value))) {
    const want = [];
    if (min !== undefined) want.push(`>= ${min}`);
    if (max !== undefined) want.push(`<= ${max}`);
    throw new codes.ERR_OUT_OF_RANGE(name, want.join(' && '), value);
  }
}

/** An integer within [min, max]; the default is the safe integers. */
function validateInteger(value, name, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== 'number') throw new codes.ERR_INVALID_ARG_TYPE(name, 'number', value);
  if (!Number.isInteger(value)) throw new codes.ERR_OUT_OF_RANGE(name, 'an integer', value);
  if (value < min || value > max) throw new codes.ERR_OUT_OF_RANGE(name, `>= ${min} && <= ${max}`, value);
}

const validateInt32 = (value, name, min = -2147483648, max = 2147483647) => validateInteger(value, name, min, max);

/** An unsigned 32 bit integer, from 1 on if positive. */
function validateUint32(value, name, positive = false) {
  validateInteger(value, name, positive ? 1 : 0, 4294967295);
}

/** One of the values listed. */
function validateOneOf(value, name, allowed) {
  if (allowed.includes(value)) return;
  const names = allowed.map((v) => (typeof v === 'string' ? `'${v}'` : String(v))).join(', ');
  throw new codes.ERR_INVALID_ARG_VALUE(name, value, `must be one of: ${names}`);
}

/** An array of at least min elements. */
function validateArray(value, name, min = 0) {
  if (!Array.isArray(value)) throw new codes.ERR_INVALID_ARG_TYPE(name, 'Array', value);
  if (value.length < min) throw new codes.ERR_INVALID_ARG_VALUE(name, value, `must be longer than ${min}`);
}

/** undefined, or something with `aborted`. */
function validateAbortSignal(signal, name) {
  if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
    throw new codes.ERR_INVALID_ARG_TYPE(name, 'AbortSignal', signal);
  }
}

module.exports = {
  validateString, validateBoolean, validateFunction, validateObject, validateNumber, validateInteger, validateInt32,
  validateUint32, validateOneOf, validateArray, validateAbortSignal,
};
