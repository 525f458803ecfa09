/** stdout and stderr as writables; see stdio.js. */
const { Writable } = require('stream');

/** The stream of descriptor fd over the native binding. */
function create(native, fd) {
  const output = new Writable({
    decodeStrings: false,
    emitClose: false,
    write(chunk, encoding, callback) {
      const plain = typeof chunk !== 'string' || encoding === 'utf8' || encoding === 'utf-8';
      const err = native.write(fd, plain ? chunk : require('buffer').Buffer.from(chunk, encoding));
      callback(err);
    },
    /** The descriptor itself stays open, and the stream may be written again. */
    destroy(err, callback) {
      callback(err);
      this._undestroy();
      if (!this._writableState.emitClose) process.nextTick(() => this.emit('close'));
    },
  });
  output.destroySoon = output.destroy;
  output.fd = fd;
  output._type = native.kinds[fd];
  output._isStdio = true;
  return Object.assign(output, { ref() { return output; }, unref() { return output; } });
}

module.exports = { create };
