/** The module "stream/consumers": all that a stream, iterable or web stream gives, as one value. */
const { Buffer } = require('buffer');
const { each } = require('stream_iterate');

async function chunks(stream) {
  const list = [];
  await each(stream, (chunk) => {
    list.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer ?? chunk, chunk.byteOffset, chunk.byteLength));
  });
  return list;
}

const buffer = async (stream) => Buffer.concat(await chunks(stream));

async function arrayBuffer(stream) {
  const all = await buffer(stream);
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.byteLength);
}

async function text(stream) {
  const decoder = new TextDecoder();
  let result = '';
  await each(stream, (chunk) => {
    result += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  });
  return result + decoder.decode();
}

module.exports = {
  arrayBuffer,
  blob: async (stream) => new Blob(await chunks(stream)),
  buffer,
  text,
  json: async (stream) => JSON.parse(await text(stream)),
};
