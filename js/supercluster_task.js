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
   * @param {function(string, ...*): void} [tell] hears state, progress and log
   * @param {boolean} [phases] whether it is a package
   */
  constructor(master, task, tell, phases = false) {
    this.phases = phases;
    this.master = master;
    this.task = task;
    this.tell = tell;
    this.result = new Promise((resolve, reject) => { this.resolve = resolve; this.reject = reject; });
  }

  /**
   * Submits the task. What happens before its end is only reported if
   * somebody listens, since most tasks end sooner than that would take.
   */
  submit(code, args, options, workerId) {
    const { master } = this;
    this.native = master.native.submit(code, args, options, workerId, this);
    this.id = this.task.id = master.native.taskId(this.native);
    if (WATCHED.some((event) => master.listenerCount(event) > 0)) this.watch();
    return this;
  }

  /** From now on, the host reports what happens before the end as well. */
  watch() { this.master.native.watch(this.native); }

  cancel(reason) { this.master.native.cancel(this.id, reason); }

  state(name, peerId) {
    const worker = this.master.peer(peerId);
    if (this.tell) this.tell('state', name, worker);
    if (name === 'received') this.master.emit('workerTaskReceived', worker, this.task);
    if (name === 'started' && !this.phases) this.master.emit('workerTaskConfigComplete', worker, this.task);
  }

  /** A package is set up in phases, "clone" and "install", before it runs. */
  phase(name, peerId) {
    const worker = this.master.peer(peerId);
    if (this.tell) this.tell('state', name, worker);
    if (name === 'run') this.master.emit('workerTaskConfigComplete', worker, this.task);
  }

  progress(peerId, fraction) {
    const worker = this.master.peer(peerId);
    if (this.tell) this.tell('progress', fraction, worker);
    this.master.emit('workerProgress', worker, fraction, this.task);
  }

  log(peerId, stream, text) {
    const worker = this.master.peer(peerId);
    if (this.tell) this.tell('log', { stream, text }, worker);
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
    if (failed) this.reject(err);
    else this.resolve(value);
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

/**
 * Runs one function or package on several workers and gathers what they give.
 * @returns {{id: string, results: Promise<Array>, runs: TaskRun[], cancel: function(string): void, handle: ?Handle}}
 */
function gather(master, call, read, args, options, workerIds) {
  const group = { id: '', results: undefined, runs: [], handle: undefined, cancel: () => {} };
  const checked = master.native.options(call, options, false, read.spec !== undefined);
  if (options.signal && options.signal.aborted) {
    group.results = Promise.reject(codedError('ERR_CANCELLED', `${call}: the signal was aborted before the task was sent`));
    return group;
  }
  let code, packed;
  try {
    code = read.spec ? master.native.package(call, read.spec, read.fn, workerIds) : master.native.code(call, read.fn, checked, workerIds);
    packed = master.native.pack(args.length === 0 && read.args ? read.args : args);
  } catch (err) {
    group.results = Promise.reject(err);
    return group;
  }
  const tell = (event, ...rest) => { if (group.handle) group.handle.emit(event, ...rest); };
  const own = read.object && workerIds.length === 1;
  group.runs = workerIds.map((workerId) =>
    new TaskRun(master, own ? read.task : { ...read.task }, tell, read.spec !== undefined).submit(code, packed, checked, workerId));
  group.id = group.runs.map((run) => run.id).join(',');
  group.cancel = (reason) => { for (const run of group.runs) run.cancel(reason); };
  const value = read.object ? (run) => run.task.result : undefined;
  group.results = group.runs.length === 1 ? one(group.runs[0], value, call) : all(group.runs, value);
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
