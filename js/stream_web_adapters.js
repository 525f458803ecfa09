/** Between node's streams and web streams: Readable.toWeb and fromWeb, and their like. */
const { codes } = require('errors');

const isBytes = (chunk) => ArrayBuffer.isView(chunk);

/** A ReadableStream of what a Readable gives. */
function readableToWeb(stream, options = {}) {
  const { ReadableStream, CountQueuingStrategy, ByteLengthQueuingStrategy } = require('stream_web');
  if (typeof stream?._readableState !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('streamReadable', 'stream.Readable', stream);
  const { finished } = require('stream');
  const objects = stream.readableObjectMode;
  const mark = stream.readableHighWaterMark;
  const strategy = options?.strategy ?? (objects ? new CountQueuingStrategy({ highWaterMark: mark }) : new ByteLengthQueuingStrategy({ highWaterMark: mark }));
  let controller;
  let over = false;
  stream.pause();
  const cleanup = finished(stream, { writable: false }, (error) => {
    over = true;
    cleanup();
    stream.on('error', () => {});
    if (error) controller.error(error.code === 'ERR_STREAM_PREMATURE_CLOSE' ? new (require('errors').AbortError)(undefined, { cause: error }) : error);
    else controller.close();
  });
  stream.on('data', (chunk) => {
    if (over) return;
    const plain = isBytes(chunk) && !objects ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : chunk;
    controller.enqueue(Buffer.isBuffer(chunk) ? new Uint8Array(chunk) : plain);
    if (controller.desiredSize <= 0) stream.pause();
  });
  return new ReadableStream({
    start(c) {
      controller = c;
      stream.pause();
    },
    pull() { stream.resume(); },
    cancel(reason) {
      over = true;
      require('stream').destroy?.(stream, reason);
      if (!stream.destroyed) stream.destroy(reason);
    },
  }, strategy);
}

/** A Readable of what a ReadableStream gives. */
function readableFromWeb(web, options = {}) {
  const { ReadableStream } = require('stream_web');
  if (!(web instanceof ReadableStream)) throw new codes.ERR_INVALID_ARG_TYPE('readableStream', 'ReadableStream', web);
  require('validators').validateObject(options, 'options');
  const { Readable } = require('stream');
  const reader = web.getReader();
  let closed = false;
  const readable = new Readable({
    objectMode: options.objectMode ?? false,
    highWaterMark: options.highWaterMark,
    encoding: options.encoding,
    signal: options.signal,
    read() {
      reader.read().then(({ done, value }) => readable.push(done ? null : value), (error) => readable.destroy(error));
    },
    destroy(error, callback) {
      const done = () => callback(error);
      if (closed) done();
      else reader.cancel(error).then(done, done);
    },
  });
  reader.closed.then(() => { closed = true; }, (error) => {
    closed = true;
    readable.destroy(error);
  });
  return readable;
}

/** A WritableStream into a Writable. */
function writableToWeb(stream) {
  const { WritableStream, CountQueuingStrategy, ByteLengthQueuingStrategy } = require('stream_web');
  if (typeof stream?._writableState !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('streamWritable', 'stream.Writable', stream);
  const { finished } = require('stream');
  let controller;
  let drained;
  let ended;
  const mark = stream.writableHighWaterMark;
  const strategy = stream.writableObjectMode ? new CountQueuingStrategy({ highWaterMark: mark }) : new ByteLengthQueuingStrategy({ highWaterMark: mark });
  const cleanup = finished(stream, { readable: false }, (error) => {
    cleanup();
    stream.on('error', () => {});
    if (error) {
      drained?.reject(error);
      ended?.reject(error);
      controller.error(error);
      ended = undefined;
      return;
    }
    if (ended !== undefined) ended.resolve();
    else controller.error(new (require('errors').AbortError)());
  });
  stream.on('drain', () => {
    drained?.resolve();
    drained = undefined;
  });
  const wait = () => {
    const d = {};
    d.promise = new Promise((resolve, reject) => { Object.assign(d, { resolve, reject }); });
    return d;
  };
  return new WritableStream({
    start(c) { controller = c; },
    write(chunk) {
      if (!stream.writableObjectMode && chunk instanceof ArrayBuffer) chunk = new Uint8Array(chunk);
      if (stream.writableNeedDrain || !stream.write(chunk)) {
        drained = wait();
        return drained.promise;
      }
      return undefined;
    },
    abort(reason) { stream.destroy(reason); },
    close() {
      if (ended === undefined && !stream.writableEnded) {
        ended = wait();
        stream.end();
        return ended.promise;
      }
      return undefined;
    },
  }, strategy);
}

/** A Writable into a WritableStream. */
function writableFromWeb(web, options = {}) {
  const { WritableStream } = require('stream_web');
  if (!(web instanceof WritableStream)) throw new codes.ERR_INVALID_ARG_TYPE('writableStream', 'WritableStream', web);
  const { Writable } = require('stream');
  const writer = web.getWriter();
  let closed = false;
  const writable = new Writable({
    objectMode: options.objectMode ?? false, highWaterMark: options.highWaterMark, decodeStrings: options.decodeStrings, signal: options.signal,
    write(chunk, encoding, callback) {
      const bytes = typeof chunk === 'string' && options.decodeStrings !== false && !options.objectMode ? Buffer.from(chunk, encoding) : chunk;
      writer.ready.then(() => writer.write(bytes)).then(() => callback(), (error) => callback(error));
    },
    destroy(error, callback) {
      const done = () => callback(error);
      if (closed) done();
      else (error ? writer.abort(error) : writer.close()).then(done, done);
    },
    final(callback) {
      if (closed) callback();
      else writer.close().then(() => callback(), callback);
    },
  });
  writer.closed.then(() => {
    closed = true;
    if (!writable.writableEnded) writable.destroy(require('errors').withCode(new Error('Premature close'), 'ERR_STREAM_PREMATURE_CLOSE'));
  }, (error) => {
    closed = true;
    writable.destroy(error);
  });
  return writable;
}

const duplexToWeb = (duplex) => {
  if (typeof duplex?._writableState !== 'object' || typeof duplex?._readableState !== 'object') {
    throw new codes.ERR_INVALID_ARG_TYPE('duplex', 'stream.Duplex', duplex);
  }
  return { writable: writableToWeb(duplex), readable: readableToWeb(duplex) };
};

/** A Duplex over a pair of web streams. */
function duplexFromWeb(pair, options = {}) {
  require('validators').validateObject(pair, 'pair');
  const { Duplex } = require('stream');
  return Duplex.from({ readable: readableFromWeb(pair.readable, options), writable: writableFromWeb(pair.writable, options) });
}

/** The state of a web stream; undefined for what is none. */
const stateOf = (stream) => require('webstreams_readable').readableState(stream) ?? require('webstreams_writable').writableState(stream);

/** A promise of the end of a web stream, rejected with what it failed with. */
const closedOf = (stream) => stateOf(stream).over.promise;

/** Makes a web stream fail. */
function abortWeb(stream, error) {
  const readable = require('webstreams_readable').readableState(stream);
  if (readable !== undefined) require('webstreams_readable').failReadable(readable, error);
  else stateOf(stream).controller.error(error);
}

module.exports = {
  closedOf, abortWeb, readableToWeb, readableFromWeb, writableToWeb, writableFromWeb, duplexToWeb, duplexFromWeb };
