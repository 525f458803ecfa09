/** fetch in a task: the worker makes the request, if the task may reach the host. Bodies come as they are read. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

class Headers {
  #map = new Map();

  constructor(init = undefined) {
    const pairs = init instanceof Headers || Array.isArray(init) ? [...init] : Object.entries(init ?? {});
    for (const [name, value] of pairs) this.append(name, value);
  }

  static #key(name) {
    if (!token.test(name)) throw new TypeError(`Headers: ${name} is an invalid header name.`);
    return String(name).toLowerCase();
  }

  append(name, value) {
    const key = Headers.#key(name);
    this.#map.set(key, [...(this.#map.get(key) ?? []), String(value).trim()]);
  }

  set(name, value) { this.#map.set(Headers.#key(name), [String(value).trim()]); }

  get(name) { return this.#map.get(Headers.#key(name))?.join(', ') ?? null; }

  has(name) { return this.#map.has(Headers.#key(name)); }

  delete(name) { this.#map.delete(Headers.#key(name)); }

  getSetCookie() { return [...(this.#map.get('set-cookie') ?? [])]; }

  forEach(fn, self) { for (const [name, value] of this) fn.call(self, value, name, this); }

  * entries() {
    for (const name of [...this.#map.keys()].sort()) {
      if (name === 'set-cookie') for (const one of this.#map.get(name)) yield [name, one];
      else yield [name, this.get(name)];
    }
  }

  * keys() { for (const [name] of this) yield name; }

  * values() { for (const [, value] of this) yield value; }

  [Symbol.iterator]() { return this.entries(); }

  get [Symbol.toStringTag]() { return 'Headers'; }
}

/** The bytes of a body that was given, and its type. */
function bodyOf(body) {
  if (body === null || body === undefined) return [null, null];
  if (typeof body === 'string') return [new TextEncoder().encode(body), 'text/plain;charset=UTF-8'];
  if (body instanceof URLSearchParams) return [new TextEncoder().encode(String(body)), 'application/x-www-form-urlencoded;charset=UTF-8'];
  if (body instanceof ArrayBuffer) return [new Uint8Array(body.slice(0)), null];
  if (ArrayBuffer.isView(body)) return [new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice(), null];
  if (typeof body[Symbol.asyncIterator] === 'function') return [body, null];
  return [new TextEncoder().encode(String(body)), 'text/plain;charset=UTF-8'];
}

/** What Request and Response have in common: a body that is read once. */
class Body {
  bodyUsed = false;

  #parts;

  /** Parts is an async iterable of bytes, bytes, or null. */
  constructor(parts) { this.#parts = parts; }

  get body() { return this.#parts === null ? null : { [Symbol.asyncIterator]: () => this.#take() }; }

  #take() {
    if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
    this.bodyUsed = true;
    const parts = this.#parts;
    if (parts instanceof Uint8Array || parts === null) {
      const list = parts === null ? [] : [parts];
      return { next: async () => (list.length ? { value: list.pop(), done: false } : { value: undefined, done: true }) };
    }
    return parts[Symbol.asyncIterator]();
  }

  async bytes() {
    const parts = this.#take();
    const list = [];
    let size = 0;
    for (let step = await parts.next(); !step.done; step = await parts.next()) {
      list.push(step.value);
      size += step.value.length;
    }
    const all = new Uint8Array(size);
    for (let i = 0, at = 0; i < list.length; at += list[i].length, i++) all.set(list[i], at);
    return all;
  }

  async arrayBuffer() { return (await this.bytes()).buffer; }

  async text() { return new TextDecoder().decode(await this.bytes()); }

  async json() { return JSON.parse(await this.text()); }
}

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : {};
    const [parts, type] = bodyOf(init.body ?? null);
    super(parts ?? null);
    const url = new URL(from.url ?? String(input));
    const method = String(init.method ?? from.method ?? 'GET');
    this.method = /^(delete|get|head|options|post|put|patch)$/i.test(method) ? method.toUpperCase() : method;
    if (parts !== null && /^(GET|HEAD)$/.test(this.method)) throw new TypeError('Request with GET/HEAD method cannot have body.');
    this.url = url.href;
    this.headers = new Headers(init.headers ?? from.headers);
    this.redirect = init.redirect ?? from.redirect ?? 'follow';
    this.signal = init.signal ?? from.signal ?? null;
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
  }
}

class Response extends Body {
  constructor(body = null, init = {}) {
    const [parts, type] = bodyOf(body);
    super(parts);
    const { status = 200, statusText = '', headers, url = '', redirected = false } = init;
    Object.assign(this, { status, statusText, url, redirected, ok: status >= 200 && status < 300, type: 'default', headers: new Headers(headers) });
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
  }

  static json(data, init = {}) {
    return new Response(JSON.stringify(data), { ...init, headers: { 'content-type': 'application/json', ...init.headers } });
  }
}

async function fetch(input, init = {}) {
  const request = new Request(input, init);
  const url = new URL(request.url);
  const target = url.port ? url.host : `${url.host}:${url.protocol === 'https:' ? 443 : 80}`;
  const { check } = binding;
  check('net', target);
  return require('prelude_fetch_call').call(request, Response);
}

module.exports = { fetch, Headers, Request, Response };
