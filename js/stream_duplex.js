/** stream.Duplex: a Readable that is a Writable as well. */
const Readable = require('stream_readable');
const Writable = require('stream_writable');
const { Stream } = require('stream_legacy');
const { construct } = require('stream_destroy');

function Duplex(options) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  this._events ??= {
    close: undefined, error: undefined, prefinish: undefined, finish: undefined, drain: undefined, data: undefined, end: undefined, readable: undefined,
  };
  this._readableState = new Readable.ReadableState(options, this, true);
  this._writableState = new Writable.WritableState(options, this, true);
  if (options) {
    this.allowHalfOpen = options.allowHalfOpen !== false;
    if (options.readable === false) {
      Object.assign(this._readableState, { readable: false, ended: true, endEmitted: true });
    }
    if (options.writable === false) {
      Object.assign(this._writableState, { writable: false, ending: true, ended: true, finished: true });
    }
    if (typeof options.read === 'function') this._read = options.read;
    Writable.parts.takeOptions(this, options);
  } else {
    this.allowHalfOpen = true;
  }
  Stream.call(this, options);
  if (this._construct !== null && this._construct !== undefined) {
    construct(this, () => {
      if (this._readableState.needReadable) require('stream_flow').maybeReadMore(this, this._readableState);
      Writable.parts.started(this);
    });
  }
  return undefined;
}
Object.setPrototypeOf(Duplex.prototype, Readable.prototype);
Object.setPrototypeOf(Duplex, Readable);

const own = Object.getOwnPropertyDescriptors(Writable.prototype);
for (const name of ['write', 'cork', 'uncork', 'setDefaultEncoding', '_write', '_writev', 'end', 'writable', 'writableFinished',
  'writableObjectMode', 'writableBuffer', 'writableEnded', 'writableNeedDrain', 'writableHighWaterMark', 'writableCorked',
  'writableLength', 'writableAborted']) {
  Object.defineProperty(Duplex.prototype, name, own[name]);
}
Object.defineProperties(Duplex.prototype, {
  destroy: { ...own.destroy, enumerable: true },
  destroyed: {
    configurable: true,
    get() {
      const [r, w] = [this._readableState, this._writableState];
      return r === undefined || w === undefined ? false : r.destroyed && w.destroyed;
    },
    set(value) {
      if (!this._readableState || !this._writableState) return;
      this._readableState.destroyed = value;
      this._writableState.destroyed = value;
    },
  },
});

Duplex.from = (body) => require('stream_duplexify').duplexify(body, 'body');
Duplex.fromWeb = (pair, options) => require('stream_web_adapters').duplexFromWeb(pair, options);
Duplex.toWeb = (duplex) => require('stream_web_adapters').duplexToWeb(duplex);

module.exports = Duplex;
