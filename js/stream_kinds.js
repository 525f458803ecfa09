/** What a value is, as a stream, and how far it has come; also for streams that are not of this module. */

const isNode = (s) => Boolean(s && (s._readableState || s._writableState
  || (typeof s.write === 'function' && typeof s.on === 'function') || (typeof s.pipe === 'function' && typeof s.on === 'function')));

const isReadableNode = (s, strict = false) => Boolean(s && typeof s.pipe === 'function' && typeof s.on === 'function'
  && (!strict || (typeof s.pause === 'function' && typeof s.resume === 'function'))
  && (!s._writableState || (s._readableState && s._readableState.readable !== false))
  && (!s._writableState || s._readableState));

const isWritableNode = (s) => Boolean(s && typeof s.write === 'function' && typeof s.on === 'function'
  && (!s._readableState || (s._writableState && s._writableState.writable !== false)));

const isDuplexNode = (s) => Boolean(s && typeof s.pipe === 'function' && s._readableState && typeof s.on === 'function' && typeof s.write === 'function');

const isReadableStream = (s) => Boolean(s && !isNode(s) && typeof s.pipeThrough === 'function' && typeof s.getReader === 'function' && typeof s.cancel === 'function');
const isWritableStream = (s) => Boolean(s && !isNode(s) && typeof s.getWriter === 'function' && typeof s.abort === 'function');
const isTransformStream = (s) => Boolean(s && !isNode(s) && typeof s.readable === 'object' && typeof s.writable === 'object');
const isWebStream = (s) => isReadableStream(s) || isWritableStream(s) || isTransformStream(s);

/** Whether it can be iterated; true: asynchronously, false: synchronously, undefined: either. */
function isIterable(value, async) {
  if (value === null || value === undefined) return false;
  if (async === true) return typeof value[Symbol.asyncIterator] === 'function';
  if (async === false) return typeof value[Symbol.iterator] === 'function';
  return typeof value[Symbol.asyncIterator] === 'function' || typeof value[Symbol.iterator] === 'function';
}

function isDestroyed(s) {
  if (!isNode(s)) return null;
  const state = s._writableState || s._readableState;
  return Boolean(s.destroyed || (state && state.destroyed));
}

function isWritableEnded(s) {
  if (!isWritableNode(s)) return null;
  if (s.writableEnded === true) return true;
  const w = s._writableState;
  if (w && w.errored) return false;
  return w && typeof w.ended === 'boolean' ? w.ended : null;
}

function isWritableFinished(s, strict) {
  if (!isWritableNode(s)) return null;
  if (s.writableFinished === true) return true;
  const w = s._writableState;
  if (w && w.errored) return false;
  if (!w || typeof w.finished !== 'boolean') return null;
  return Boolean(w.finished || (strict === false && w.ended === true && w.length === 0));
}

function isReadableFinished(s, strict) {
  if (!isReadableNode(s)) return null;
  const r = s._readableState;
  if (r && r.errored) return false;
  if (!r || typeof r.endEmitted !== 'boolean') return null;
  return Boolean(r.endEmitted || (strict === false && r.ended === true && r.length === 0));
}

function isReadable(s) {
  if (s && typeof s[Symbol.for('nodejs.stream.readable')] === 'boolean') return s[Symbol.for('nodejs.stream.readable')];
  if (!s || typeof s.readable !== 'boolean') return null;
  if (isDestroyed(s)) return false;
  return isReadableNode(s) && s.readable && !isReadableFinished(s);
}

function isWritable(s) {
  if (s && typeof s[Symbol.for('nodejs.stream.writable')] === 'boolean') return s[Symbol.for('nodejs.stream.writable')];
  if (!s || typeof s.writable !== 'boolean') return null;
  if (isDestroyed(s)) return false;
  return isWritableNode(s) && s.writable && !isWritableEnded(s);
}

function isFinished(s, options) {
  if (!isNode(s)) return null;
  if (isDestroyed(s)) return true;
  if ((!options || options.readable !== false) && isReadable(s)) return false;
  return !((!options || options.writable !== false) && isWritable(s));
}

const isOutgoing = (s) => typeof s._closed === 'boolean' && typeof s._defaultKeepAlive === 'boolean'
  && typeof s._removedConnection === 'boolean' && typeof s._removedContLen === 'boolean';

const isServerRequest = (s) => typeof s._consuming === 'boolean' && typeof s._dumped === 'boolean'
  && (s.req === undefined || s.req === null || s.req.upgradeOrConnect === undefined);

function isClosed(s) {
  if (!isNode(s)) return null;
  if (typeof s.closed === 'boolean') return s.closed;
  const w = s._writableState;
  const r = s._readableState;
  if ((w && typeof w.closed === 'boolean') || (r && typeof r.closed === 'boolean')) return (w && w.closed) || (r && r.closed);
  return typeof s._closed === 'boolean' && isOutgoing(s) ? s._closed : null;
}

function willEmitClose(s) {
  if (!isNode(s)) return null;
  const w = s._writableState;
  const r = s._readableState;
  const state = w || r;
  return (!state && isOutgoing(s) && Boolean(s._sent100 !== undefined && s._closed === false)) || Boolean(state && state.autoDestroy && state.emitClose && state.closed === false);
}

function isErrored(s) {
  if (!s) return false;
  return Boolean(s[Symbol.for('nodejs.stream.errored')] ?? s.readableErrored ?? s.writableErrored
    ?? (s._readableState && s._readableState.errorEmitted) ?? (s._writableState && s._writableState.errorEmitted)
    ?? (s._readableState && s._readableState.errored) ?? (s._writableState && s._writableState.errored));
}

/** Whether the readable has been read from or has ended. */
function isDisturbed(s) {
  return Boolean(s && (s[Symbol.for('nodejs.stream.disturbed')] ?? (s.readableDidRead || s.readableAborted)));
}

module.exports = {
  isNode, isReadableNode, isWritableNode, isDuplexNode, isReadableStream, isWritableStream, isTransformStream, isWebStream,
  isIterable, isDestroyed, isWritableEnded, isWritableFinished, isReadableFinished, isReadable, isWritable, isFinished,
  isOutgoing, isServerRequest, isClosed, willEmitClose, isErrored, isDisturbed,
};
