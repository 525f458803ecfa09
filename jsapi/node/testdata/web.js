// Web streams, Blob, File and FormData, and how they meet streams of node.
const { Readable } = require('stream');
const all = async (stream) => {
  const out = [];
  const iterator = stream[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) out.push(next.value);
  return out;
};
(async () => {
  const rs = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close(); } });
  console.log(await all(rs));
  const ts = new TransformStream({ transform(c, k) { k.enqueue(c.toUpperCase()); } });
  const src = ReadableStream.from(['x', 'y']);
  console.log(await all(src.pipeThrough(ts)));
  const [a, b] = ReadableStream.from([1, 2, 3]).tee();
  console.log(await Promise.all([all(a), all(b)]));
  const chunks = []; const w = new WritableStream({ write(c) { chunks.push(c); }, close() { chunks.push('end'); } });
  await ReadableStream.from([1, 2]).pipeTo(w); console.log(chunks);
  const text = await new Response(new Blob(['hello']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))).text?.().catch((e) => e.message);
  console.log(text);
  console.log(await all(new Blob(['hello']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream())));
  console.log(await all(Readable.toWeb(Readable.from(['q', 'r']))), await Readable.fromWeb(ReadableStream.from(['s', 't'])).toArray());
  const br = new ReadableStream({ type: 'bytes', pull(c) { const v = c.byobRequest.view; v[0] = 7; c.byobRequest.respond(1); } });
  console.log(await br.getReader({ mode: 'byob' }).read(new Uint8Array(4)));
  console.log(await structuredClone(new Blob(['cloned'])).text(), new File(['x'], 'n.txt', { type: 'text/plain', lastModified: 1 }));
  const fd = new FormData(); fd.append('a', 1); fd.append('a', 2); fd.set('b', new Blob(['z'])); console.log([...fd.keys()], fd.getAll('a'), fd.get('b').name);
  console.log(new ReadableStream(), new WritableStream(), new TransformStream());
})().catch((e) => console.log(e.stack));
