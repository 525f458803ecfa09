/** The class Stream, from which all streams inherit, with the pipe of node's first years. */
const EE = require('events');

function Stream(options) {
  EE.call(this, options);
}
Object.setPrototypeOf(Stream.prototype, EE.prototype);
Object.setPrototypeOf(Stream, EE);

Stream.prototype.pipe = function pipe(dest, options) {
  const source = this;
  let ended = false;
  const onData = (chunk) => {
    if (dest.writable && dest.write(chunk) === false && source.pause) source.pause();
  };
  const onDrain = () => { if (source.readable && source.resume) source.resume(); };
  const onEnd = () => {
    if (ended) return;
    ended = true;
    dest.end();
  };
  const onClose = () => {
    if (ended) return;
    ended = true;
    if (typeof dest.destroy === 'function') dest.destroy();
  };
  const pairs = [[source, 'data', onData], [dest, 'drain', onDrain]];
  if (!dest._isStdio && (!options || options.end !== false)) pairs.push([source, 'end', onEnd], [source, 'close', onClose]);
  const cleanup = () => {
    for (const [emitter, type, fn] of pairs) emitter.removeListener(type, fn);
  };
  const onError = function onError(err) {
    cleanup();
    if (EE.listenerCount(this, 'error') === 0) this.emit('error', err);
  };
  for (const [emitter, type, fn] of pairs) emitter.on(type, fn);
  prependListener(source, 'error', onError);
  prependListener(dest, 'error', onError);
  pairs.push([source, 'error', onError], [dest, 'error', onError], [source, 'end', cleanup], [source, 'close', cleanup], [dest, 'close', cleanup]);
  source.on('end', cleanup);
  source.on('close', cleanup);
  dest.on('close', cleanup);
  dest.emit('pipe', source);
  return dest;
};

Stream.prototype.eventNames = function eventNames() {
  return EE.prototype.eventNames.call(this).filter((name) => this._events[name] !== undefined);
};

/** Puts a listener in front of the others, also on an emitter that has no prependListener. */
function prependListener(emitter, type, fn) {
  if (typeof emitter.prependListener === 'function') emitter.prependListener(type, fn);
  else if (!emitter._events || !emitter._events[type]) emitter.on(type, fn);
  else if (Array.isArray(emitter._events[type])) emitter._events[type].unshift(fn);
  else emitter._events[type] = [fn, emitter._events[type]];
}

module.exports = { Stream, prependListener };
