/** The part of fetch that asks the worker. */
const { askLater, CHUNK } = require('prelude_ask');

/** The bytes of a response, as they are asked for. */
function partsOf(handle, stop) {
  const end = () => { stop(); return askLater('close', handle).catch(() => {}); };
  return {
    [Symbol.asyncIterator]() { return this; },
    async next() {
      const value = await askLater('recv', handle, CHUNK);
      if (value.length > 0) return { value, done: false };
      await end();
      return { value: undefined, done: true };
    },
    async return() { await end(); return { value: undefined, done: true }; },
  };
}

async function send(handle, body) {
  const parts = body[Symbol.asyncIterator]();
  for (let step = await parts.next(); !step.done; step = await parts.next()) {
    for (let at = 0; at < step.value.length; at += CHUNK) await askLater('send', handle, step.value.subarray(at, at + CHUNK));
  }
  await askLater('shut', handle);
}

exports.call = async (request, Response) => {
  const { signal, body } = request;
  signal?.throwIfAborted();
  const handle = await askLater('request', request.method, request.url, [...request.headers].flat(), body !== null, request.redirect, false);
  let stop = () => {};
  const aborted = new Promise((resolve, reject) => {
    if (!signal) return;
    const abort = () => { askLater('close', handle).catch(() => {}); reject(signal.reason); };
    signal.addEventListener('abort', abort, { once: true });
    stop = () => signal.removeEventListener('abort', abort);
  });
  aborted.catch(() => {});
  if (body !== null) send(handle, body).catch(() => {}); // the response says what went wrong
  try {
    const [status, statusText, url, redirected, pairs] = await Promise.race([askLater('response', handle), aborted]);
    const headers = [];
    for (let i = 0; i < pairs.length; i += 2) headers.push([pairs[i], pairs[i + 1]]);
    return new Response(partsOf(handle, stop), { status, statusText, url, redirected, headers });
  } catch (err) {
    if (err === signal?.reason || err.code === 'ERR_ACCESS_DENIED') throw err;
    throw new TypeError('fetch failed', { cause: err });
  }
};
