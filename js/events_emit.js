/** EventEmitter.prototype.emit, with what happens to errors and rejected promises of listeners. */
const { codes, hideFrames } = require('errors');

const kCapture = Symbol('kCapture');
/** Whether the names of an emitter's usual events stand in _events from the start, as a stream's do, and stay there. */
const kShapeMode = Symbol('shapeMode');
const errorMonitor = Symbol('events.errorMonitor');
const captureRejectionSymbol = Symbol.for('nodejs.rejection');

/** Runs fn soon; a task's sandbox has no process. */
const later = (fn) => (typeof process === 'object' && process.nextTick ? process.nextTick(fn) : queueMicrotask(fn));

/** Gives a rejected promise of a listener to the emitter, as an error event or to its own method. */
function captured(emitter, promise, type, args) {
  try {
    const { then } = promise;
    if (typeof then !== 'function') return;
    then.call(promise, undefined, (err) => later(() => {
      if (typeof emitter[captureRejectionSymbol] === 'function') {
        emitter[captureRejectionSymbol](err, type, ...args);
        return;
      }
      const before = emitter[kCapture];
      try {
        emitter[kCapture] = false; // an error listener that rejects must not call itself for ever
        emitter.emit('error', err);
      } finally {
        emitter[kCapture] = before;
      }
    }));
  } catch (err) {
    emitter.emit('error', err);
  }
}

/** Throws what an error event without a listener throws. */
function unhandled(err) {
  if (err instanceof Error) throw hideFrames(err, emit);
  let text;
  try {
    text = require('inspect').inspect(err);
  } catch {
    text = err;
  }
  const wrapped = new codes.ERR_UNHANDLED_ERROR(text);
  wrapped.context = err;
  throw wrapped;
}

/** emit in full; what is plain, the native half does by itself, at a fifth of the cost. */
function emitSlowly(type, ...args) {
  const events = this._events;
  if (type === 'error') {
    if (events !== undefined && events[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
    if (events === undefined || events.error === undefined) unhandled(args[0]);
  } else if (events === undefined) {
    return false;
  }
  const handler = events[type];
  if (handler === undefined) return false;
  for (const fn of typeof handler === 'function' ? [handler] : handler.slice()) {
    const result = fn.apply(this, args);
    if (result !== undefined && result !== null && this[kCapture]) captured(this, result, type, args);
  }
  return true;
}

const emit = binding.emitter(emitSlowly, captured, kCapture);

module.exports = { emit, once: binding.once, kCapture, kShapeMode, errorMonitor, captureRejectionSymbol };
