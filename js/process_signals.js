/** Signals: process.on('SIGTERM') and process.kill. */
const { codes } = require('errors');

/** The number of a signal given by name or number. */
function numberOf(native, signal) {
  if (typeof signal === 'number') return signal;
  const found = native.signals[signal];
  if (found === undefined) throw new codes.ERR_UNKNOWN_SIGNAL(signal);
  return found;
}

function kill(native, pid, signal = 'SIGTERM') {
  if (pid != (pid | 0)) throw new codes.ERR_INVALID_ARG_TYPE('pid', 'number', pid);
  native.kill(Number(pid), numberOf(native, signal));
  return true;
}

/** A signal is taken from the system while it has a listener; without one it does what it does by default. */
function install(process, native) {
  const isSignal = (type) => typeof type === 'string' && Object.prototype.hasOwnProperty.call(native.signals, type);
  const taken = new Set();
  process.on('newListener', (type) => {
    if (!isSignal(type) || taken.has(type)) return;
    if (type === 'SIGKILL' || type === 'SIGSTOP') {
      const err = new Error('uv_signal_start EINVAL');
      throw Object.assign(err, { errno: -22, code: 'EINVAL', syscall: 'uv_signal_start' });
    }
    taken.add(type);
    native.listen(native.signals[type], () => process.emit(type, type, native.signals[type]));
  });
  process.on('removeListener', (type) => {
    if (!taken.has(type) || process.listenerCount(type) > 0) return;
    taken.delete(type);
    native.ignore(native.signals[type]);
  });
}

module.exports = { install, kill };
