/** The module "stream". */
const { Stream } = require('stream_legacy');
const kinds = require('stream_kinds');

module.exports = Stream;
Object.assign(Stream, {
  isDestroyed: kinds.isDestroyed,
  isDisturbed: kinds.isDisturbed,
  isErrored: kinds.isErrored,
  isReadable: kinds.isReadable,
  isWritable: kinds.isWritable,
  Readable: require('stream_readable'),
  Writable: require('stream_writable'),
  Duplex: require('stream_duplex'),
  ...require('stream_transform'),
  pipeline: require('stream_pipeline').pipeline,
  addAbortSignal: require('stream_signal').addAbortSignal,
  finished: (...args) => require('stream_finished').finished(...args),
  destroy: (...args) => require('stream_destroy').destroyer(...args),
  duplexPair: (options) => require('stream_duplexpair').duplexPair(options),
  compose: (...args) => require('stream_compose').compose(...args),
  setDefaultHighWaterMark: require('stream_state').setDefaultHighWaterMark,
  getDefaultHighWaterMark: require('stream_state').getDefaultHighWaterMark,
  Stream,
  _isUint8Array: (value) => value instanceof Uint8Array,
  _uint8ArrayToBuffer: (view) => require('buffer').Buffer.from(view.buffer, view.byteOffset, view.byteLength),
  _isArrayBufferView: ArrayBuffer.isView,
});
Object.defineProperty(Stream, 'finished', { value: require('stream_finished').finished, writable: true, configurable: true, enumerable: true });
Object.defineProperty(Stream, 'promises', { configurable: true, enumerable: true, get: () => require('stream_promises') });
const promisify = Symbol.for('nodejs.util.promisify.custom');
Object.defineProperty(Stream.pipeline, promisify, { enumerable: true, get: () => require('stream_promises').pipeline });
Object.defineProperty(Stream.finished, promisify, { enumerable: true, get: () => require('stream_promises').finished });
