/** process.stdin: a readable that reads only while somebody wants data, so that only then it keeps the process alive. */
const { Readable } = require('stream');
const { Buffer } = require('buffer');

const FastBuffer = Buffer[Symbol.species];

/** How the native reads of one stdin stand. */
class Reads {
  constructor(native, stream) {
    this.native = native;
    this.stream = stream;
    this.running = false; // a native read is under way
    this.again = false; // asked for while one that was stopped has not come back
  }

  start() {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    this.native.read().then((data) => process.nextTick(() => this.take(data)), (err) => process.nextTick(() => {
      this.running = false;
      this.stream.destroy(err);
    }));
  }

  /** What a read gave: memory, null at the end, undefined if it was stopped. */
  take(data) {
    this.running = false;
    if (this.stream.destroyed) return;
    if (data !== undefined) {
      this.again = false;
      this.stream.push(data === null ? null : new FastBuffer(data));
    } else if (this.again) {
      this.again = false;
      this.start();
    }
  }

  /** Takes the read back; the next one asked for begins anew. */
  stop() {
    if (!this.running) return;
    this.again = false;
    this.stream._readableState.reading = false;
    this.native.stop();
  }
}

function create(native) {
  let reads;
  const wanted = () => stdin.readableFlowing || stdin.listenerCount('readable') > 0;
  const stdin = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      // One that was paused reads nothing ahead: that would keep the process alive.
      if (stdin._readableState.paused === true && !wanted()) stdin._readableState.reading = false;
      else reads.start();
    },
    destroy(err, callback) {
      reads.stop();
      callback(err);
    },
  });
  reads = new Reads(native, stdin);
  stdin.fd = 0;
  stdin.isRaw = false;
  if (native.kinds[0] === 'tty') stdin.isTTY = true;
  stdin.on('pause', () => process.nextTick(() => { if (!wanted()) reads.stop(); }));
  stdin.on('removeListener', (type) => {
    if (type === 'readable') process.nextTick(() => { if (!wanted() && stdin.listenerCount('data') === 0) reads.stop(); });
  });
  return Object.assign(stdin, {
    ref() {
      if (wanted()) reads.start();
      return stdin;
    },
    /** Reading goes on when ref is called or data is asked for again. */
    unref() {
      reads.stop();
      return stdin;
    },
    setRawMode(on) {
      if (stdin.isTTY && native.rawMode(Boolean(on))) stdin.isRaw = Boolean(on);
      return stdin;
    },
    setBlocking() { return stdin; },
  });
}

module.exports = { create };
