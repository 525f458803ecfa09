/** How process.stdin gets its data: one native read at a time, and only while somebody wants it. */

module.exports = {
  /** Hands out what is there while flowing, then reads more. */
  flow() {
    const { state } = this;
    while (this.readableFlowing && state.chunks.length > 0) {
      const chunk = state.chunks.shift();
      this.readableLength -= chunk.length;
      this.emit('data', chunk);
    }
    if (!this.readableFlowing) return;
    if (state.ended) this.finish();
    else this.fetch();
  },

  /** Starts a read unless one is under way. */
  fetch() {
    const { state } = this;
    if (state.reading || state.ended || this.destroyed) return;
    state.reading = true;
    this.native.read().then((data) => process.nextTick(() => this.take(data)), (err) => process.nextTick(() => {
      state.reading = false;
      this.destroy(err);
    }));
  },

  /** What a read gave: bytes, null at the end, undefined if it was stopped. */
  take(data) {
    const { state } = this;
    state.reading = false;
    if (this.destroyed) return;
    if (data === undefined) {
      if (this.readableFlowing || this.listenerCount('readable') > 0) this.fetch();
      return;
    }
    let chunk = data === null ? null : require('buffer').Buffer.from(data);
    if (state.decoder) chunk = data === null ? state.decoder.end() : state.decoder.write(chunk);
    if (data === null) state.ended = true;
    if (chunk !== null && chunk.length > 0) {
      state.chunks.push(chunk);
      this.readableLength += chunk.length;
    }
    if (this.readableFlowing) this.flow();
    else if (this.listenerCount('readable') > 0) this.announce();
  },

  announce() {
    if (this.state.pending) return;
    this.state.pending = true;
    process.nextTick(() => {
      this.state.pending = false;
      if (this.destroyed || this.state.told) return;
      this.emit('readable');
      if (this.state.chunks.length === 0 && this.state.ended) this.finish();
    });
  },

  /** Takes what is there, at most size characters or bytes; null if there is nothing. */
  read(size) {
    const { state } = this;
    if (state.chunks.length === 0) {
      if (state.ended) this.finish();
      else this.fetch();
      return null;
    }
    const text = typeof state.chunks[0] === 'string';
    const all = text ? state.chunks.join('') : require('buffer').Buffer.concat(state.chunks);
    const wanted = size === undefined || size > all.length && state.ended ? all.length : size;
    if (wanted > all.length) {
      state.chunks = [all];
      this.fetch();
      return null;
    }
    const rest = all.slice(wanted);
    state.chunks = rest.length > 0 ? [rest] : [];
    this.readableLength = rest.length;
    if (state.chunks.length === 0 && !state.ended) this.fetch();
    const chunk = all.slice(0, wanted);
    if (this.readableFlowing !== true) process.nextTick(() => this.emit('data', chunk));
    return chunk;
  },
};
