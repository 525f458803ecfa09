/** stream.duplexPair: two duplexes, each of which reads what is written to the other. */
const Duplex = require('stream_duplex');

const kCallback = Symbol('kCallback');
const kOther = Symbol('kOtherSide');

/** One side: a write is done once the other side has asked for what it brought. */
class Side extends Duplex {
  constructor(options) {
    super(options);
    this[kCallback] = null;
    this[kOther] = null;
  }

  _read() {
    const callback = this[kCallback];
    if (callback === null) return;
    this[kCallback] = null;
    callback();
  }

  _write(chunk, encoding, callback) {
    const other = this[kOther];
    if (chunk.length === 0) {
      process.nextTick(callback);
      return;
    }
    other.push(chunk);
    other[kCallback] = callback;
  }

  _final(callback) {
    this[kOther].on('end', callback);
    this[kOther].push(null);
  }

  _destroy(err, callback) {
    const other = this[kOther];
    if (other !== null && !other.destroyed) {
      process.nextTick(() => {
        if (err) other.destroy();
        else other.push(null);
      });
    }
    callback(err);
  }
}

/** @returns {[Duplex, Duplex]} */
function duplexPair(options) {
  const [a, b] = [new Side(options), new Side(options)];
  a[kOther] = b;
  b[kOther] = a;
  return [a, b];
}

module.exports = { duplexPair };
