/** Rejections that nobody handled, where --unhandled-rejections says other than throw. */

const NAME = 'UnhandledPromiseRejectionWarning';

/** The two warnings of node: what was rejected, and where to look for it. */
function warn(process, reason, id) {
  const isError = reason instanceof Error;
  process.emitWarning(isError ? reason.stack : plain(reason), NAME);
  process.emitWarning('Unhandled promise rejection. This error originated either by throwing inside of an async function without a catch '
    + 'block, or by rejecting a promise which was not handled with .catch(). To terminate the node process on unhandled promise rejection, '
    + `use the CLI flag \`--unhandled-rejections=strict\` (see https://nodejs.org/api/cli.html#cli_unhandled_rejections_mode). (rejection id: ${id})`, NAME);
}

function plain(reason) {
  try {
    return require('inspect').inspect(reason).replace(/^'(.*)'$/s, '$1');
  } catch {
    return String(Object.prototype.toString.call(reason));
  }
}

/** The error that a rejection is thrown as. */
function asError(reason) {
  if (typeof reason === 'object' && reason !== null && Object.hasOwn(reason, 'stack')) return reason;
  const err = new (require('errors').codes.ERR_UNHANDLED_REJECTION)(plain(reason));
  err.name = 'UnhandledPromiseRejection';
  return err;
}

/** Deals with a rejection; true, since nothing is left to do but what stands here. */
function unhandled(process, native, mode, reason, promise, id) {
  if (mode === 'strict') {
    const err = asError(reason);
    process.emit('uncaughtExceptionMonitor', err, 'unhandledRejection');
    if (!process.emit('uncaughtException', err, 'unhandledRejection')) {
      native.fatal(err, 1);
      return true;
    }
  }
  const heard = process.emit('unhandledRejection', reason, promise);
  if (mode === 'none') return true;
  if (mode === 'warn' || !heard) warn(process, reason, id);
  if (mode === 'warn-with-error-code' && !heard) process.exitCode = 1;
  return true;
}

function handledLate(process, id) {
  process.emitWarning(`Promise rejection was handled asynchronously (rejection id: ${id})`, 'PromiseRejectionHandledWarning');
}

module.exports = { unhandled, handledLate };
