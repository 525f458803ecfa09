/** Streams over what a task has open outside: one reads from handle in, one writes to handle out. */
const { askLater, CHUNK } = require('prelude_ask');
const { Readable, Writable } = require('stream');

const closed = new Set(['EBADF', 'ERR_CANCELLED']);

/** A Readable of what comes from a handle, which it closes at the end if it owns it. */
function reader(handle, own = true) {
  let open = true;
  const close = async () => {
    if (open && own) { open = false; await askLater('close', handle).catch(() => {}); }
  };
  return new Readable({
    highWaterMark: CHUNK,
    read() {
      askLater('recv', handle, CHUNK).then((bytes) => {
        if (bytes.length > 0) {
          this.push(require('buffer').Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
          return;
        }
        close().then(() => this.push(null));
      }, (err) => this.destroy(closed.has(err.code) && this.destroyed ? null : err));
    },
    destroy(err, done) { close().then(() => done(err)); },
  });
}

/** Sends a chunk in parts that a request can carry. */
async function send(handle, chunk) {
  const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  for (let at = 0; at < bytes.length; at += CHUNK) await askLater('send', handle, bytes.subarray(at, at + CHUNK));
}

/** A Writable to a handle; at its end it does what finish says: 'shut' or 'close'. */
function writer(handle, finish) {
  let open = true;
  const end = async () => {
    if (open) { open = false; await askLater(finish, handle); }
  };
  return new Writable({
    highWaterMark: CHUNK,
    decodeStrings: true,
    write(chunk, encoding, done) { send(handle, chunk).then(() => done(), done); },
    final(done) { end().then(() => done(), done); },
    destroy(err, done) { end().then(() => done(err), () => done(err)); },
  });
}

module.exports = { reader, writer, send };
