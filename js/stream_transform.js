/** stream.Transform and PassThrough: what is written comes out again, changed or not. */
const { codes } = require('errors');
const Duplex = require('stream_duplex');

const kCallback = Symbol('kCallback');

function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);
  let given = options;
  // Without any buffer on the readable side, writes wait for the reader.
  const mark = options ? require('stream_state').highWaterMarkOf(options, 'readableHighWaterMark', true, Boolean(options.objectMode || options.readableObjectMode)) : null;
  if (mark === 0) {
    given = { ...options, highWaterMark: null, readableHighWaterMark: mark, writableHighWaterMark: options.writableHighWaterMark || 0 };
  }
  Duplex.call(this, given);
  this._readableState.sync = false;
  this[kCallback] = null;
  if (options) {
    if (typeof options.transform === 'function') this._transform = options.transform;
    if (typeof options.flush === 'function') this._flush = options.flush;
  }
  this.on('prefinish', prefinish);
  return undefined;
}
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

function final(callback) {
  if (typeof this._flush !== 'function' || this.destroyed) {
    this.push(null);
    if (callback) callback();
    return;
  }
  this._flush((err, data) => {
    if (err) {
      if (callback) callback(err);
      else this.destroy(err);
      return;
    }
    if (data !== null && data !== undefined) this.push(data);
    this.push(null);
    if (callback) callback();
  });
}

/** A subclass with a _final of its own gets its flush afterwards. */
function prefinish() {
  if (this._final !== final) final.call(this);
}

Object.assign(Transform.prototype, {
  _final: final,

  _transform() { throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_transform()'); },

  _write(chunk, encoding, callback) {
    const r = this._readableState;
    const { length } = r;
    this._transform(chunk, encoding, (err, value) => {
      if (err) {
        callback(err);
        return;
      }
      if (value !== null && value !== undefined) this.push(value);
      if (r.ended || length === r.length || r.length < r.highWaterMark) callback();
      else this[kCallback] = callback;
    });
  },

  _read() {
    if (!this[kCallback]) return;
    const callback = this[kCallback];
    this[kCallback] = null;
    callback();
  },
});

function PassThrough(options) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  Transform.call(this, options);
  return undefined;
}
Object.setPrototypeOf(PassThrough.prototype, Transform.prototype);
Object.setPrototypeOf(PassThrough, Transform);
PassThrough.prototype._transform = function _transform(chunk, encoding, callback) { callback(null, chunk); };

module.exports = { Transform, PassThrough };
