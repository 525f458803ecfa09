/** What takes a whole input: pipe, and reading it with for await. */

module.exports = {
  /** Writes everything to target, which is ended after it unless options.end is false or it is stdout or stderr. */
  pipe(target, options) {
    const ends = (!options || options.end !== false) && target !== process.stdout && target !== process.stderr;
    const onData = (chunk) => {
      if (target.write(chunk) === false && target.writableNeedDrain !== false) this.pause();
    };
    const onDrain = () => this.resume();
    const onEnd = () => {
      if (ends) target.end();
      this.unpipe(target);
    };
    this.state.pipes.push({ target, onData, onDrain, onEnd });
    this.on('data', onData);
    target.on('drain', onDrain);
    this.once('end', onEnd);
    target.emit('pipe', this);
    if (!this.readableFlowing) this.resume();
    return target;
  },

  unpipe(target) {
    for (const pipe of this.state.pipes.filter((p) => target === undefined || p.target === target)) {
      this.state.pipes.splice(this.state.pipes.indexOf(pipe), 1);
      this.removeListener('data', pipe.onData);
      this.removeListener('end', pipe.onEnd);
      pipe.target.removeListener('drain', pipe.onDrain);
      pipe.target.emit('unpipe', this);
    }
    return this;
  },

  [Symbol.asyncIterator]() {
    const waiting = [];
    let ended = false;
    let error;
    const settle = () => {
      while (waiting.length > 0) {
        const chunk = ended || error ? null : this.read();
        if (chunk !== null) waiting.shift().resolve({ value: chunk, done: false });
        else if (error) waiting.shift().reject(error);
        else if (ended) waiting.shift().resolve({ value: undefined, done: true });
        else return;
      }
    };
    const onEnd = () => {
      ended = true;
      settle();
    };
    const onError = (err) => {
      error = err;
      settle();
    };
    const onReadable = () => settle();
    this.on('end', onEnd);
    this.on('close', onEnd);
    this.on('error', onError);
    this.on('readable', onReadable);
    const stop = () => {
      this.removeListener('readable', onReadable);
      this.removeListener('end', onEnd);
      this.removeListener('close', onEnd);
      this.removeListener('error', onError);
      this.destroy();
      return Promise.resolve({ value: undefined, done: true });
    };
    return {
      next: () => new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        ended = ended || this.readableEnded || this.destroyed;
        settle();
      }),
      return: stop,
      [Symbol.asyncIterator]() { return this; },
    };
  },
};
