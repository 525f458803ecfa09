// The connection between a node process and the worker that started it: frames of a length (4 bytes, big-endian) and an
// encoded array, the first element of which says what it is.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const { encode } = require('node_encode');
const { decode } = require('node_decode');

/** The descriptors to read from and to write to. Windows has no sockets to inherit, but pipes. */
const [INPUT, OUTPUT] = process.platform === 'win32' ? [0, 1] : [3, 3];

/** The longest frame, in bytes: a value and what stands around it. */
const MAX_FRAME = (256 << 20) + (1 << 16);

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Does I/O that may not be possible at once. */
function insist(f) {
  for (;;) {
    try { return f(); } catch (err) {
      if (err.code !== 'EAGAIN') throw err;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}

/**
 * Sends a message, and returns when all of it is under way: so nothing is lost when the process exits, and a task is no
 * faster than its worker.
 * @param {...*} message values
 */
function send(...message) {
  const body = encode(message, { path: 'message', maxBytes: MAX_FRAME });
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32BE(body.length);
  body.copy(frame, 4);
  try {
    for (let at = 0; at < frame.length;) at += insist(() => fs.writeSync(OUTPUT, frame, at));
  } catch (err) {
    if (err.code === 'EPIPE' || err.code === 'ECONNRESET') end();
    throw err;
  }
}

/** Ends this process and all that it started: the worker is gone. */
function end() {
  try {
    if (process.platform !== 'win32') process.kill(0, 'SIGKILL');
  } catch { /* it may signal nobody, and so has nobody to end but itself */ }
  process.exit(1);
}

function readExactly(n) {
  const b = Buffer.allocUnsafe(n);
  for (let at = 0; at < n;) {
    const got = insist(() => fs.readSync(INPUT, b, at, n - at));
    if (got === 0) end();
    at += got;
  }
  return b;
}

/** Waits for a message. @returns {Array} */
function receive() {
  const n = readExactly(4).readUInt32BE(0);
  if (n > MAX_FRAME) throw new RangeError(`frame of ${n} bytes, limit ${MAX_FRAME}`);
  return decode(readExactly(n));
}

/**
 * Hears of messages from now on, without keeping the process alive. That the worker is gone ends the process.
 * @param {function(Array): void} onMessage
 * @returns {{ref: function(): void, unref: function(): void}} whether it keeps the process alive after all
 */
function listen(onMessage) {
  const socket = new net.Socket({ fd: INPUT, readable: true, writable: false });
  let chunks = []; // put together when a frame is whole, so that a large one is copied once
  let have = 0;
  let need = 4;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    have += chunk.length;
    while (have >= need) {
      const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, have);
      chunks = [all];
      const n = 4 + all.readUInt32BE(0);
      if (have < n) {
        need = n;
        return;
      }
      chunks = [all.subarray(n)];
      have -= n;
      need = 4;
      onMessage(decode(all.subarray(4, n)));
    }
  });
  socket.on('error', end);
  socket.on('close', end);
  socket.unref();
  return { ref: () => socket.ref(), unref: () => socket.unref() };
}

exports.send = send;
exports.receive = receive;
exports.listen = listen;
