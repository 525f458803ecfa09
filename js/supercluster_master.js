// A master, as a script sees its own.
'use strict';

const { Node, checkEvent, quiet } = require('supercluster_node');
const { wrongType } = require('supercluster_errors');
const { readRest, readTask, isPlainObject } = require('supercluster_arguments');
const { select, noWorker } = require('supercluster_target');
const { Handle } = require('supercluster_handle');
const { TaskRun, gather } = require('supercluster_task');
const { MapRun } = require('supercluster_map');
const { sourceOf } = require('supercluster_map_source');

class Master extends Node {
  constructor(binding, conf) { super(binding, 'master', conf); }

  /** Runs task on each worker that target selects; see SPEC, Targets. */
  sendTaskTo(target, task, ...rest) {
    return this.#send('sendTaskTo', target, task, 2, readRest('sendTaskTo', rest, 3));
  }

  /** Runs task on every worker that is available now. */
  sendTaskToAll(task, ...rest) {
    return this.#send('sendTaskToAll', this.peers(), task, 1, readRest('sendTaskToAll', rest, 2));
  }

  /** A task for target if what is a function or a task object, else a message. */
  sendTo(target, what, ...rest) {
    if (typeof what === 'string') return this.#message('sendTo', target, what, rest[0]);
    return this.#send('sendTo', target, what, 2, readRest('sendTo', rest, 3));
  }

  /**
   * Sends an event with data to each worker that target selects.
   * @returns {Promise<void>} settled when it is on its way to all: who waits for
   *   it sends no faster than the receivers take
   */
  msgTo(target, event, data) { return this.#message('msgTo', target, event, data); }

  #message(call, target, event, data) {
    checkEvent(call, 2, event);
    const packed = this.native.wrap(data);
    const [ids, nobody] = this.#select(call, target);
    if (nobody) return quiet(Promise.reject(nobody));
    if (ids.length > 0 && ids[0] === undefined) {
      const [any] = this.peers();
      if (!any) return quiet(Promise.reject(noWorker(call, 'no target was given', [])));
      ids[0] = any.id;
    }
    return quiet(this.native.send(ids, event, packed));
  }

  /** Sends an event with data to every worker that is available now. */
  msgToAll(event, data) {
    checkEvent('msgToAll', 1, event);
    return quiet(this.native.send(this.peers().map((w) => w.id), event, this.native.wrap(data)));
  }

  /** Runs fn once, on any worker. @returns {Handle} of its value */
  run(fn, ...rest) {
    const { args, options } = readRest('run', rest, 2);
    const read = readTask('run', 1, fn);
    const group = gather(this, 'run', read, args, options, [undefined]);
    const [run] = group.runs;
    if (!run) return this.#handle(group, options, group.results());
    // The handle is settled by the task itself: a promise in between costs as much as a task.
    const value = read.object ? (resolve) => () => resolve(run.task.result) : (resolve) => resolve;
    return this.#handle(group, options, { then: (resolve, reject) => run.settle(value(resolve), reject) });
  }

  /** Runs fn for each item of an iterable, spread over all workers. */
  map(iterable, fn, options = {}) {
    const iterator = iterable != null && (iterable[Symbol.asyncIterator] || iterable[Symbol.iterator]);
    if (typeof iterator !== 'function') throw wrongType('map', 1, 'iterable', 'iterable', iterable);
    if (typeof fn !== 'function') throw wrongType('map', 2, 'fn', 'a function', fn);
    if (!isPlainObject(options)) throw wrongType('map', 3, 'options', 'an object', options);
    return new MapRun(this, sourceOf(iterable, iterator), fn, options);
  }

  /**
   * Stores a large value once. The reference, as an argument of a task or
   * inside of one, is the value there; it travels once to each worker.
   */
  put(value) { return this.native.put(value); }

  /** Starts one task; what supercluster_map builds on. */
  start(code, args, options, workerId, task) {
    return new TaskRun(this, task).submit(code, args, options, workerId);
  }

  #send(call, target, what, position, { args, options, callback }) {
    const read = readTask(call, position, what);
    const [ids, nobody] = this.#select(call, target);
    const group = gather(this, call, read, args, options, ids, nobody);
    const handle = this.#handle(group, options, group.results());
    if (callback) {
      group.results().then(
        (results) => callback(null, results),
        (err) => callback(err, err.results),
      ).catch((err) => process.nextTick(() => { throw err; }));
      handle.catch(() => {}); // the callback has it
    }
    return handle;
  }

  #handle(group, options, result) {
    const handle = new Handle(result, group, this.native);
    group.handle = handle;
    const signal = options.signal;
    if (signal) {
      const stop = () => group.cancel(signal.reason === undefined ? 'aborted' : String(signal.reason));
      if (signal.aborted) stop();
      else {
        signal.addEventListener('abort', stop);
        const done = () => signal.removeEventListener('abort', stop);
        group.results().then(done, done);
      }
    }
    return handle;
  }

  // The workers that a target selects, or the error that it is nobody: that is for who waits for the call's end, while
  // what is wrong with a target is thrown.
  #select(call, target) {
    try {
      return [select(call, target, { peers: this.peers(), query: this.native.query })];
    } catch (err) {
      if (err.code !== 'ERR_NO_WORKER') throw err;
      return [[], err];
    }
  }
}

exports.Master = Master;
