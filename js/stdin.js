/**
 * process.stdin: read only while somebody wants data, so that only then it keeps the process alive. The events and
 * methods are those of a readable stream of node.
 */
const EventEmitter = require('events');

class Input extends EventEmitter {
  constructor(native) {
    super();
    this.fd = 0;
    this.readable = true;
    this.readableEnded = false;
    this.readableFlowing = null;
    this.readableEncoding = null;
    this.readableHighWaterMark = 65536;
    this.readableObjectMode = false;
    this.readableLength = 0;
    this.destroyed = false;
    this.errored = null;
    this.isRaw = false;
    if (native.kinds[0] === 'tty') this.isTTY = true;
    this.native = native;
    Object.defineProperty(this, 'native', { enumerable: false });
    /** chunks: read but not yet taken. ended: the source has ended. told: 'end' was emitted. */
    Object.defineProperty(this, 'state', {
      value: { chunks: [], reading: false, ended: false, told: false, decoder: null, pipes: [], pending: false },
    });
  }

  setEncoding(encoding) {
    const { StringDecoder } = require('string_decoder');
    this.state.decoder = new StringDecoder(encoding);
    this.readableEncoding = this.state.decoder.encoding;
    return this;
  }

  on(type, listener) {
    super.on(type, listener);
    if (type === 'data' && this.readableFlowing !== false) this.resume();
    if (type === 'readable') {
      this.readableFlowing = false;
      if (this.state.chunks.length > 0 || this.state.ended) this.announce();
      else this.fetch();
    }
    return this;
  }

  removeListener(type, listener) {
    super.removeListener(type, listener);
    if (type === 'readable' && this.listenerCount('readable') === 0) {
      process.nextTick(() => {
        if (this.listenerCount('data') > 0) this.resume();
        else if (this.readableFlowing === false && this.listenerCount('readable') === 0) this.native.stop();
      });
    }
    return this;
  }

  pause() {
    if (this.readableFlowing !== false) {
      this.readableFlowing = false;
      this.native.stop();
      this.emit('pause');
    }
    return this;
  }

  isPaused() { return this.readableFlowing === false && this.listenerCount('readable') === 0; }

  resume() {
    if (!this.readableFlowing) {
      this.readableFlowing = this.listenerCount('readable') === 0;
      process.nextTick(() => {
        if (this.readableFlowing) this.emit('resume');
        this.flow();
      });
    }
    return this;
  }

  unshift(chunk) {
    this.state.chunks.unshift(chunk);
    this.readableLength += chunk.length;
  }

  finish() {
    if (this.state.told || this.destroyed) return;
    this.state.told = true;
    this.readable = false;
    process.nextTick(() => {
      this.readableEnded = true;
      this.emit('end');
      process.nextTick(() => {
        this.destroyed = true;
        this.emit('close');
      });
    });
  }

  destroy(err) {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.readable = false;
    this.errored = err || null;
    this.native.stop();
    process.nextTick(() => {
      if (err) this.emit('error', err);
      this.emit('close');
    });
    return this;
  }

  ref() {
    if (this.readableFlowing || this.listenerCount('readable') > 0) this.fetch();
    return this;
  }

  /** Reading goes on when ref is called or data is asked for again. */
  unref() {
    this.native.stop();
    return this;
  }

  setRawMode(on) {
    if (this.isTTY && this.native.rawMode(Boolean(on))) this.isRaw = Boolean(on);
    return this;
  }

  setBlocking() { return this; }
}
Object.assign(Input.prototype, require('stdin_read'), require('stdin_pipe'));
Input.prototype.addListener = Input.prototype.on;
Input.prototype.off = Input.prototype.removeListener;

module.exports = { create: (native) => new Input(native) };
