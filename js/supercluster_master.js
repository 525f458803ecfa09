// A master, as a script sees its own.
'use strict';

const { Node, Peer, checkEvent, codedError } = require('supercluster_node');
const { readRest, readTask, isPlainObject, wrongType } = require('supercluster_arguments');
const { Handle } = require('supercluster_handle');
const { TaskRun, gather } = require('supercluster_task');
const { MapRun } = require('supercluster_map');

class Master extends Node {
  constructor(binding, conf) { super(binding, 'master', conf); }

  hooks() {
    return {
      ...super.hooks(),
      message: (workerId, event, data) => this.emit(event, data, this.peer(workerId)),
    };
  }

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
    if (typeof what === 'string') return this.msgTo(target, what, rest[0]);
    return this.#send('sendTo', target, what, 2, readRest('sendTo', rest, 3));
  }

  /** Sends an event with data to each worker that target selects. */
  msgTo(target, event, data) {
    checkEvent('msgTo', event);
    let ids = this.#select('msgTo', target);
    if (ids[0] === undefined) {
      const [any] = this.peers();
      if (!any) throw this.#noWorker('msgTo', 'no target was given');
      ids = [any.id];
    }
    this.native.send(ids, event, data);
  }

  /** Sends an event with data to every worker that is available now. */
  msgToAll(event, data) {
    checkEvent('msgToAll', event);
    this.native.send(this.peers().map((w) => w.id), event, data);
  }

  /** Runs fn once, on any worker. @returns {Handle} of its value */
  run(fn, ...rest) {
    const { args, options } = readRest('run', rest, 2);
    const read = readTask('run', 1, fn);
    const group = gather(this, 'run', read, args, options, [undefined]);
    return this.#handle(group, options, group.results.then(([value]) => value));
  }

  /** Runs fn for each item of an iterable, spread over all workers. */
  map(iterable, fn, options = {}) {
    const iterator = iterable != null && (iterable[Symbol.asyncIterator] || iterable[Symbol.iterator]);
    if (typeof iterator !== 'function') throw wrongType('map', 1, 'iterable', 'iterable', iterable);
    if (typeof fn !== 'function') throw wrongType('map', 2, 'fn', 'a function', fn);
    if (!isPlainObject(options)) throw wrongType('map', 3, 'options', 'an object', options);
    return new MapRun(this, iterator.call(iterable), fn, options);
  }

  /** Starts one task; what supercluster_map builds on. */
  start(code, args, options, workerId, task) {
    return new TaskRun(this, task).submit(code, args, options, workerId);
  }

  #send(call, target, what, position, { args, options, callback }) {
    const read = readTask(call, position, what);
    const ids = this.#select(call, target);
    const group = gather(this, call, read, args, options, ids);
    const handle = this.#handle(group, options, group.results);
    if (callback) {
      group.results.then(
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
        group.results.then(done, done);
      }
    }
    return handle;
  }

  /** @returns {Array<string|undefined>} ids; undefined stands for any one worker */
  #select(call, target) {
    if (target === undefined || target === null) return [undefined];
    if (Array.isArray(target)) return target.map((t) => this.#one(call, t));
    if (target instanceof Peer || typeof target === 'string') return [this.#one(call, target)];
    let selected;
    if (typeof target === 'function') {
      selected = this.peers().filter((w) => target(w.data, w));
    } else if (isPlainObject(target)) {
      const matches = this.native.query(call, target);
      selected = this.peers().filter((w) => matches(w.id));
    } else {
      throw wrongType(call, 1, 'target', 'a worker, an id, an array of these, or a query', target);
    }
    if (selected.length === 0) {
      const asked = typeof target === 'function' ? 'the predicate' : `the query ${JSON.stringify(target)}`;
      throw this.#noWorker(call, `${asked} holds for none`);
    }
    return selected.map((w) => w.id);
  }

  #one(call, target) {
    const id = target instanceof Peer ? target.id : target;
    if (typeof id !== 'string') throw wrongType(call, 1, 'target', 'a worker or an id', target);
    if (!this.peer(id)) throw this.#noWorker(call, `worker ${id} is not available`);
    return id;
  }

  #noWorker(call, why) {
    const there = this.peers().map((w) => `${w.id.slice(0, 7)} ${JSON.stringify(w.data)}`);
    return codedError('ERR_NO_WORKER', `${call}: ${why}; ` +
      (there.length ? `available: ${there.slice(0, 10).join(', ')}` : 'no worker is available'));
  }
}

exports.Master = Master;
