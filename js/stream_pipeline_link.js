/** One step of a pipeline: what comes out of the steps before it is led into stream i. */
const { codes } = require('errors');
const kinds = require('stream_kinds');
const { finished } = require('stream_finished');
const { watched, toAsyncIterable, pumpToNode, pumpToWeb } = require('stream_pipeline');

function link(i, before, run, options) {
  const { streams, signal, destroys, finish, finishImpl, lastCleanup } = run;
  const stream = streams[i];
  const reading = i < streams.length - 1;
  const writing = i > 0;
  const end = reading || !options || options.end !== false;
  const isLast = i === streams.length - 1;

  if (kinds.isNode(stream)) {
    if (end) {
      const { destroy, cleanup } = watched(stream, reading, writing);
      destroys.push(destroy);
      if (kinds.isReadable(stream) && isLast) lastCleanup.push(cleanup);
    }
    const onError = (err) => {
      if (err && err.name !== 'AbortError' && err.code !== 'ERR_STREAM_PREMATURE_CLOSE') finishImpl(err, false);
    };
    stream.on('error', onError);
    if (kinds.isReadable(stream) && isLast) lastCleanup.push(() => stream.removeListener('error', onError));
  }
  if (i === 0) return first(stream, signal);
  if (typeof stream === 'function') return throughFunction(stream, isLast, before, run);
  if (kinds.isNode(stream)) {
    if (kinds.isReadableNode(before)) {
      const n = pipe(before, stream, run, { end });
      if (kinds.isReadable(stream) && isLast && n) lastCleanup.push(n);
    } else if (kinds.isTransformStream(before) || kinds.isReadableStream(before)) {
      run.begin();
      pumpToNode(before.readable || before, stream, finish, { end });
    } else if (kinds.isIterable(before)) {
      run.begin();
      pumpToNode(before, stream, finish, { end });
    } else {
      throw new codes.ERR_INVALID_ARG_TYPE('val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], before);
    }
    return stream;
  }
  if (kinds.isWebStream(stream)) {
    run.begin();
    const source = kinds.isTransformStream(before) ? before.readable : before;
    pumpToWeb(kinds.isReadableNode(source) ? toAsyncIterable(source) : source, stream, finish, { end });
    return stream;
  }
  return require('stream_duplexify').duplexify(stream);
}

function first(stream, signal) {
  if (typeof stream === 'function') {
    const made = stream({ signal });
    if (!kinds.isIterable(made)) throw new codes.ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or Stream', 'source', made);
    return made;
  }
  if (kinds.isIterable(stream) || kinds.isReadableNode(stream) || kinds.isTransformStream(stream)) return stream;
  return require('stream_duplexify').duplexify(stream);
}

/** A function takes the output so far as an iterable and gives an iterable, or at the end a promise. */
function throughFunction(fn, isLast, before, run) {
  const input = kinds.isTransformStream(before) ? toAsyncIterable(before.readable) : toAsyncIterable(before);
  const result = fn(input, { signal: run.signal });
  if (!isLast) {
    if (!kinds.isIterable(result, true)) throw new codes.ERR_INVALID_RETURN_VALUE('AsyncIterable', `transform[${run.streams.indexOf(fn) - 1}]`, result);
    return result;
  }
  const { PassThrough } = require('stream_transform');
  const out = new PassThrough({ objectMode: true });
  const then = result && result.then;
  if (typeof then === 'function') {
    run.begin();
    then.call(result, (value) => {
      run.setValue(value);
      if (value !== null && value !== undefined) out.write(value);
      out.end();
      process.nextTick(run.finish);
    }, (err) => {
      out.destroy(err);
      process.nextTick(run.finish, err);
    });
  } else if (kinds.isIterable(result, true)) {
    run.begin();
    pumpToNode(result, out, run.finish, { end: true });
  } else if (kinds.isReadableStream(result) || kinds.isTransformStream(result)) {
    run.begin();
    pumpToNode(result.readable || result, out, run.finish, { end: true });
  } else {
    throw new codes.ERR_INVALID_RETURN_VALUE('AsyncIterable or Promise', 'destination', result);
  }
  const { destroy, cleanup } = watched(out, false, true);
  run.destroys.push(destroy);
  run.lastCleanup.push(cleanup);
  return out;
}

/** Pipes; two ends must come: that of the source and that of the destination. */
function pipe(source, dest, run, { end }) {
  let ended = false;
  run.begin();
  run.begin();
  dest.on('close', () => { if (!ended) run.finishImpl(new codes.ERR_STREAM_PREMATURE_CLOSE(), false); });
  source.pipe(dest, { end: false });
  if (end) {
    const endFn = () => {
      ended = true;
      dest.end();
    };
    if (kinds.isReadableFinished(source)) process.nextTick(endFn);
    else source.once('end', endFn);
  } else {
    run.finish();
  }
  finished(source, { readable: true, writable: false }, (err) => {
    const r = source._readableState;
    if (err && err.code === 'ERR_STREAM_PREMATURE_CLOSE' && r && r.ended && !r.errored && !r.errorEmitted) {
      // All was read, only 'end' did not come before 'close'.
      source.once('end', run.finish).once('error', run.finish);
    } else {
      run.finish(err);
    }
  });
  return finished(dest, { readable: false, writable: true }, run.finish);
}

module.exports = { link };
