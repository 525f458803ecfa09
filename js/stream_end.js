/** The end of a writable: end(), _final, 'prefinish', 'finish'. */
const { codes } = require('errors');
const { errorOrDestroy } = require('stream_destroy');

function end(stream, given, givenEncoding, givenCallback) {
  const state = stream._writableState;
  let [chunk, encoding, callback] = [given, givenEncoding, givenCallback];
  if (typeof chunk === 'function') [chunk, encoding, callback] = [null, null, chunk];
  else if (typeof encoding === 'function') [encoding, callback] = [null, encoding];
  let err;
  if (chunk !== null && chunk !== undefined) {
    const result = require('stream_write').write(stream, chunk, encoding);
    if (result instanceof Error) err = result;
  }
  if (state.corked) {
    state.corked = 1;
    stream.uncork();
  }
  if (!err) {
    if (!state.errored && !state.ending) {
      state.ending = true;
      finishMaybe(stream, state, true);
      state.ended = true;
    } else if (state.finished) {
      err = new codes.ERR_STREAM_ALREADY_FINISHED('end');
    } else if (state.destroyed) {
      err = new codes.ERR_STREAM_DESTROYED('end');
    }
  }
  if (typeof callback === 'function') {
    if (err) process.nextTick(callback, err);
    else if (state.errored) process.nextTick(callback, state.errored);
    else if (state.finished) process.nextTick(callback, null);
    else state.onFinished.push(callback);
  }
  return stream;
}

function ready(state) {
  return state.ending && !state.destroyed && state.constructed && state.length === 0 && !state.errored
    && state.buffered.length === 0 && !state.finished && !state.writing && !state.errorEmitted && !state.closeEmitted;
}

function callFinal(stream, state) {
  let called = false;
  const done = (err) => {
    if (called) {
      errorOrDestroy(stream, err ?? new codes.ERR_MULTIPLE_CALLBACK());
      return;
    }
    called = true;
    state.pendingcb -= 1;
    if (err) {
      for (const callback of state.onFinished.splice(0)) callback(err);
      errorOrDestroy(stream, err, state.sync);
    } else if (ready(state)) {
      state.prefinished = true;
      stream.emit('prefinish');
      state.pendingcb += 1;
      process.nextTick(finish, stream, state);
    }
  };
  state.sync = true;
  state.pendingcb += 1;
  try {
    stream._final(done);
  } catch (err) {
    done(err);
  }
  state.sync = false;
}

function prefinish(stream, state) {
  if (state.prefinished || state.finalCalled) return;
  if (typeof stream._final === 'function' && !state.destroyed) {
    state.finalCalled = true;
    callFinal(stream, state);
  } else {
    state.prefinished = true;
    stream.emit('prefinish');
  }
}

/** Finishes if all is written; sync: not before the next tick. */
function finishMaybe(stream, state, sync) {
  if (!ready(state)) return;
  prefinish(stream, state);
  if (state.pendingcb !== 0) return;
  if (sync) {
    state.pendingcb += 1;
    process.nextTick(() => {
      if (ready(state)) finish(stream, state);
      else state.pendingcb -= 1;
    });
  } else if (ready(state)) {
    state.pendingcb += 1;
    finish(stream, state);
  }
}

function finish(stream, state) {
  state.pendingcb -= 1;
  state.finished = true;
  for (const callback of state.onFinished.splice(0)) callback(null);
  stream.emit('finish');
  if (!state.autoDestroy) return;
  const r = stream._readableState;
  if (!r || (r.autoDestroy && (r.endEmitted || r.readable === false))) stream.destroy();
}

module.exports = { end, finishMaybe };
