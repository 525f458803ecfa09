// Starts tasks and tells the master's listeners, and the handle's, what
// becomes of them.
'use strict';

const { codedError, classify } = require('supercluster_errors');

/** Events that tell what happens to a task before it is done. */
const WATCHED = ['workerTaskReceived', 'workerTaskConfigComplete', 'workerProgress', 'taskLog'];

/** Sets a property that console.log does not show. */
function hide(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, configurable: true });
}

/** Hears from the host about one task, until it is done. */
class TaskRun {
  /**
   * @param {Master} master
   * @param {object} task the task object that events carry
   * @param {Group} [group] whose handle hears state, progress and log
   * @param {boolean} [phases] whether it is a package
   */
  constructor(master, task, group, phases = false) {
    this.phases = phases;
    this.master = master;
    this.task = task;
    this.group = group;
    this.over = undefined; // once it is: {failed, with}, which is the error or the value
    this.waits = undefined; // [resolve, reject] of who waits
    this.promise = undefined;
  }

  /** @returns {Promise} of the value; made for those who ask, since most wait with settle */
  get result() {
    if (!this.promise) this.promise = new Promise((resolve, reject) => this.settle(resolve, reject));
    return this.promise;
  }

  /** Calls one of the two once it is over: at once if it is. */
  settle(resolve, reject) {
    const { over } = this;
    if (over) (over.failed ? reject : resolve)(over.with);
    else if (this.waits) this.waits.push(resolve, reject);
    else this.waits = [resolve, reject];
  }

  /**
   * Submits the task. What happens before its end is only reported if
   * somebody listens, since most tasks end sooner than that would take.
   */
  submit(code, args, options, workerId) {
    const { master } = this;
    this.native = master.native.submit(code, args, options, workerId, this);
    this.id = this.task.id = master.native.taskId(this.native);
    if (master._eventsCount > 0 && WATCHED.some((event) => master.listenerCount(event) > 0)) this.watch();
    return this;
  }

  /** From now on, the host reports what happens before the end as well. */
  watch() { this.master.native.watch(this.native); }

  cancel(reason) { this.master.native.cancel(this.id, reason); }

  tell(event, ...rest) {
    if (this.group && this.group.handle) this.group.handle.emit(event, ...rest);
  }

  state(name, peerId) {
    const worker = this.master.peer(peerId);
    this.tell('state', name, worker);
    if (name === 'received') this.master.emit('workerTaskReceived', worker, this.task);
    if (name === 'started' && !this.phases) this.master.emit('workerTaskConfigComplete', worker, this.task);
  }

  /** A package is set up in phases, "clone" and "install", before it runs. */
  phase(name, peerId) {
    const worker = this.master.peer(peerId);
    this.tell('state', name, worker);
    if (name === 'run') this.master.emit('workerTaskConfigComplete', worker, this.task);
  }

  progress(peerId, fraction) {
    const worker = this.master.peer(peerId);
    this.tell('progress', fraction, worker);
    this.master.emit('workerProgress', worker, fraction, this.task);
  }

  log(peerId, stream, text) {
    const worker = this.master.peer(peerId);
    this.tell('log', { stream, text }, worker);
    this.master.emit('taskLog', worker, this.task, { stream, text });
  }

  /** @param {string} [peerId] the worker, if one had it */
  done(peerId, err, value, runMillis) {
    const { master, task } = this;
    this.worker = peerId && master.known(peerId);
    this.runMillis = runMillis;
    const failed = err !== undefined;
    if (failed) classify(err);
    task.result = this.phases ? packageResult(err, value) : {
      exitCode: failed ? 1 : 0, error: failed ? String(err.message) : undefined, errno: failed ? err.errno : undefined, data: value,
    };
    if (failed) {
      hide(err, 'worker', this.worker);
      hide(err, 'task', task);
    }
    if (this.worker) master.emit('workerTaskComplete', this.worker, task);
    this.over = { failed, with: failed ? err : value };
    const { waits } = this;
    this.waits = undefined;
    if (waits) for (let i = failed ? 1 : 0; i < waits.length; i += 2) waits[i](this.over.with);
  }
}

