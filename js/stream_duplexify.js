/** Duplex.from: makes a duplex of functions, iterables, promises, blobs, web streams and pairs of streams. */
const { codes, AbortError } = require('errors');
const kinds = require('stream_kinds');
const Duplex = require('stream_duplex');
const Readable = require('stream_readable');
const { destroyer } = require('stream_destroy');
const { finished } = require('stream_finished');
const { serial } = require('stream_iterate');

const isPromise = (value) => Boolean(value && typeof value.then === 'function');

function duplexify(body, name = 'body') {
  if (kinds.isDuplexNode(body)) return body;
  if (kinds.isReadableNode(body)) return pair({ readable: body });
  if (kinds.isWritableNode(body)) return pair({ writable: body });
  if (kinds.isNode(body)) return pair({ writable: false, readable: false });
  if (kinds.isReadableStream(body)) return pair({ readable: Readable.fromWeb(body) });
  if (kinds.isWritableStream(body)) return pair({ writable: require('stream_writable').fromWeb(body) });
  if (typeof body === 'function') return ofFunction(body, name);
  if (typeof Blob === 'function' && body instanceof Blob) return duplexify(body.arrayBuffer());
  if (kinds.isIterable(body)) return Readable.from(body, { objectMode: true, writable: false });
  if (body && kinds.isReadableStream(body.readable) && kinds.isWritableStream(body.writable)) return Duplex.fromWeb(body);
  if (body && (typeof body.writable === 'object' || typeof body.readable === 'object')) {
    const half = (value) => (value ? (kinds.isNode(value) ? value : duplexify(value)) : undefined);
    return pair({ readable: half(body.readable), writable: half(body.writable) });
  }
  if (isPromise(body)) return ofPromise(body);
  throw new codes.ERR_INVALID_ARG_TYPE(name, ['Blob', 'ReadableStream', 'WritableStream', 'Stream', 'Iterable', 'AsyncIterable',
    'Function', '{ readable, writable } pair', 'Promise'], body);
}

function ofPromise(promise) {
  const duplex = new Duplex({ objectMode: true, writable: false, read() {} });
  promise.then((value) => {
    if (value !== null && value !== undefined) duplex.push(value);
    duplex.push(null);
  }, (err) => destroyer(duplex, err));
  return duplex;
}

function ofFunction(fn, name) {
  const { value, write, final, destroy } = fromAsyncGenerator(fn);
  if (kinds.isDuplexNode(value)) return value;
  if (kinds.isIterable(value)) return require('stream_from').from(FromDuplex, value, { objectMode: true, write, final, destroy });
  if (isPromise(value)) {
    let duplex;
    const promise = value.then((result) => {
      if (result !== null && result !== undefined) throw new codes.ERR_INVALID_RETURN_VALUE('nully', 'body', result);
    }, (err) => destroyer(duplex, err));
    duplex = new Duplex({
      objectMode: true,
      readable: false,
      write,
      final(callback) {
        final(async () => {
          try {
            await promise;
            process.nextTick(callback, null);
          } catch (err) {
            process.nextTick(callback, err);
          }
        });
      },
      destroy,
    });
    return duplex;
  }
  throw new codes.ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or AsyncFunction', name, value);
}

/** A Duplex as Readable.from makes one. */
function FromDuplex(options) { return new Duplex({ ...options, highWaterMark: options.highWaterMark }); }

/** Calls fn with an iterable of what is written. */
function fromAsyncGenerator(fn) {
  let give;
  let next = new Promise((resolve) => { give = resolve; });
  const abort = new AbortController();
  const input = serial({
    async next() {
      const { chunk, done, callback } = await next;
      process.nextTick(callback);
      if (done) return { value: undefined, done: true };
      if (abort.signal.aborted) throw new AbortError(undefined, { cause: abort.signal.reason });
      next = new Promise((resolve) => { give = resolve; });
      return { value: chunk, done: false };
    },
    async end() {},
  });
  const value = fn(input, { signal: abort.signal });
  return {
    value,
    write(chunk, encoding, callback) { give({ chunk, done: false, callback }); },
    final(callback) { give({ done: true, callback }); },
    destroy(err, callback) {
      abort.abort();
      callback(err);
    },
  };
}

/** One duplex of a readable and a writable. */
function pair({ readable: r, writable: w }) {
  const source = r && typeof r.read !== 'function' ? Readable.wrap(r) : r;
  let readable = Boolean(source && kinds.isReadable(source));
  let writable = Boolean(w && kinds.isWritable(w));
  let ondrain;
  let onfinish;
  let onreadable;
  let onclose;
  const fire = (callback, err) => { if (callback) callback(err); };
  const gone = (err) => {
    const callback = onclose;
    onclose = null;
    if (callback) callback(err);
    else if (err) duplex.destroy(err);
  };
  const duplex = new Duplex({
    readableObjectMode: Boolean(source && source.readableObjectMode),
    writableObjectMode: Boolean(w && w.writableObjectMode),
    readable,
    writable,
  });
  if (writable) {
    finished(w, (err) => {
      writable = false;
      if (err) destroyer(source || duplex, err);
      gone(err);
    });
    duplex._write = (chunk, encoding, callback) => {
      if (w.write(chunk, encoding)) callback();
      else ondrain = callback;
    };
    duplex._final = (callback) => {
      w.end();
      onfinish = callback;
    };
    w.on('drain', () => { const callback = ondrain; ondrain = null; fire(callback); });
    w.on('finish', () => { const callback = onfinish; onfinish = null; fire(callback); });
  }
  if (readable) {
    finished(source, (err) => {
      readable = false;
      if (err) destroyer(source || duplex, err);
      gone(err);
    });
    source.on('readable', () => { const callback = onreadable; onreadable = null; fire(callback); });
    source.on('end', () => duplex.push(null));
    duplex._read = () => {
      while (true) {
        const chunk = source.read();
        if (chunk === null) {
          onreadable = duplex._read;
          return;
        }
        if (!duplex.push(chunk)) return;
      }
    };
  }
  duplex._destroy = (given, callback) => {
    let err = given;
    if (!err && onclose !== null) err = new AbortError();
    [onreadable, ondrain, onfinish] = [null, null, null];
    if (onclose === null || (!readable && !writable)) callback(err);
    else onclose = callback;
    if (w) destroyer(w, err);
    if (source) destroyer(source, err);
  };
  return duplex;
}

module.exports = { duplexify };
