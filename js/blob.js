/** Blob and File: https://w3c.github.io/FileAPI/. Their bytes never change, so slices and copies share them. */
const { codes } = require('errors');
const { kClone } = require('messaging');
const { kInspect, inspector } = require('webstreams_state');

const contents = new WeakMap();
const CHUNK = 65536;
const encoder = new TextEncoder();

const bytesOf = (blob, name = 'Blob') => {
  const state = contents.get(blob);
  if (state === undefined) throw new codes.ERR_INVALID_THIS(name);
  return state.bytes;
};

/** A part of a Blob as bytes of its own. */
function partOf(part, endings) {
  if (part instanceof ArrayBuffer || require('types').brand(part) === 'SharedArrayBuffer') return new Uint8Array(part).slice();
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice();
  if (contents.has(part)) return contents.get(part).bytes;
  const text = `${part}`;
  return encoder.encode(endings === 'native' ? text.replace(/\r\n|\r|\n/g, require('os').EOL) : text);
}

function join(parts) {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const typeOf = (type) => (/^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : '');

class Blob {
  constructor(sources = [], options = {}) {
    if (sources === null || typeof sources !== 'object' || typeof sources[Symbol.iterator] !== 'function') {
      throw new codes.ERR_INVALID_ARG_TYPE('sources', 'a sequence', sources);
    }
    if (options !== null && options !== undefined && typeof options !== 'object' && typeof options !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    const { type = '', endings = 'transparent' } = options ?? {};
    if (`${endings}` !== 'transparent' && `${endings}` !== 'native') throw new codes.ERR_INVALID_ARG_VALUE('options.endings', endings);
    contents.set(this, { bytes: join([...sources].map((part) => partOf(part, endings))), type: typeOf(`${type}`) });
  }

  get size() { return bytesOf(this).length; }

  get type() {
    bytesOf(this);
    return contents.get(this).type;
  }

  slice(start = 0, end = this.size, contentType = '') {
    const bytes = bytesOf(this);
    const clamp = (n) => (n < 0 ? Math.max(bytes.length + n, 0) : Math.min(n, bytes.length));
    const from = clamp(Math.trunc(Number(start)) || 0);
    const to = clamp(Math.trunc(Number(end)) || 0);
    return make(bytes.subarray(from, Math.max(from, to)), typeOf(`${contentType}`));
  }

  async arrayBuffer() { return bytesOf(this).slice().buffer; }
  async bytes() { return bytesOf(this).slice(); }
  async text() { return new TextDecoder().decode(bytesOf(this)); }

  stream() {
    const bytes = bytesOf(this);
    let at = 0;
    const { ReadableStream } = require('stream_web');
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (at >= bytes.length) {
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        controller.enqueue(bytes.slice(at, at + CHUNK));
        at += CHUNK;
      },
    }, { highWaterMark: 0 });
  }

  [kClone]() { return { name: 'blob:received', data: { ...contents.get(this) } }; }

  [kInspect](depth, options, show) { return inspector((b) => ({ size: b.size, type: b.type })).call(this, depth, options, show); }
}

function make(bytes, type) {
  const blob = new Blob();
  contents.set(blob, { bytes, type });
  return blob;
}

class File extends Blob {
  #name;
  #modified;

  constructor(fileBits, fileName, options = {}) {
    if (arguments.length < 2) throw new codes.ERR_MISSING_ARGS('fileBits', 'fileName');
    super(fileBits, options);
    const { lastModified = Date.now() } = options ?? {};
    this.#name = `${fileName}`;
    this.#modified = Math.trunc(Number(lastModified)) || 0;
  }

  get name() { return this.#name; }
  get lastModified() { return this.#modified; }

  [kClone]() { return { name: 'blob:received', data: { ...contents.get(this), name: this.#name, lastModified: this.#modified } }; }

  [kInspect](depth, options, show) {
    return inspector((f) => ({ size: f.size, type: f.type, name: f.name, lastModified: f.lastModified })).call(this, depth, options, show);
  }
}

/** Makes what came from another thread. */
function received({ bytes, type, name, lastModified }) {
  return name === undefined ? make(bytes, type) : new File([bytes], name, { type, lastModified });
}

for (const [Class, names] of [[Blob, ['size', 'type', 'slice', 'stream', 'text', 'arrayBuffer', 'bytes']], [File, ['name', 'lastModified']]]) {
  for (const name of names) Object.defineProperty(Class.prototype, name, { enumerable: true });
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: Class.name, configurable: true });
}

const urls = new Map();

/** URL.createObjectURL: a name for a blob, until it is revoked. */
function createObjectURL(blob) {
  if (!contents.has(blob)) throw new codes.ERR_INVALID_ARG_TYPE('obj', 'Blob', blob);
  const id = require('crypto').randomUUID();
  urls.set(id, blob);
  return `blob:nodedata:${id}`;
}

const idOf = (url) => /^blob:nodedata:([^?#]+)/.exec(`${url}`)?.[1];
const revokeObjectURL = (url) => { urls.delete(idOf(url)); };
/** The blob behind such a URL; undefined if there is none. */
const resolveObjectURL = (url) => urls.get(idOf(url));

module.exports = { Blob, File, received, createObjectURL, revokeObjectURL, resolveObjectURL, isBlob: (value) => contents.has(value), contentOf: (blob) => contents.get(blob) };
