/** stream.addAbortSignal: a signal that destroys the stream. */
const { codes, AbortError } = require('errors');
const { validateAbortSignal } = require('validators');
const { isNode, isWebStream } = require('stream_kinds');

/** The part of addAbortSignal that checks nothing. */
function addAbortSignalNoValidate(signal, stream) {
  if (typeof signal !== 'object' || !('aborted' in signal)) return stream;
  const onAbort = isNode(stream)
    ? () => stream.destroy(new AbortError(undefined, { cause: signal.reason }))
    : () => require('stream_web_adapters').abortWeb(stream, new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) {
    onAbort();
  } else {
    const handle = require('events').addAbortListener(signal, onAbort);
    require('stream_finished').finished(stream, () => handle[Symbol.dispose]());
  }
  return stream;
}

function addAbortSignal(signal, stream) {
  if (signal === undefined || signal === null) throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  if (!isNode(stream) && !isWebStream(stream)) {
    throw new codes.ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
  return addAbortSignalNoValidate(signal, stream);
}

module.exports = { addAbortSignal, addAbortSignalNoValidate };
