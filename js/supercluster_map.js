// master.map: pulls items as workers have room for them, sends them in chunks,
// and gives the results as an array or one by one.
'use strict';

const EventEmitter = require('events');
const { codedError } = require('supercluster_errors');
const { isThenable } = require('supercluster_map_source');

// A chunk is to keep a worker busy for about this long, in milliseconds: long
// against a round trip, short against a person's patience.
const CHUNK_MILLIS = 40;
const MAX_CHUNK = 1000;

/** A map under way: awaited, an array; iterated, the results as they come. */
class MapRun extends EventEmitter {
  #master; #source; #options; #code; #name;
  #pulled = 0; #chunkSize; #inFlight = new Map(); #inFlightItems = 0;
  #ready = []; #readyAt = 0; #readyItems = 0; // chunks of results; how much of the first is gone
  #buffered = new Map(); #bufferedItems = 0; #nextOut = 0; // results that wait for those before them
  #exhausted = false; #pulling = false; #failed; #errors = [];
  #mode; #waiting = []; #promise; #resolve; #reject; #collected = [];

  constructor(master, source, fn, options) {
    super();
    this.#master = master;
    this.#source = source;
    this.#options = { ordered: true, stopOnError: true, chunk: 'auto', ...options };
    const { chunk, concurrency, signal } = this.#options;
    if (chunk !== 'auto' && !(Number.isInteger(chunk) && chunk > 0)) {
      throw codedError('ERR_INVALID_ARG_VALUE', `map: chunk must be 'auto' or a whole number above 0, not ${String(chunk)}`, RangeError);
    }
    if (concurrency !== undefined && !(concurrency >= 1)) {
      throw codedError('ERR_INVALID_ARG_VALUE', `map: concurrency must be 1 or more, not ${String(concurrency)}`, RangeError);
    }
    this.#name = fn.name || 'anonymous';
    const { ordered, stopOnError, chunk: _c, concurrency: _n, ...taskOptions } = this.#options;
    this.#options.task = master.native.options('map', taskOptions, true);
    this.#code = master.native.code('map', fn, this.#options.task);
    this.#chunkSize = chunk === 'auto' ? 1 : chunk;
    if (signal) {
      const stop = () => this.cancel(signal.reason);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    }
    queueMicrotask(() => this.#pump());
  }

  /** Stops pulling and cancels what runs. */
  cancel(reason) {
    const why = reason === undefined ? 'cancelled' : String(reason && reason.message || reason);
    this.#fail(codedError('ERR_CANCELLED', `map: ${why}`));
    return this;
  }

  then(ok, bad) { return this.#collect().then(ok, bad); }
  catch(bad) { return this.#collect().catch(bad); }
  finally(f) { return this.#collect().finally(f); }

  [Symbol.asyncIterator]() {
    if (this.#mode === 'collect') throw new Error('map: the results were awaited already; iterate or await, not both');
    this.#mode = 'iterate';
    return {
      next: () => new Promise((resolve, reject) => { this.#waiting.push({ resolve, reject }); this.#serve(); }),
      return: async () => { this.#fail(undefined); return { done: true, value: undefined }; },
      [Symbol.asyncIterator]() { return this; },
    };
  }

  #collect() {
    if (this.#mode === 'iterate') throw new Error('map: the results are being iterated; iterate or await, not both');
    this.#mode = 'collect';
    if (!this.#promise) {
      this.#promise = new Promise((resolve, reject) => { this.#resolve = resolve; this.#reject = reject; });
      this.#serve();
      this.#pump();
    }
    return this.#promise;
  }

  // How many chunks may be under way: enough that no slot waits for the next.
  get #window() {
    const slots = this.#master.peers().reduce((sum, w) => sum + w.slots, 0);
    return Math.max(4, 2 * slots);
  }

  get #room() {
    const { concurrency } = this.#options;
    if (concurrency !== undefined) return concurrency - this.#inFlightItems;
    if (this.#inFlight.size >= this.#window) return 0;
    const held = this.#mode === 'collect' ? 0 : this.#readyItems + this.#bufferedItems;
    return held > this.#window * this.#chunkSize ? 0 : this.#chunkSize;
  }

  async #pump() {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      while (!this.#exhausted && !this.#failed && this.#room >= 1) {
        const size = Math.min(this.#chunkSize, this.#room);
        let chunk = this.#source.take(size);
        if (isThenable(chunk)) chunk = await chunk;
        if (chunk.length < size) this.#exhausted = true;
        if (chunk.length > 0 && !this.#failed) this.#send(chunk);
      }
    } catch (err) {
      this.#exhausted = true;
      this.#fail(err);
    } finally {
      this.#pulling = false;
    }
    if (this.#over) this.#serve();
  }

  #send(chunk) {
    const first = this.#pulled;
    this.#pulled += chunk.length;
    const task = { name: this.#name };
    let started;
    try {
      started = this.#master.start(this.#code, this.#master.native.pack([chunk], 'items'), this.#options.task, undefined, task);
    } catch (err) {
      // The path counts from the chunk; the user counts from the first item.
      const own = (text) => text.replace(/items\[0\]\[(\d+)\]/, (_, i) => `items[${first + Number(i)}]`);
      err.message = own(err.message);
      err.stack = own(err.stack);
      this.#fail(err);
      return;
    }
    this.#inFlight.set(started.id, chunk.length);
    this.#inFlightItems += chunk.length;
    const ended = () => { this.#inFlight.delete(started.id); this.#inFlightItems -= chunk.length; };
    const next = () => { this.#serve(); this.#pump(); };
    started.result.then(([values, failures]) => {
      ended();
      this.#adapt(chunk.length, started.runMillis);
      this.#settled(first, values, failures);
      next();
    }, (err) => {
      ended();
      this.#settled(first, new Array(chunk.length).fill(undefined), chunk.map((_, i) => [i, err]));
      next();
    });
  }

  #adapt(size, millis) {
    if (this.#options.chunk !== 'auto' || size < this.#chunkSize) return;
    const ideal = Math.floor(CHUNK_MILLIS / Math.max(millis / size, 0.001));
    this.#chunkSize = Math.max(1, Math.min(ideal, 2 * this.#chunkSize, MAX_CHUNK));
  }

  // Takes the results of the items from first on; failures holds [index, error] for those that have none.
  #settled(first, values, failures) {
    if (failures.length > 0) {
      if (this.#options.stopOnError) this.#fail(failures[0][1]);
      else for (const [, err] of failures) this.#errors.push(err);
    }
    if (this.#failed) return;
    if (!this.#options.ordered) {
      this.#offer(without(values, failures));
      return;
    }
    this.#buffered.set(first, { values, failures });
    this.#bufferedItems += values.length;
    for (let next; (next = this.#buffered.get(this.#nextOut));) {
      this.#buffered.delete(this.#nextOut);
      this.#bufferedItems -= next.values.length;
      this.#nextOut += next.values.length;
      this.#offer(this.#mode === 'collect' ? next.values : without(next.values, next.failures));
    }
  }

  #offer(values) {
    if (values.length === 0) return;
    this.#ready.push(values);
    this.#readyItems += values.length;
  }

  // The next result that is ready; there must be one.
  #shift() {
    const [chunk] = this.#ready;
    const value = chunk[this.#readyAt++];
    this.#readyItems--;
    if (this.#readyAt === chunk.length) {
      this.#ready.shift();
      this.#readyAt = 0;
    }
    return value;
  }

  #fail(err) {
    if (this.#failed) return;
    this.#failed = { err };
    const ids = [...this.#inFlight.keys()];
    for (const id of ids) this.#master.native.cancel(id, 'the map has ended');
    if (!this.#exhausted) {
      this.#exhausted = true;
      this.#source.close();
    }
    this.#serve();
    if (err && !this.#mode) queueMicrotask(() => { if (!this.#mode) this.#collect(); });
  }

  get #over() { return this.#failed || (this.#exhausted && !this.#pulling && this.#inFlight.size === 0); }

  // The error of the whole, once all is over.
  #outcome() {
    if (this.#failed) return this.#failed.err;
    if (this.#errors.length === 0) return undefined;
    return new AggregateError(this.#errors, `map: ${this.#errors.length} of ${this.#pulled} items failed`);
  }

  #serve() {
    if (this.#mode === 'iterate') this.#serveIterator();
    if (this.#mode !== 'collect' || !this.#promise) return;
    for (const chunk of this.#ready) this.#collected.push(...chunk);
    this.#ready = [];
    this.#readyItems = 0;
    if (!this.#over) return;
    const err = this.#outcome();
    if (err) this.#reject(err);
    else this.#resolve(this.#collected);
  }

  #serveIterator() {
    while (this.#waiting.length > 0) {
      if (this.#readyItems > 0 && !(this.#failed && this.#failed.err)) {
        this.#waiting.shift().resolve({ done: false, value: this.#shift() });
        if (this.#readyItems === 0) this.#pump();
        continue;
      }
      if (!this.#over) { this.#pump(); return; }
      const err = this.#outcome();
      const { resolve, reject } = this.#waiting.shift();
      this.#errors = [];
      if (this.#failed) this.#failed = { err: undefined };
      if (err) reject(err);
      else resolve({ done: true, value: undefined });
    }
  }
}

/** values without those of the calls that failed. */
function without(values, failures) {
  if (failures.length === 0) return values;
  const failed = new Set(failures.map(([i]) => i));
  return values.filter((_, i) => !failed.has(i));
}

exports.MapRun = MapRun;
