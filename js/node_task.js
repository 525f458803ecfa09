// What require('supercluster') is inside a node process that runs a task.
'use strict';

const link = require('node_link');
const { encode } = require('node_encode');
const { eventName, messageData, progress } = require('node_message');

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
      link.send('progress', progress(fraction));
    },

    /** Sends an event to the master that sent the task. */
    sendToMaster(event, data) {
      link.send('send', eventName('sendToMaster', event, 1), messageData(data));
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
