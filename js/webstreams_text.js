/** TextEncoderStream, TextDecoderStream, CompressionStream and DecompressionStream. */
const { codes } = require('errors');
const { kInspect, inspector, expose } = require('webstreams_state');
const { TransformStream } = require('webstreams_transform');

const inner = new WeakMap();
/** Classes whose members say no more than this for a wrong receiver. */
const PRIVATE = new Set(['CompressionStream', 'DecompressionStream']);
const of = (stream, name) => {
  if (typeof stream === 'object' && stream !== null && !inner.has(stream) && PRIVATE.has(name)) {
    throw new TypeError(`Cannot read private member #transform from an object whose class did not declare it`);
  }
  if (!inner.has(stream)) throw new codes.ERR_INVALID_THIS(name);
  return inner.get(stream);
};

class TextEncoderStream {
  constructor() {
    const encoder = new TextEncoder();
    let high = '';
    inner.set(this, {
      transform: new TransformStream({
        transform(chunk, controller) {
          const text = high + String(chunk);
          const last = text.charCodeAt(text.length - 1);
          high = last >= 0xd800 && last <= 0xdbff ? text[text.length - 1] : '';
          const bytes = encoder.encode(high === '' ? text : text.slice(0, -1));
          if (bytes.length > 0) controller.enqueue(bytes);
        },
        flush(controller) { if (high !== '') controller.enqueue(encoder.encode('\ufffd')); },
      }),
    });
  }

  get encoding() { of(this, 'TextEncoderStream'); return 'utf-8'; }
  get readable() { return of(this, 'TextEncoderStream').transform.readable; }
  get writable() { return of(this, 'TextEncoderStream').transform.writable; }
  [kInspect](depth, options, show) {
    return inspector((s) => ({ encoding: s.encoding, readable: s.readable, writable: s.writable })).call(this, depth, options, show);
  }
}

class TextDecoderStream {
  constructor(encoding = 'utf-8', options = {}) {
    if (options === null || (typeof options !== 'object' && typeof options !== 'function')) throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    const decoder = new TextDecoder(encoding, options);
    inner.set(this, {
      decoder,
      transform: new TransformStream({
        transform(chunk, controller) {
          if (chunk === undefined) throw new codes.ERR_INVALID_ARG_TYPE('chunk', ['ArrayBuffer', 'ArrayBufferView'], chunk);
          const text = decoder.decode(chunk, { stream: true });
          if (text !== '') controller.enqueue(text);
        },
        flush(controller) {
          const text = decoder.decode();
          if (text !== '') controller.enqueue(text);
        },
      }),
    });
  }

  get encoding() { return of(this, 'TextDecoderStream').decoder.encoding; }
  get fatal() { return of(this, 'TextDecoderStream').decoder.fatal; }
  get ignoreBOM() { return of(this, 'TextDecoderStream').decoder.ignoreBOM; }
  get readable() { return of(this, 'TextDecoderStream').transform.readable; }
  get writable() { return of(this, 'TextDecoderStream').transform.writable; }
  [kInspect](depth, options, show) {
    return inspector((s) => ({ encoding: s.encoding, fatal: s.fatal, ignoreBOM: s.ignoreBOM, readable: s.readable, writable: s.writable }))
      .call(this, depth, options, show);
  }
}

const FORMATS = {
  deflate: ['createDeflate', 'createInflate'], 'deflate-raw': ['createDeflateRaw', 'createInflateRaw'], gzip: ['createGzip', 'createGunzip'],
  brotli: ['createBrotliCompress', 'createBrotliDecompress'],
};

/** The pair of a codec of zlib, as web streams. */
function codec(format, which) {
  const name = `${format}`;
  if (!Object.hasOwn(FORMATS, name)) {
    throw new codes.ERR_INVALID_ARG_VALUE('format', format, `must be one of: ${Object.keys(FORMATS).map((f) => `'${f}'`).join(', ')}`);
  }
  const stream = require('zlib')[FORMATS[name][which]]();
  return { transform: require('stream_web_adapters').duplexToWeb(stream) };
}

class CompressionStream {
  constructor(format) { inner.set(this, codec(format, 0)); }
  get readable() { return of(this, 'CompressionStream').transform.readable; }
  get writable() { return of(this, 'CompressionStream').transform.writable; }
  [kInspect](depth, options, show) { return inspector((s) => ({ readable: s.readable, writable: s.writable })).call(this, depth, options, show); }
}

class DecompressionStream {
  constructor(format) { inner.set(this, codec(format, 1)); }
  get readable() { return of(this, 'DecompressionStream').transform.readable; }
  get writable() { return of(this, 'DecompressionStream').transform.writable; }
  [kInspect](depth, options, show) { return inspector((s) => ({ readable: s.readable, writable: s.writable })).call(this, depth, options, show); }
}
for (const Class of [TextEncoderStream, TextDecoderStream, CompressionStream, DecompressionStream]) expose(Class);

module.exports = { TextEncoderStream, TextDecoderStream, CompressionStream, DecompressionStream };
