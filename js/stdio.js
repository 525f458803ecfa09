/**
 * process.stdin, stdout and stderr. Writes are done when write returns, as node's are to files, terminals and pipes;
 * their callbacks come later. An error such as EPIPE is an error event.
 */
const EventEmitter = require('events');
const { codes } = require('errors');
const { validateFunction } = require('validators');

/** Columns and rows of the terminal behind fd. */
function terminal(stream, fd) {
  const read = () => binding.size(fd) || [80, 24];
  Object.defineProperties(stream, {
    columns: { enumerable: true, configurable: true, get: () => read()[0] },
    rows: { enumerable: true, configurable: true, get: () => read()[1] },
  });
  stream.isTTY = true;
  stream.getWindowSize = read;
  stream.hasColors = (count = 16) => (typeof count === 'number' ? count : 16) <= 2 ** stream.getColorDepth();
  stream.getColorDepth = (env = process.env) => {
    if (env.NO_COLOR !== undefined || env.TERM === 'dumb') return 1;
    if (/^(truecolor|24bit)$/.test(env.COLORTERM || '')) return 24;
    return /-?256(color)?$/i.test(env.TERM || '') ? 8 : 4;
  };
  const escape = (text, callback) => stream.write(text, callback);
  stream.cursorTo = (x, y, callback) => (typeof y === 'number'
    ? escape(`\u001b[${y + 1};${x + 1}H`, callback) : escape(`\u001b[${x + 1}G`, typeof y === 'function' ? y : callback));
  stream.moveCursor = (dx, dy, callback) => escape([
    dx < 0 ? `\u001b[${-dx}D` : dx > 0 ? `\u001b[${dx}C` : '', dy < 0 ? `\u001b[${-dy}A` : dy > 0 ? `\u001b[${dy}B` : '',
  ].join(''), callback);
  stream.clearLine = (dir, callback) => escape(`\u001b[${dir < 0 ? 1 : dir > 0 ? 0 : 2}K`, callback);
  stream.clearScreenDown = (callback) => escape('\u001b[0J', callback);
}

/** The bytes or text that write may hand on; throws for anything else. */
function checked(chunk, encoding) {
  if (chunk === null) throw new codes.ERR_STREAM_NULL_VALUES();
  if (typeof chunk === 'string') {
    const plain = encoding === undefined || encoding === null || /^(utf-?8|buffer)$/i.test(encoding);
    return plain ? chunk : require('buffer').Buffer.from(chunk, encoding);
  }
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new codes.ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
}

/** stdout or stderr. */
class Output extends EventEmitter {
  constructor(fd) {
    super();
    this.fd = fd;
    this._type = binding.kinds[fd];
    this._isStdio = true;
    this.writable = true;
    this.writableEnded = false;
    this.writableFinished = false;
    this.destroyed = false;
    this.writableLength = 0;
    this.writableHighWaterMark = 16384;
    this.writableNeedDrain = false;
    this.writableObjectMode = false;
    this.errored = null;
    if (this._type === 'tty') terminal(this, fd);
  }

  /** Returns true: nothing is ever left unwritten. */
  write(chunk, encoding, callback) {
    const done = typeof encoding === 'function' ? encoding : callback;
    const data = checked(chunk, typeof encoding === 'function' ? undefined : encoding);
    if (this.writableEnded || this.destroyed) {
      const err = this.destroyed && !this.writableEnded ? new codes.ERR_STREAM_DESTROYED('write') : new codes.ERR_STREAM_WRITE_AFTER_END();
      if (typeof done === 'function') process.nextTick(done, err);
      if (this.writableEnded) process.nextTick(() => this.emit('error', err));
      return false;
    }
    const err = binding.write(this.fd, data);
    if (err === undefined) {
      if (typeof done === 'function') process.nextTick(done, null);
      return true;
    }
    this.fail(err, done);
    return false;
  }

  /** Ends the stream with err: callback first, then the event. */
  fail(err, done) {
    this.destroyed = true;
    this.writable = false;
    this.errored = err;
    process.nextTick(() => {
      if (typeof done === 'function') done(err);
      this.emit('error', err);
      this.emit('close');
    });
  }

  end(chunk, encoding, callback) {
    const done = [chunk, encoding, callback].find((a) => typeof a === 'function');
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.write(chunk, typeof encoding === 'function' ? undefined : encoding);
    if (this.writableEnded) return this;
    this.writableEnded = true;
    this.writable = false;
    process.nextTick(() => {
      this.writableFinished = true;
      this.emit('finish');
      if (done) done();
    });
    return this;
  }

  destroy(err) {
    // As node's: the descriptor itself stays open.
    this.destroyed = true;
    this.writable = false;
    process.nextTick(() => {
      if (err) this.emit('error', err);
      this.emit('close');
    });
    return this;
  }

  cork() {}

  uncork() {}

  setDefaultEncoding() { return this; }

  ref() { return this; }

  unref() { return this; }
}
Output.prototype.destroySoon = Output.prototype.destroy;
Output.prototype._write = function _write(chunk, encoding, callback) {
  validateFunction(callback, 'callback');
  this.write(chunk, encoding, callback);
};

let stdout;
let stderr;
let stdin;

module.exports = {
  /** The process object, once there is one. */
  owner: undefined,
  get stdout() {
    stdout ??= new Output(1);
    return stdout;
  },
  get stderr() {
    stderr ??= new Output(2);
    return stderr;
  },
  get stdin() {
    stdin ??= require('stdin').create(binding);
    return stdin;
  },
};
