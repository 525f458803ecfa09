/** The module "stream/web". */
const { ByteLengthQueuingStrategy, CountQueuingStrategy } = require('webstreams_state');
const { ReadableStream, ReadableStreamDefaultReader, ReadableStreamDefaultController } = require('webstreams_readable');
const { ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableByteStreamController } = require('webstreams_bytes');
const { WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController } = require('webstreams_writable');
const { TransformStream, TransformStreamDefaultController } = require('webstreams_transform');
const { TextEncoderStream, TextDecoderStream, CompressionStream, DecompressionStream } = require('webstreams_text');

module.exports = {
  ReadableStream, ReadableStreamDefaultReader, ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableByteStreamController,
  ReadableStreamDefaultController, TransformStream, TransformStreamDefaultController, WritableStream, WritableStreamDefaultWriter,
  WritableStreamDefaultController, ByteLengthQueuingStrategy, CountQueuingStrategy, TextEncoderStream, TextDecoderStream, CompressionStream,
  DecompressionStream,
};
