// Reads the arguments of sendTaskTo and its kin, which may be left out from
// the middle: (task[, args][, options][, callback]).
'use strict';

const { codedError, wrongType } = require('supercluster_errors');
const { isPackage, readPackage } = require('supercluster_package');

function isPlainObject(v) {
  if (v === null || typeof v !== 'object') return false;
  const proto = Object.getPrototypeOf(v);
  return proto === null || proto === Object.prototype;
}

/**
 * @param {string} call for errors
 * @param {Array} rest what follows the task
 * @param {number} first the position of rest[0] among the call's arguments, from 1
 * @returns {{args: Array, options: object, callback: Function|undefined}}
 */
function readRest(call, rest, first) {
  const found = { args: [], options: {}, callback: undefined };
  let i = 0;
  if (i < rest.length && (Array.isArray(rest[i]) || rest[i] === undefined && i < rest.length - 1)) {
    if (rest[i]) found.args = rest[i];
    i++;
  }
  if (i < rest.length && isPlainObject(rest[i])) found.options = rest[i++];
  if (i < rest.length && (typeof rest[i] === 'function' || rest[i] === undefined)) found.callback = rest[i++];
  if (i < rest.length) {
    throw wrongType(call, first + i, ['args', 'options', 'callback'][Math.min(i, 2)],
      i === 0 ? 'an array of arguments, an object of options, or a callback' : 'a callback', rest[i]);
  }
  return found;
}

/**
 * What is to run: a function, or a task object that holds one, or a package.
 * @returns {{fn: ?Function, spec: ?object, task: object, object: boolean, args: Array|undefined}} spec is that of a package
 */
function readTask(call, position, task) {
  if (typeof task === 'function') {
    return { fn: task, task: { name: task.name || 'anonymous', run: { function: task } }, object: false };
  }
  if (!isPlainObject(task)) throw wrongType(call, position, 'task', 'a function or a task object', task);
  if (isPackage(task)) return { ...readPackage(call, position, task), task, object: true };
  if (task.name !== undefined && typeof task.name !== 'string') throw wrongType(call, position, 'task.name', 'a string', task.name);
  const run = task.run;
  if (!run || typeof run.function !== 'function') {
    throw codedError('ERR_INVALID_ARG_VALUE',
      `${call}: task ${JSON.stringify(task.name || 'without a name')}: nothing is to run: it needs run.function, run.file or a type`, TypeError);
  }
  if (run.args !== undefined && !Array.isArray(run.args)) {
    throw wrongType(call, position, 'task.run.args', 'an array', run.args);
  }
  return { fn: run.function, task, object: true, args: run.args };
}

exports.readRest = readRest;
exports.readTask = readTask;
exports.isPlainObject = isPlainObject;
