// What require('supercluster') is inside a node process that runs a task.
'use strict';

const link = require('node_link');
const { encode } = require('node_encode');

function wrongType(name, expected, value) {
  const err = new TypeError(`The "${name}" argument must be ${expected}. Received ${value === null ? 'null' : `type ${typeof value}`}`);
  err.code = 'ERR_INVALID_ARG_TYPE';
  return err;
}

/**
 * Makes the task's object.
 * @param {{id: string, name: string, args: Array, workerId: string, workerData: *}} about
 * @returns {{task: object, abort: function(string): void, result: function(): boolean}} result tells whether one was set
 */
function makeTask(about) {
  const controller = new AbortController();
  let asked = false;
  let done = false;

  const task = {
    id: about.id,
    name: about.name,
    /** The arguments of the task. */
    args: about.args,

    /** @param {number} fraction from 0 to 1 */
    setProgress(fraction) {
      if (typeof fraction !== 'number' || !Number.isFinite(fraction)) throw wrongType('fraction', 'a number from 0 to 1', fraction);
      link.send('progress', Math.min(Math.max(fraction, 0), 1));
    },

    /** Sends an event to the master that sent the task. */
    sendToMaster(event, data) {
      if (typeof event !== 'string') throw wrongType('event', 'of type string', event);
      link.send('send', event, new Uint8Array(encode(data, { path: 'data' })));
    },

    /** Makes value the result of a task that runs a file; the last call counts. */
    setResult(value) {
      link.send('result', new Uint8Array(encode(value, { path: 'result' })));
      done = true;
    },

    /** Aborted when the task is cancelled or its time is over; the process ends soon after that. */
    get signal() {
      if (!asked) link.send('signal');
      asked = true;
      return controller.signal;
    },
  };
  task.worker = { id: about.workerId, data: about.workerData, setProgress: task.setProgress, sendToMaster: task.sendToMaster };
  return { task, abort: (reason) => controller.abort(new Error(reason)), result: () => done };
}

/** The module: a task has no nodes of its own. */
function makeModule(task) {
  const api = { task };
  for (const name of ['createMaster', 'createWorker', 'createTracker']) {
    api[name] = () => {
      const err = new Error(`${name}: a task has no nodes of its own; task.sendToMaster reaches its master`);
      err.code = 'ERR_IN_TASK';
      throw err;
    };
  }
  return api;
}

exports.makeTask = makeTask;
exports.makeModule = makeModule;
