// Web streams, Blob, File and FormData, and how they meet streams of node.
const { Readable } = require('stream');
(async () => {
  const rs = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close(); } });
  const out = []; for await (const x of rs) out.push(x); console.log(out);
  const ts = new TransformStream({ transform(c, k) { k.enqueue(c.toUpperCase()); } });
  const src = ReadableStream.from(['x', 'y']);
  const got = []; for await (const x of src.pipeThrough(ts)) got.push(x); console.log(got);
  const [a, b] = ReadableStream.from([1, 2, 3]).tee();
  const all = async (s) => { const o = []; for await (const x of s) o.push(x); return o; };
  console.log(await Promise.all([all(a), all(b)]));
  const chunks = []; const w = new WritableStream({ write(c) { chunks.push(c); }, close() { chunks.push('end'); } });
  await ReadableStream.from([1, 2]).pipeTo(w); console.log(chunks);
  const text = await new Response(new Blob(['hello']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))).text?.().catch((e) => e.message);
  console.log(text);
  const z = []; for await (const c of new Blob(['hello']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream())) z.push(c); console.log(z);
  console.log(await all(Readable.toWeb(Readable.from(['q', 'r']))), await Readable.fromWeb(ReadableStream.from(['s', 't'])).toArray());
  const br = new ReadableStream({ type: 'bytes', pull(c) { const v = c.byobRequest.view; v[0] = 7; c.byobRequest.respond(1); } });
  console.log(await br.getReader({ mode: 'byob' }).read(new Uint8Array(4)));
  console.log(await structuredClone(new Blob(['cloned'])).text(), new File(['x'], 'n.txt', { type: 'text/plain', lastModified: 1 }));
  const fd = new FormData(); fd.append('a', 1); fd.append('a', 2); fd.set('b', new Blob(['z'])); console.log([...fd.keys()], fd.getAll('a'), fd.get('b').name);
  console.log(new ReadableStream(), new WritableStream(), new TransformStream());
})().catch((e) => console.log(e.stack));