/**
 * The result of a package: what a process gave, or the error that it ended with.
 * @param {?Error} err
 * @param {?{exitCode: number, data: *, stdout: ?string, stderr: ?string, path: ?string}} given
 */
function packageResult(err, given) {
  const from = err || given;
  const result = { exitCode: err ? err.exitCode ?? 1 : given.exitCode, error: err && String(err.message), errno: err && err.errno, data: given && given.data };
  if (from.stdout !== undefined) Object.assign(result, { stdout: from.stdout, stderr: from.stderr, code: result.exitCode });
  if (from.path !== undefined) result.path = from.path;
  return result;
}

/** One function or package on several workers. */
class Group {
  #call; #object; #results;

  constructor(call, object) {
    this.#call = call;
    this.#object = object;
    this.id = '';
    this.runs = [];
    this.handle = undefined;
  }

  /** Nothing could be sent. */
  failed(err) {
    this.#results = Promise.reject(err);
    return this;
  }

  cancel(reason) { for (const run of this.runs) run.cancel(reason); }

  /** @returns {Promise<Array>} what they give, or an error that says which failed */
  results() {
    if (!this.#results) {
      const value = this.#object ? (run) => run.task.result : undefined;
      this.#results = this.runs.length === 1 ? one(this.runs[0], value, this.#call) : all(this.runs, value);
    }
    return this.#results;
  }
}

/**
 * Runs one function or package on several workers and gathers what they give.
 * @param {Error} [nobody] why there is no worker to run it on
 * @returns {Group}
 */
function gather(master, call, read, args, options, workerIds, nobody) {
  const group = new Group(call, read.object);
  const { native } = master;
  const isPackage = read.spec !== undefined;
  const checked = native.options(call, options, false, isPackage);
  if (nobody) return group.failed(nobody);
  if (options.signal && options.signal.aborted) {
    return group.failed(codedError('ERR_CANCELLED', `${call}: the signal was aborted before the task was sent`));
  }
  let code, packed;
  try {
    code = isPackage ? native.package(call, read.spec, read.fn, workerIds) : native.code(call, read.fn, checked, workerIds, read.object ? read.task.name : undefined);
    packed = native.pack(args.length === 0 && read.args ? read.args : args);
  } catch (err) {
    return group.failed(err);
  }
  for (const workerId of workerIds) {
    const task = workerIds.length === 1 ? read.task : { ...read.task };
    group.runs.push(new TaskRun(master, task, group, isPackage).submit(code, packed, checked, workerId));
  }
  group.id = group.runs.length === 1 ? group.runs[0].id : group.runs.map((run) => run.id).join(',');
  return group;
}

/** The results of a single task: an array with its value. */
function one(run, value, call) {
  return run.result.then((v) => [value ? value(run) : v], (err) => {
    if (call !== 'run') {
      hide(err, 'errors', [{ worker: run.worker, cause: err }]);
      hide(err, 'results', [undefined]);
    }
    throw err;
  });
}

/** The results of several tasks, or an error that says which failed. */
async function all(runs, value) {
  const outcomes = await Promise.allSettled(runs.map((run) => run.result));
  const results = outcomes.map((o, i) => {
    if (o.status === 'rejected') return undefined;
    return value ? value(runs[i]) : o.value;
  });
  const errors = [];
  outcomes.forEach((o, i) => { if (o.status === 'rejected') errors.push({ worker: runs[i].worker, cause: o.reason }); });
  if (errors.length === 0) return results;
  const names = errors.map((e) => `worker ${e.worker ? e.worker.id.slice(0, 7) : '(none)'}: ${e.cause.message}`);
  const err = codedError('ERR_TASKS_FAILED', `${errors.length} of ${runs.length} workers failed: ${names.join('; ')}`);
  hide(err, 'cause', errors[0].cause);
  hide(err, 'errors', errors);
  hide(err, 'results', results);
  throw err;
}

exports.TaskRun = TaskRun;
exports.gather = gather;
