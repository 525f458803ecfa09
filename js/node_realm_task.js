// The object task of a function in a warm node process: what vm's is in our own engine.
'use strict';

const { coded, eventName, busName, messageData, progress, target } = require('node_message');

/** Who a message is for; see vm.Receiver. */
const [TO_WORKERS, TO_ALL_WORKERS, TO_BUS] = [1, 2, 3];

/** Defines properties that are made when they are first asked for. */
function lazily(object, makers) {
  for (const [name, make] of Object.entries(makers)) {
    Object.defineProperty(object, name, {
      configurable: true, enumerable: true,
      get() {
        const value = make();
        Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
        return value;
      },
    });
  }
}

/** A promise of this context, whose rejection need not be handled. */
function sent(host, ...message) {
  const here = new Error(); // the place of the call
  const promise = new Promise((resolve, reject) => {
    host.post(...message).then(() => resolve(undefined), ({ code, message: text }) => {
      const err = new Error(text);
      err.stack = here.stack.replace('Error', `Error: ${text}`);
      if (code) err.code = code;
      reject(err);
    });
  });
  promise.catch(() => {});
  return promise;
}

/** A task ends before anything could reach it, so it can only emit. */
function makeBus(host) {
  const bus = { emit: (event, data) => sent(host, TO_BUS, '', busName(event), messageData(data)) };
  for (const name of ['on', 'once', 'off']) {
    bus[name] = () => {
      throw coded(Error, 'ERR_NOT_IN_TASK', `bus.${name}: a task can emit on the event bus, and not listen; listen in a script, and give the `
        + 'task what it needs as arguments');
    };
  }
  return bus;
}

/** Makes Math.random give the same numbers for the same seed. */
function seed(value) {
  const { createHash } = require('node:crypto');
  Math.random = require('node_random').seeded(createHash('sha256').update(String(value)).digest());
}

function makeSignal(host) {
  const controller = new AbortController();
  host.abort = (reason) => controller.abort(reason === '' ? undefined : new Error(reason));
  host.say('signal');
  return controller.signal;
}

/**
 * @param {{id: string, name: string, workerId: string, workerData: *}} job
 * @param {object} host what node_pool.js gives to a task
 */
exports.makeRealmTask = function makeRealmTask(job, host) {
  const shared = {
    setProgress(fraction) { host.say('progress', progress(fraction)); },
    sendToMaster(event, data) { host.say('send', eventName('sendToMaster', event, 1), messageData(data)); },
    sendTo(to, event, data) {
      eventName('sendTo', event, 2);
      return sent(host, TO_WORKERS, target(to), event, messageData(data));
    },
    sendToAll(event, data) { return sent(host, TO_ALL_WORKERS, '', eventName('sendToAll', event, 1), messageData(data)); },
  };
  const task = { id: job.id, name: job.name, ...shared, seed };
  const worker = { id: job.workerId, ...shared };
  lazily(task, { bus: () => makeBus(host), signal: () => makeSignal(host) });
  lazily(worker, { data: () => JSON.parse(job.workerData || '{}'), bus: () => task.bus });
  task.worker = worker;
  return task;
};
