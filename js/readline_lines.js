/** Reading an Interface of readline with for await. */

/** The lines of an Interface (this) that are to come, for for await. */
function iterate() {
  const lines = [];
  let wake;
  let ended = this.closed;
  const notify = () => {
    if (wake) wake();
    wake = undefined;
  };
  const onLine = (line) => {
    lines.push(line);
    notify();
  };
  const onClose = () => {
    ended = true;
    notify();
  };
  this.on('line', onLine);
  this.on('close', onClose);
  return {
    next: async () => {
      while (lines.length === 0 && !ended) await new Promise((resolve) => { wake = resolve; });
      return lines.length > 0 ? { value: lines.shift(), done: false } : { value: undefined, done: true };
    },
    return: async () => {
      this.removeListener('line', onLine);
      this.removeListener('close', onClose);
      ended = true;
      lines.length = 0;
      this.close();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() { return this; },
  };
}

module.exports = { iterate };
