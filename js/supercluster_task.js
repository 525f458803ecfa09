// Starts tasks and tells the master's listeners, and the handle's, what
// becomes of them.
'use strict';

const { codedError } = require('supercluster_node');

/** Sets a property that console.log does not show. */
function hide(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, configurable: true });
}

/**
 * Submits one task.
 * @param {Master} master
 * @param {object} code what native.code gave
 * @param {object} args what native.pack gave
 * @param {object} options what native.options gave
 * @param {string|undefined} workerId the one worker it may run on
 * @param {object} task the task object that events carry
 * @param {function(string, ...*): void} [tell] hears state, progress and log
 * @returns {{id: string, result: Promise}}
 */
function startTask(master, code, args, options, workerId, task, tell = () => {}) {
  const worker = (id) => master.peer(id);
  let id;
  const result = new Promise((resolve, reject) => {
    id = master.native.submit(code, args, options, workerId, {
      state(name, peerId) {
        tell('state', name, worker(peerId));
        if (name === 'received') master.emit('workerTaskReceived', worker(peerId), task);
        if (name === 'started') master.emit('workerTaskConfigComplete', worker(peerId), task);
      },
      progress(peerId, fraction) {
        tell('progress', fraction, worker(peerId));
        master.emit('workerProgress', worker(peerId), fraction, task);
      },
      log(peerId, stream, text) {
        tell('log', { stream, text }, worker(peerId));
        master.emit('taskLog', worker(peerId), task, { stream, text });
      },
      message(peerId, event, data) {
        master.emit(event, data, worker(peerId));
      },
      done(peer, err, value, runMillis) {
        const at = peer && master.seen(peer);
        task.result = { exitCode: err ? 1 : 0, error: err && String(err.message), errno: err && err.errno, data: value };
        if (err) {
          hide(err, 'worker', at);
          hide(err, 'task', task);
        }
        if (at) master.emit('workerTaskComplete', at, task);
        if (err) reject(err);
        else resolve({ value, worker: at, runMillis });
      },
    });
  });
  task.id = id;
  return { id, result };
}

/**
 * Runs one function on several workers and gathers what they give.
 * @returns {{id: string, results: Promise<Array>, cancel: function(string): void, handle: ?Handle}}
 */
function gather(master, call, read, args, options, workerIds) {
  const group = { id: '', results: undefined, handle: undefined, cancel: () => {} };
  const checked = master.native.options(call, options);
  let code, packed;
  try {
    code = master.native.code(call, read.fn);
    packed = master.native.pack(args.length === 0 && read.args ? read.args : args);
  } catch (err) {
    group.results = Promise.reject(err);
    return group;
  }
  const tell = (event, ...rest) => {
    const handle = group.handle;
    if (!handle) return;
    if (event === 'state') {
      handle.state = rest[0];
      handle.worker = rest[1];
    }
    handle.emit(event, ...rest);
  };
  const started = workerIds.map((workerId) => {
    const task = read.object && workerIds.length === 1 ? read.task : { ...read.task };
    return { task, workerId, ...startTask(master, code, packed, checked, workerId, task, tell) };
  });
  group.id = started.length === 1 ? started[0].id : started.map((t) => t.id).join(',');
  group.cancel = (reason) => { for (const t of started) master.native.cancel(t.id, reason); };
  group.results = settle(started, read.object, call === 'run');
  return group;
}

async function settle(started, isObject, isOne) {
  const outcomes = await Promise.allSettled(started.map((t) => t.result));
  const results = outcomes.map((o, i) => {
    if (o.status === 'rejected') return undefined;
    return isObject ? started[i].task.result : o.value.value;
  });
  const errors = [];
  outcomes.forEach((o) => { if (o.status === 'rejected') errors.push({ worker: o.reason.worker, cause: o.reason }); });
  if (errors.length === 0) return results;
  let err = errors[0].cause;
  if (isOne) throw err;
  if (started.length > 1) {
    const names = errors.map((e) => `worker ${e.worker ? e.worker.id.slice(0, 7) : '(none)'}: ${e.cause.message}`);
    err = codedError('ERR_TASKS_FAILED', `${errors.length} of ${started.length} workers failed: ${names.join('; ')}`);
    hide(err, 'cause', errors[0].cause);
  }
  hide(err, 'errors', errors);
  hide(err, 'results', results);
  throw err;
}

exports.startTask = startTask;
exports.gather = gather;
