/** How streams are constructed, destroyed and fail; readable and writable halves share one fate. */
const { codes, AbortError } = require('errors');

const kCallbacks = Symbol('kConstructCallbacks');
const kDestroyed = Symbol('kDestroyWhenConstructed');

const halves = (stream) => [stream._readableState, stream._writableState];

/** Marks both halves as failed by err, unless they have failed before. */
function markErrored(stream, err) {
  for (const state of halves(stream)) if (state && !state.errored) state.errored = err;
}

function emitError(stream, err) {
  const [r, w] = halves(stream);
  if ((w && w.errorEmitted) || (r && r.errorEmitted)) return;
  if (w) w.errorEmitted = true;
  if (r) r.errorEmitted = true;
  stream.emit('error', err);
}

function emitClose(stream) {
  const [r, w] = halves(stream);
  if (w) w.closeEmitted = true;
  if (r) r.closeEmitted = true;
  if ((w && w.emitClose) || (r && r.emitClose)) stream.emit('close');
}

function emitErrorAndClose(stream, err) {
  emitError(stream, err);
  emitClose(stream);
}

/** Calls _destroy and tells the world when it is done, once. */
function runDestroy(stream, err, callback) {
  let called = false;
  const done = (failure) => {
    if (called) return;
    called = true;
    const [r, w] = halves(stream);
    if (failure) markErrored(stream, failure);
    if (w) w.closed = true;
    if (r) r.closed = true;
    if (typeof callback === 'function') callback(failure);
    if (failure) process.nextTick(emitErrorAndClose, stream, failure);
    else process.nextTick(emitClose, stream);
  };
  try {
    stream._destroy(err || null, done);
  } catch (thrown) {
    done(thrown);
  }
}

/** Stream.prototype.destroy */
function destroy(err, callback) {
  const [r, w] = halves(this);
  if ((w && w.destroyed) || (r && r.destroyed)) {
    if (typeof callback === 'function') callback();
    return this;
  }
  if (err) {
    if (err instanceof Error) void err.stack;
    markErrored(this, err);
  }
  if (w) w.destroyed = true;
  if (r) r.destroyed = true;
  const state = w || r;
  if (!state.constructed) this[kDestroyed] = (late) => runDestroy(this, late || err, callback);
  else runDestroy(this, err, callback);
  return this;
}

/** Makes a destroyed stream usable again, as sockets do that connect a second time. */
function undestroy() {
  const [r, w] = halves(this);
  const fresh = { constructed: true, closed: false, closeEmitted: false, destroyed: false, errored: null, errorEmitted: false };
  if (r) {
    Object.assign(r, fresh, { reading: false });
    r.ended = r.readable === false;
    r.endEmitted = r.readable === false;
  }
  if (w) {
    Object.assign(w, fresh, { finalCalled: false, prefinished: false });
    w.ended = w.ending = w.finished = w.writable === false;
  }
}

/** Destroys the stream, or only emits the error where autoDestroy is off. */
function errorOrDestroy(stream, err, sync) {
  const [r, w] = halves(stream);
  if ((w && w.destroyed) || (r && r.destroyed)) return;
  if ((r && r.autoDestroy) || (w && w.autoDestroy)) {
    stream.destroy(err);
    return;
  }
  if (!err) return;
  void err.stack;
  markErrored(stream, err);
  if (sync) process.nextTick(emitError, stream, err);
  else emitError(stream, err);
}

/** Runs _construct, if there is one, in the next tick; callback when the stream may be used. */
function construct(stream, callback) {
  if (typeof stream._construct !== 'function') return;
  for (const state of halves(stream)) if (state) state.constructed = false;
  if (stream[kCallbacks]) {
    stream[kCallbacks].push(callback);
    return;
  }
  Object.defineProperty(stream, kCallbacks, { value: [callback], configurable: true });
  process.nextTick(runConstruct, stream);
}

function runConstruct(stream) {
  let called = false;
  const done = (err) => {
    if (called) {
      errorOrDestroy(stream, err ?? new codes.ERR_MULTIPLE_CALLBACK());
      return;
    }
    called = true;
    for (const state of halves(stream)) if (state) state.constructed = true;
    const state = stream._writableState || stream._readableState;
    if (state.destroyed) stream[kDestroyed]?.(err);
    else if (err) errorOrDestroy(stream, err, true);
    else for (const callback of stream[kCallbacks]) callback();
  };
  try {
    stream._construct((err) => process.nextTick(done, err));
  } catch (err) {
    process.nextTick(done, err);
  }
}

const isRequest = (stream) => stream && stream.setHeader && typeof stream.abort === 'function';

/** Ends any kind of stream, also one that is not of this module. */
function destroyer(stream, given) {
  const [r, w] = halves(stream);
  if (!stream || (r && r.destroyed) || (w && w.destroyed) || stream.destroyed === true) return;
  const err = given || (require('stream_kinds').isFinished(stream) ? given : new AbortError());
  if (isRequest(stream)) stream.abort();
  else if (isRequest(stream.req)) stream.req.abort();
  else if (typeof stream.destroy === 'function') stream.destroy(err);
  else if (typeof stream.close === 'function') stream.close();
  else if (err) process.nextTick(() => { stream.emit('error', err); stream.emit('close'); });
}

module.exports = { construct, destroy, undestroy, errorOrDestroy, destroyer };
