// What a task may say to others: checks of events, targets and data, with the errors that our own engine gives.
'use strict';

const { types } = require('node:util');
const { encode } = require('node_encode');

/** The events that the library itself emits; see vm.ReservedEvents. */
const RESERVED = new Set(['error', 'newListener', 'removeListener', 'workerAvailable', 'workerUnavailable', 'masterAvailable',
  'masterUnavailable', 'workerTaskReceived', 'workerTaskConfigComplete', 'workerProgress', 'workerTaskComplete', 'taskReceived', 'taskLog']);

function coded(Class, code, message) {
  const err = new Class(message);
  err.code = code;
  return err;
}

/** What an argument is, in words. */
function received(v) {
  if (v === undefined || v === null) return String(v);
  if (typeof v === 'string') return `type string ('${v}')`;
  if (typeof v === 'function') return `function ${v.name}`;
  if (typeof v !== 'object') return `type ${typeof v} (${String(v)})`;
  return typeof v.constructor === 'function' ? `an instance of ${v.constructor.name}` : 'an object';
}

function wrongType(name, expected, value) {
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${expected}. Received ${received(value)}`);
}

/** Checks the argument of call, at a position from 1, that names an event. */
function eventName(call, event, position) {
  if (typeof event !== 'string') throw wrongType('event', 'of type string', event);
  if (event === '') throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `${call}: argument ${position} (event) must not be empty`);
  if (RESERVED.has(event)) {
    throw coded(Error, 'ERR_RESERVED_EVENT', `${call}: "${event}" is emitted by the library itself; choose another name for the message`);
  }
  return event;
}

/** Checks the name of an event of the bus. */
function busName(event) {
  if (typeof event !== 'string') throw wrongType('event', 'of type string', event);
  if (event.split('.').some((part) => part === '' || part.includes('*'))) {
    throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `bus.emit: "${event}" is no event: parts between dots must not be empty and contain no *`);
  }
  return event;
}

/** Checks and clamps a fraction. */
function progress(fraction) {
  if (typeof fraction !== 'number' || !Number.isFinite(fraction)) throw wrongType('fraction', 'a number from 0 to 1', fraction);
  return Math.min(Math.max(fraction, 0), 1);
}

/** @returns {Uint8Array} encoded data */
function messageData(data) {
  try { return new Uint8Array(encode(data, { path: 'data' })); } catch (err) {
    if (err.code === 'ERR_VALUE') throw coded(TypeError, 'ERR_NOT_SENDABLE', err.message);
    throw err;
  }
}

/** Tells a worker, which an event or an argument has brought, from a query. */
const isWorker = (o) => Object(o) === o && typeof o.id === 'string' && o.id !== '' && o.role != null && o.port != null;

function workerId(v) {
  if (isWorker(v)) return v.id;
  if (typeof v !== 'string') throw wrongType('target', 'an array of workers or ids', v);
  return v;
}

/** @returns {string} the JSON of what sendTo was given to choose workers by */
function target(v) {
  if (v === undefined || v === null) return 'null';
  if (typeof v === 'function') {
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'sendTo: a predicate cannot be asked inside a task, where the workers are not known; '
      + 'use a query such as { gpu: true }');
  }
  if (typeof v === 'string') return JSON.stringify(v);
  if (Object(v) !== v) throw wrongType('target', 'a worker, an id, an array of these, or a query', v);
  if (Array.isArray(v)) return JSON.stringify(v.map(workerId));
  return JSON.stringify(isWorker(v) ? v.id : v);
}

/** Tells whether a value is an error by what it has: a stack of its own. */
const isErrorLike = (v) => Object(v) === v && (types.isNativeError(v) || Object.hasOwn(v, 'stack'));

exports.coded = coded;
exports.wrongType = wrongType;
exports.eventName = eventName;
exports.busName = busName;
exports.progress = progress;
exports.messageData = messageData;
exports.target = target;
exports.isErrorLike = isErrorLike;
