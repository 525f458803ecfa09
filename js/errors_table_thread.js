/** Node's error codes of worker_threads, vm, messaging and web streams: class and text; see errors_table.js. */
const noop = (text) => text;

exports.table = {
  ERR_ARG_NOT_ITERABLE: [TypeError, (value) => `${require('inspect').inspect(value)} is not iterable`],
  ERR_CLOSED_MESSAGE_PORT: [Error, 'Cannot send data on closed MessagePort'],
  ERR_CONSTRUCT_CALL_INVALID: [TypeError, 'Constructor cannot be called'],
  ERR_CONSTRUCT_CALL_REQUIRED: [TypeError, (name) => `Class constructor ${name} cannot be invoked without \`new\``],
  ERR_CONTEXT_NOT_INITIALIZED: [Error, 'context used is not initialized'],
  ERR_EVAL_ESM_CANNOT_PRINT: [Error, '--print cannot be used with ESM input'],
  ERR_INVALID_OBJECT_DEFINE_PROPERTY: [TypeError, noop],
  ERR_INVALID_MODULE: [Error, noop],
  ERR_INVALID_TRANSFER_OBJECT: [TypeError, 'Found invalid object in transferList'],
  ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST: [TypeError, 'Object that needs transfer was found in message but not listed in transferList'],
  ERR_MESSAGE_TARGET_CONTEXT_UNAVAILABLE: [Error, 'Cannot move object to the target context'],
  ERR_PERFORMANCE_INVALID_TIMESTAMP: [TypeError, (value) => `${value} is not a valid timestamp`],
  ERR_SCRIPT_EXECUTION_INTERRUPTED: [Error, 'Script execution was interrupted by `SIGINT`'],
  ERR_SCRIPT_EXECUTION_TIMEOUT: [Error, (ms) => `Script execution timed out after ${ms}ms`],
  ERR_UNKNOWN_CREDENTIAL: [Error, (kind, id) => `${kind} identifier does not exist: ${id}`],
  ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING: [TypeError, 'A dynamic import callback was not specified.'],
  ERR_VM_MODULE_ALREADY_LINKED: [Error, 'Module has already been linked'],
  ERR_WORKER_INIT_FAILED: [Error, (why) => `Worker initialization failure: ${why}`],
  ERR_WORKER_INVALID_EXEC_ARGV: [Error, (flags, what = 'invalid execArgv flags') => `Initiated Worker with ${what}: ${flags.join(', ')}`],
  ERR_WORKER_MESSAGING_ERRORED: [Error, 'The destination thread threw an error while processing the message'],
  ERR_WORKER_MESSAGING_FAILED: [Error, 'Cannot find the destination thread or listener'],
  ERR_WORKER_MESSAGING_SAME_THREAD: [Error, 'Cannot sent a message to the same thread'],
  ERR_WORKER_MESSAGING_TIMEOUT: [Error, 'Sending a message to another thread timed out'],
  ERR_WORKER_NOT_RUNNING: [Error, 'Worker instance not running'],
  ERR_WORKER_PATH: [TypeError, (filename) => 'The worker script or module filename must be an absolute path or a relative path starting with '
    + `'./' or '../'.${filename.startsWith('file://') ? ' Wrap file:// URLs with `new URL`.' : ''}${
      filename.startsWith('data:text/javascript') ? ' Wrap data: URLs with `new URL`.' : ''} Received "${filename}"`],
  ERR_WORKER_UNSERIALIZABLE_ERROR: [Error, 'Serializing an uncaught exception failed'],
  ERR_WORKER_UNSUPPORTED_OPERATION: [TypeError, (name) => `${name} is not supported in workers`],
};
