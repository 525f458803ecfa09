/** How errors that nobody caught, and the end of the process, become events of process. */
const { codes } = require('errors');

/** Joins process to the loop's hooks; see the native side for what each returns. */
function install(process, native) {
  let capture = null;
  const described = new WeakSet();

  process.setUncaughtExceptionCaptureCallback = (fn) => {
    if (fn === null) {
      capture = null;
      return;
    }
    require('validators').validateFunction(fn, 'fn');
    if (capture !== null) throw new codes.ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET();
    capture = fn;
  };
  process.hasUncaughtExceptionCaptureCallback = () => capture !== null;

  native.hooks({
    uncaught(err, origin) {
      process.emit('uncaughtExceptionMonitor', err, origin);
      if (capture !== null) {
        capture(err);
        return true;
      }
      if (process.listenerCount('uncaughtException') === 0) return false;
      process.emit('uncaughtException', err, origin);
      return true;
    },
    rejection(reason, promise) {
      described.add(promise);
      return process.emit('unhandledRejection', reason, promise);
    },
    handled(promise) {
      if (described.delete(promise)) process.emit('rejectionHandled', promise);
    },
    beforeExit() {
      process.emit('beforeExit', process.exitCode === undefined ? 0 : process.exitCode);
    },
    exit(code) {
      if (code !== 0 || process.exitCode === undefined) process.exitCode = code;
      process._exiting = true;
      process.emit('exit', Number(process.exitCode));
      return Number(process.exitCode === undefined ? 0 : process.exitCode);
    },
  });
}

module.exports = { install };
