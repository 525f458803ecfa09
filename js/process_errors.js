/** How errors that nobody caught, and the end of the process, become events of process. */
const { codes } = require('errors');

/** Node's exit status after an error in a handler of uncaught errors. */
const FAULTY_HANDLER = 7;
/** And where what handles them was taken away. */
const NO_HANDLER = 6;

/** What the module "domain" does with an error that nobody caught: null until that module is loaded. */
let domains = null;

/** Gives errors that nobody caught to fn first, which says whether a domain took the error. */
function useDomains(process, fn) {
  if (process.hasUncaughtExceptionCaptureCallback()) throw new codes.ERR_DOMAIN_CALLBACK_NOT_AVAILABLE();
  domains = fn;
}

/** Joins process to the loop's hooks; see the native side for what each returns. */
function install(process, native) {
  let capture = null;
  const described = new WeakMap();
  let count = 0;

  process.setUncaughtExceptionCaptureCallback = (fn) => {
    if (domains !== null) throw new codes.ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE();
    if (fn === null) {
      capture = null;
      return;
    }
    require('validators').validateFunction(fn, 'fn');
    if (capture !== null) throw new codes.ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET();
    capture = fn;
  };
  process.hasUncaughtExceptionCaptureCallback = () => capture !== null;

  /** A script that takes this away wants to end at the first error, with its own status. */
  process._fatalException = () => false;

  native.hooks({
    uncaught(err, origin) {
      if (typeof process._fatalException !== 'function') {
        native.fatal(err, NO_HANDLER);
        return true;
      }
      try {
        process.emit('uncaughtExceptionMonitor', err, origin);
        if (domains !== null && domains(err)) return true;
        if (capture !== null) {
          capture(err);
          return true;
        }
        return process.emit('uncaughtException', err, origin);
      } catch (thrown) {
        native.fatal(thrown, FAULTY_HANDLER); // a handler that throws is not asked about that
        return true;
      }
    },
    rejection(reason, promise) {
      described.set(promise, ++count);
      const mode = process.execArgv.length > 0 ? require('process_flags').rejectionMode(process) : 'throw';
      if (mode !== 'throw') return require('process_rejections').unhandled(process, native, mode, reason, promise, count);
      return process.emit('unhandledRejection', reason, promise);
    },
    handled(promise) {
      if (!described.has(promise)) return;
      const id = described.get(promise);
      described.delete(promise);
      if (process.emit('rejectionHandled', promise) || process.execArgv.length === 0) return;
      const mode = require('process_flags').rejectionMode(process);
      if (mode === 'warn' || mode === 'strict') require('process_rejections').handledLate(process, id);
    },
    beforeExit() {
      process.emit('beforeExit', process.exitCode === undefined ? 0 : process.exitCode);
    },
    exit(code) {
      if (code !== 0) process.exitCode = code;
      process._exiting = true;
      process.emit('exit', Number(process.exitCode ?? 0));
      return Number(process.exitCode === undefined ? 0 : process.exitCode);
    },
  });
}

module.exports = { install, useDomains };
