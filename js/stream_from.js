/** Readable.from and Readable.prototype.wrap. */
const { codes } = require('errors');
const { Buffer } = require('buffer');

function from(Readable, iterable, options) {
  if (typeof iterable === 'string' || iterable instanceof Buffer) {
    return new Readable({
      objectMode: true,
      ...options,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  let iterator;
  let isAsync;
  if (iterable && iterable[Symbol.asyncIterator]) {
    isAsync = true;
    iterator = iterable[Symbol.asyncIterator]();
  } else if (iterable && iterable[Symbol.iterator]) {
    isAsync = false;
    iterator = iterable[Symbol.iterator]();
  } else {
    throw new codes.ERR_INVALID_ARG_TYPE('iterable', ['Iterable'], iterable);
  }
  const readable = new Readable({ objectMode: true, highWaterMark: 1, ...options });
  let reading = false;
  let ended = false;
  readable._read = () => {
    if (reading) return;
    reading = true;
    if (isAsync) pumpAsync();
    else pumpSync();
  };
  readable._destroy = (err, callback) => {
    close(err).then(() => process.nextTick(callback, err), (failure) => process.nextTick(callback, failure || err));
  };

  async function close(err) {
    const failed = err !== undefined && err !== null;
    if (ended && !failed) return;
    if (failed && typeof iterator.throw === 'function') {
      const { value, done } = await iterator.throw(err);
      await value;
      if (done) return;
    }
    if (typeof iterator.return === 'function') {
      const { value } = await iterator.return();
      await value;
    }
  }

  /** Pushes one value; true: go on at once. */
  function give(value) {
    if (value === null) {
      reading = false;
      throw new codes.ERR_STREAM_NULL_VALUES();
    }
    if (readable.push(value)) return true;
    reading = false;
    return false;
  }

  function pumpSync() {
    try {
      while (true) {
        const { value, done } = iterator.next();
        if (done) {
          ended = true;
          readable.push(null);
          return;
        }
        if (value && typeof value.then === 'function') {
          pumpAsync(value);
          return;
        }
        if (!give(value)) return;
      }
    } catch (err) {
      readable.destroy(err);
    }
  }

  async function pumpAsync(first) {
    try {
      if (first !== undefined && !give(await first)) return;
      while (true) {
        const { value, done } = isAsync ? await iterator.next() : iterator.next();
        if (done) {
          ended = true;
          readable.push(null);
          return;
        }
        if (!give(value && typeof value.then === 'function' ? await value : value)) return;
      }
    } catch (err) {
      readable.destroy(err);
    }
  }
  return readable;
}

/** Makes a readable of an emitter that has only 'data' and 'end'. */
function wrap(readable, source) {
  let paused = false;
  source.on('data', (chunk) => {
    if (!readable.push(chunk) && source.pause) {
      paused = true;
      source.pause();
    }
  });
  source.on('end', () => readable.push(null));
  source.on('error', (err) => require('stream_destroy').errorOrDestroy(readable, err));
  source.on('close', () => require('stream_destroy').destroyer(readable));
  source.on('destroy', () => require('stream_destroy').destroyer(readable));
  readable._read = () => {
    if (paused && source.resume) {
      paused = false;
      source.resume();
    }
  };
  for (const name of Object.keys(source)) {
    if (readable[name] === undefined && typeof source[name] === 'function') readable[name] = source[name].bind(source);
  }
  return readable;
}

module.exports = { from, wrap };
