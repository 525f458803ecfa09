/** The properties of a readable, the ways to iterate over it, and the operators that others take after arrays. */
const getters = {
  readableDidRead() { return this._readableState.dataEmitted; },
  readableAborted() {
    const s = this._readableState;
    return Boolean(s.readable !== false && (s.destroyed || s.errored) && !s.endEmitted);
  },
  readableHighWaterMark() { return this._readableState.highWaterMark; },
  readableBuffer() { return this._readableState && this._readableState.buffer; },
  readableLength() { return this._readableState.length; },
  readableObjectMode() { return this._readableState ? this._readableState.objectMode : false; },
  readableEncoding() { return this._readableState ? this._readableState.encoding : null; },
  errored() { return this._readableState ? this._readableState.errored : null; },
  closed() { return this._readableState ? this._readableState.closed : false; },
  readableEnded() { return this._readableState ? this._readableState.endEmitted : false; },
};

/** Sets the accessors of a table on a prototype. */
function define(prototype, table) {
  for (const name of Object.keys(table)) {
    Object.defineProperty(prototype, name, { get: table[name], enumerable: false, configurable: true });
  }
}

function install(Readable) {
  const { prototype } = Readable;
  define(prototype, getters);
  Object.defineProperties(prototype, {
    readable: {
      configurable: true,
      get() {
        const r = this._readableState;
        return Boolean(r && r.readable !== false && !r.destroyed && !r.errorEmitted && !r.endEmitted);
      },
      set(value) { if (this._readableState) this._readableState.readable = Boolean(value); },
    },
    readableFlowing: {
      configurable: true,
      get() { return this._readableState.flowing; },
      set(value) { if (this._readableState) this._readableState.flowing = value; },
    },
    destroyed: {
      configurable: true,
      get() { return this._readableState ? this._readableState.destroyed : false; },
      set(value) { if (this._readableState) this._readableState.destroyed = value; },
    },
  });
  prototype[Symbol.asyncIterator] = function iterator() { return require('stream_iterate').iterate(this); };
  prototype.iterator = function iterator(options) {
    if (options !== undefined) require('validators').validateObject(options, 'options');
    return require('stream_iterate').iterate(this, options);
  };
  prototype[Symbol.asyncDispose] = async function dispose() {
    let err = null;
    if (!this.destroyed) {
      const { AbortError } = require('errors');
      err = this.readableEnded ? null : new AbortError();
      this.destroy(err);
    }
    await new Promise((resolve, reject) => {
      require('stream_finished').finished(this, (failure) => (failure && failure !== err ? reject(failure) : resolve(null)));
    });
  };
  for (const name of ['map', 'filter', 'forEach', 'some', 'every', 'find', 'flatMap', 'take', 'drop', 'toArray', 'reduce']) {
    Object.defineProperty(prototype, name, {
      value: { [name](...args) { return require('stream_operators')[name].apply(this, args); } }[name],
      writable: true, configurable: true, enumerable: false,
    });
  }
  Object.defineProperty(prototype, 'compose', {
    value: function compose(stream, options) { return require('stream_operators').compose.call(this, stream, options); },
    writable: true, configurable: true, enumerable: false,
  });
  Object.defineProperty(prototype.compose, 'length', { value: 2 });
}

module.exports = { install, define };
