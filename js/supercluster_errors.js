// Errors of the API, made as node makes its own.
'use strict';

/** @returns an Error with a code, as node's own errors have one. */
function codedError(code, message, Class = Error) {
  const err = new Class(message);
  err.code = code;
  return err;
}

/**
 * @param {string} call the call that got the argument
 * @param {number} position of the argument, from 1
 * @param {string} name of it
 * @param {string} expected what it must be
 * @param {*} value what it is
 */
function wrongType(call, position, name, expected, value) {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
  return codedError('ERR_INVALID_ARG_TYPE',
    `${call}: argument ${position} (${name}) must be ${expected}, not ${got}`, TypeError);
}

exports.codedError = codedError;
exports.wrongType = wrongType;

/** A task took too long: in a slot (ERR_TASK_TIMEOUT) or in the queue (ERR_QUEUE_TIMEOUT). */
class TimeoutError extends Error {}
Object.defineProperty(TimeoutError.prototype, 'name', { value: 'TimeoutError', writable: true, configurable: true });

/** Makes a TimeoutError of the error of a task that is one. */
function classify(err) {
  if (!(err instanceof Error) || (err.code !== 'ERR_TASK_TIMEOUT' && err.code !== 'ERR_QUEUE_TIMEOUT')) return err;
  const frames = String(err.stack).replace(/^(?:Error.*)?\n?/, '');
  const stack = `TimeoutError: ${err.message}\n${frames}`;
  Object.setPrototypeOf(err, TimeoutError.prototype);
  Object.defineProperty(err, 'stack', { value: stack, writable: true, configurable: true });
  return err;
}

exports.TimeoutError = TimeoutError;
exports.classify = classify;
