/** One connection's parser: hands heads, bodies and ends to the functions of its owner. */
const native = require('http_native');
const { Buffer } = require('buffer');

const FastBuffer = Buffer[Symbol.species];
const MAX_HEADER = 16 * 1024; // bytes

class Parser {
  /** owner: {onHead(first, second, third, minor, rawHeaders, keepAlive, upgrade), onBody, onComplete, onUpgrade, onError} */
  constructor(response, owner, maxHeaderSize, noBody) {
    this.native = native.parser(response, maxHeaderSize || MAX_HEADER, Boolean(noBody));
    this.owner = owner;
    this.closed = false;
    this.incoming = null;
  }

  execute(chunk) { if (!this.closed) this.run(native.execute(this.native, chunk), chunk); }

  /** Has what the socket reads parsed before it comes here; owner has onrequest and onbytes for that as well. */
  attach(socket) {
    const { owner } = this;
    this.stream = socket._handle.id;
    native.attach(this.stream, this.native, {
      onrequest: (method, url, flags, fields, bytes) => {
        owner.onBytes(bytes);
        if (!this.closed) owner.onRequest(method, url, flags, fields);
      },
      onparsed: (events, bytes, memory) => {
        owner.onBytes(bytes);
        if (owner.startedAt === 0) owner.startedAt = Date.now();
        if (!this.closed) this.run(events, memory && new FastBuffer(memory));
      },
    });
  }

  /** Ends that: the socket reads for itself again. */
  detach() {
    if (this.stream !== undefined) native.detach(this.stream);
    this.stream = undefined;
  }

  finish() { if (!this.closed) this.run(native.finish(this.native)); }

  close() {
    this.closed = true;
    this.detach();
  }

  run(events, chunk) {
    const { owner } = this;
    for (let i = 0; i < events.length && !this.closed;) {
      switch (events[i]) {
        case 1:
          owner.onHead(events[i + 1], events[i + 2], events[i + 3], events[i + 4], events[i + 5], events[i + 6], events[i + 7]);
          i += 8;
          break;
        case 2:
          owner.onBody(new FastBuffer(events[i + 1]));
          i += 2;
          break;
        case 3:
          owner.onComplete(events[i + 1]);
          i += 2;
          break;
        case 4:
          owner.onUpgrade(new FastBuffer(events[i + 1]));
          return;
        default: {
          const [, code, reason, bytesParsed] = events.slice(i);
          const err = new Error(`Parse Error: ${reason}`);
          err.bytesParsed = bytesParsed;
          err.code = code;
          err.reason = reason;
          if (chunk) err.rawPacket = chunk;
          owner.onError(err);
          return;
        }
      }
    }
  }
}

module.exports = { Parser, MAX_HEADER };
