/** Readable.prototype.read and what it takes from the buffer. */
const { Buffer } = require('buffer');
const { errorOrDestroy } = require('stream_destroy');
const { emitReadable, endReadable } = require('stream_flow');
const { codes } = require('errors');

const MAX_MARK = 0x40000000; // bytes

/** The high water mark that a read of n asks for: the next power of two. */
function markFor(n) {
  if (n > MAX_MARK) throw new codes.ERR_OUT_OF_RANGE('size', '<= 1GiB', n);
  let mark = 1;
  while (mark < n) mark *= 2;
  return mark;
}

function amount(n, state) {
  if (n <= 0 || (state.length === 0 && state.ended)) return 0;
  if (state.objectMode) return 1;
  if (Number.isNaN(n)) {
    return state.flowing && state.length > 0 ? state.buffer[state.bufferIndex].length : state.length;
  }
  if (n <= state.length) return n;
  return state.ended ? state.length : 0;
}

/** Drops what has been read from the front of the buffer. */
function advance(state, index) {
  const { buffer } = state;
  if (index === buffer.length) {
    buffer.length = 0;
    state.bufferIndex = 0;
  } else if (index > 1024) {
    buffer.splice(0, index);
    state.bufferIndex = 0;
  } else {
    state.bufferIndex = index;
  }
}

function takeAll(state) {
  const parts = state.bufferIndex === 0 ? state.buffer.slice() : state.buffer.slice(state.bufferIndex);
  advance(state, state.buffer.length);
  if (state.decoder) return parts.join('');
  return parts.length === 1 ? parts[0] : Buffer.concat(parts, state.length);
}

/** Takes n bytes or characters, which are there. */
function fromList(n, state) {
  if (state.length === 0) return null;
  const { buffer } = state;
  let index = state.bufferIndex;
  if (state.objectMode) {
    const object = buffer[index];
    buffer[index] = null;
    advance(state, index + 1);
    return object;
  }
  if (!n || n >= state.length) return takeAll(state);
  const first = buffer[index];
  if (n < first.length) {
    buffer[index] = first.slice(n);
    return first.slice(0, n);
  }
  if (n === first.length) {
    buffer[index] = null;
    advance(state, index + 1);
    return first;
  }
  const parts = [];
  let left = n;
  while (left > 0) {
    const part = buffer[index];
    if (part.length <= left) {
      parts.push(part);
      buffer[index] = null;
      left -= part.length;
      index += 1;
    } else {
      parts.push(part.slice(0, left));
      buffer[index] = part.slice(left);
      left = 0;
    }
  }
  advance(state, index);
  return state.decoder ? parts.join('') : Buffer.concat(parts, n);
}

function fill(stream, state) {
  state.reading = true;
  state.sync = true;
  if (state.length === 0) state.needReadable = true;
  try {
    stream._read(state.highWaterMark);
  } catch (err) {
    errorOrDestroy(stream, err);
  }
  state.sync = false;
}

function read(size) {
  let n = size === undefined ? NaN : size;
  if (n === null || (!Number.isNaN(n) && !Number.isInteger(n))) n = Number.parseInt(n, 10);
  const state = this._readableState;
  const wanted = n;
  if (n > state.highWaterMark) state.highWaterMark = markFor(n);
  if (n !== 0) state.emittedReadable = false;
  if (n === 0 && state.needReadable
    && ((state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0) || state.ended)) {
    if (state.length === 0 && state.ended) endReadable(this);
    else emitReadable(this);
    return null;
  }
  n = amount(n, state);
  if (n === 0 && state.ended) {
    if (state.length === 0) endReadable(this);
    return null;
  }
  const wants = state.needReadable || state.length === 0 || state.length - n < state.highWaterMark;
  if (wants && !state.ended && !state.reading && !state.destroyed && !state.errored && state.constructed) {
    fill(this, state);
    if (!state.reading) n = amount(wanted, state);
  }
  const chunk = n > 0 ? fromList(n, state) : null;
  if (chunk === null) {
    state.needReadable = state.length <= state.highWaterMark;
    n = 0;
  } else {
    state.length -= n;
    if (state.multiAwaitDrain) state.awaitDrainWriters.clear();
    else state.awaitDrainWriters = null;
  }
  if (state.length === 0) {
    if (!state.ended) state.needReadable = true;
    if (wanted !== n && state.ended) endReadable(this);
  }
  if (chunk !== null && !state.errorEmitted && !state.closeEmitted) {
    state.dataEmitted = true;
    this.emit('data', chunk);
  }
  return chunk;
}

module.exports = { read, fromList };
