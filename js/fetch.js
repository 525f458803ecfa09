/** The globals fetch, Request and Response, after the Fetch standard. */
const native = require('fetch_native');
const { Body, sourceOf } = require('fetch_body');
const { Headers } = require('fetch_headers');
const { serial } = require('stream_iterate');

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined;
    const method = String(init.method ?? from?.method ?? 'GET');
    const [source, type] = init.body !== undefined ? sourceOf(init.body) : [from ? Body.take(from) : null, undefined];
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method)) throw new TypeError(`'${method}' is not a valid HTTP method.`);
    const upper = /^(get|head|post|put|delete|options|patch)$/i.test(method) ? method.toUpperCase() : method;
    if (source !== null && (upper === 'GET' || upper === 'HEAD')) throw new TypeError('Request with GET/HEAD method cannot have body.');
    super(source);
    let url;
    try {
      url = new URL(from ? from.url : String(input));
    } catch (cause) {
      throw new TypeError(`Failed to parse URL from ${input}`, { cause });
    }
    if (url.username || url.password) throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${input}`);
    this.method = upper;
    this.url = url.href;
    this.headers = new Headers(init.headers ?? from?.headers);
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.redirect = init.redirect ?? from?.redirect ?? 'follow';
    if (!['follow', 'manual', 'error'].includes(this.redirect)) throw new TypeError(`Request constructor: ${this.redirect} is not an accepted type for redirect.`);
    this.signal = init.signal ?? from?.signal ?? new AbortController().signal;
  }

  clone() { return new Request(this); }

  get [Symbol.toStringTag]() { return 'Request'; }
}

class Response extends Body {
  constructor(body = null, init = {}) {
    const [source, type] = sourceOf(body);
    super(source);
    const { status = 200, statusText = '', headers } = init ?? {};
    if (!(status >= 200 && status <= 599)) throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    if (source !== null && [204, 205, 304].includes(status)) throw new TypeError('Response constructor: Invalid response status code ' + status);
    this.status = status;
    this.statusText = String(statusText);
    this.headers = new Headers(headers);
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.type = 'default';
    this.url = '';
    this.redirected = false;
  }

  static json(data, init = {}) {
    const response = new Response(JSON.stringify(data), init);
    if (!new Headers(init.headers).has('content-type')) response.headers.set('content-type', 'application/json');
    return response;
  }

  static redirect(url, status = 302) {
    if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`Invalid status code ${status}`);
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }

  get ok() { return this.status >= 200 && this.status <= 299; }

  clone() {
    const copy = new Response(Body.take(this), { status: this.status, statusText: this.statusText, headers: this.headers });
    return Object.assign(copy, { url: this.url, redirected: this.redirected, type: this.type });
  }

  get [Symbol.toStringTag]() { return 'Response'; }
}

/** The pieces of the body of exchange id. */
function pieces(id, failed) {
  return serial({
    async next() {
      let memory;
      try {
        memory = await native.read(id);
      } catch (fault) {
        native.end(id);
        throw failed(fault, 'terminated');
      }
      if (memory !== null) return { value: new Uint8Array(memory), done: false };
      native.end(id);
      return { value: undefined, done: true };
    },
    async end() { native.end(id); },
  });
}

/** The cause of a failure as an error of the system. */
function causeOf([errno, code, text]) {
  if (code === 'UNKNOWN') return new Error(text);
  if (errno === 0) return Object.assign(new Error(text), { code }); // of TLS
  return Object.assign(new Error(`${code}: ${text}`), { errno, code });
}

async function fetch(input, init = undefined) {
  if (arguments.length === 0) throw new TypeError('fetch: 1 argument required, but only 0 present.');
  const request = new Request(input, init);
  const { signal } = request;
  signal.throwIfAborted();
  const { protocol } = new URL(request.url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError('fetch failed', { cause: new Error('unknown scheme') });
  let body;
  if (!['GET', 'HEAD'].includes(request.method)) body = await request.bytes();
  const headers = [...request.headers].flat();
  for (const [name, value] of [['accept', '*/*'], ['accept-language', '*'], ['sec-fetch-mode', 'cors'], ['user-agent', 'node']]) {
    if (!request.headers.has(name)) headers.push(name, value);
  }
  const id = native.begin();
  const abort = () => native.end(id);
  signal.addEventListener('abort', abort, { once: true });
  const failed = (fault, text) => (signal.aborted ? signal.reason : new TypeError(text, { cause: causeOf(fault) }));
  let answer;
  try {
    answer = await native.send(id, request.method, request.url, headers, body, request.redirect,
      process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0');
  } catch (fault) {
    native.end(id);
    if (!Array.isArray(fault)) throw fault;
    throw failed(fault, 'fetch failed');
  }
  const [status, statusText, url, redirected, fields] = answer;
  const pairs = [];
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i], fields[i + 1]]);
  const empty = request.method === 'HEAD' || [204, 205, 304].includes(status);
  if (empty) native.end(id);
  const response = new Response(empty ? null : pieces(id, failed), { status, statusText, headers: pairs });
  return Object.assign(response, { url, redirected, type: 'basic' });
}

module.exports = { fetch, Request, Response, Headers };
