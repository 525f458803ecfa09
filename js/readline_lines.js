/** Reading an Interface of readline with for await. */

/** The lines of an Interface (this) that are to come, for for await; loops within each other share them. */
function iterate() {
  if (this[kIterator] === undefined) Object.defineProperty(this, kIterator, { value: linesOf(this) });
  return this[kIterator];
}

const kIterator = Symbol('lines to come');

function linesOf(input) {
  const lines = [];
  let wake;
  let ended = input.closed;
  const notify = () => {
    if (wake) wake();
    wake = undefined;
  };
  const onLine = (line) => {
    lines.push(line);
    if (lines.length > mark.high && !input.paused) input.pause();
    notify();
  };
  const onClose = () => {
    ended = true;
    notify();
  };
  input.on('line', onLine);
  input.on('close', onClose);
  const mark = {
    high: 1024, // lines that may wait before the input is paused
    get size() { return lines.length; },
    get isPaused() { return input.paused; },
  };
  return {
    [Symbol.for('nodejs.watermarkData')]: mark,
    next: async () => {
      while (lines.length === 0 && !ended) await new Promise((resolve) => { wake = resolve; });
      if (lines.length === 1 && !ended && input.paused) input.resume();
      return lines.length > 0 ? { value: lines.shift(), done: false } : { value: undefined, done: true };
    },
    return: async () => {
      input.removeListener('line', onLine);
      input.removeListener('close', onClose);
      ended = true;
      lines.length = 0;
      input.close();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() { return this; },
  };
}

module.exports = { iterate };
