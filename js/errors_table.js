/** The table of node's error codes: class and text (a string, or a function of the constructor's arguments). */
const { argType, received, list } = require('errors_text');

const range = (name, want, got) => `The value of "${name}" is out of range. It must be ${want}. Received ${digits(got)}`;

/** A number in groups of three from 2**32 on, as in node's ERR_OUT_OF_RANGE. */
function digits(value) {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 32) return groups(String(value));
  if (typeof value === 'bigint') {
    const text = String(value);
    return `${value > 2n ** 32n || value < -(2n ** 32n) ? groups(text) : text}n`;
  }
  return require('inspect').inspect(value);
}

function groups(text) {
  const start = text[0] === '-' ? 1 : 0;
  let out = '';
  let i = text.length;
  for (; i >= start + 4; i -= 3) out = `_${text.slice(i - 3, i)}${out}`;
  return text.slice(0, i) + out;
}

function argValue(name, value, reason = 'is invalid') {
  let text = require('inspect').inspect(value);
  if (text.length > 128) text = `${text.slice(0, 128)}...`;
  return `The ${name.includes('.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${text}`;
}

function missing(...names) {
  const quoted = names.map((n) => (Array.isArray(n) ? n.map((one) => `"${one}"`).join(' or ') : `"${n}"`));
  if (names.length < 3) return `The ${quoted.join(' and ')} argument${names.length > 1 ? 's' : ''} must be specified`;
  const last = quoted.pop();
  return `The ${quoted.join(', ')}, and ${last} arguments must be specified`;
}

exports.table = {
  ERR_AMBIGUOUS_ARGUMENT: [TypeError, (name, why) => `The "${name}" argument is ambiguous. ${why}`],
  ERR_ASSERTION: [Error, (message) => message],
  ERR_BUFFER_OUT_OF_BOUNDS: [RangeError, (name) => (name
    ? `"${name}" is outside of buffer bounds` : 'Attempt to access memory outside buffer bounds')],
  ERR_BUFFER_TOO_LARGE: [RangeError, (max) => `Cannot create a Buffer larger than ${max} bytes`],
  ERR_CHILD_PROCESS_IPC_REQUIRED: [Error, (name) => `Forked processes must have an IPC channel, missing value 'ipc' in ${name}`],
  ERR_CONSOLE_WRITABLE_STREAM: [TypeError, (name) => `Console expects a writable stream instance for ${name}`],
  ERR_DIR_CLOSED: [Error, 'Directory handle was closed'],
  ERR_DOMAIN_CALLBACK_NOT_AVAILABLE: [Error, 'A callback was registered through process.setUncaughtExceptionCaptureCallback(), which is mutually exclusive with using the `domain` module'],
  ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE: [Error, 'The `domain` module is in use, which is mutually exclusive with calling process.setUncaughtExceptionCaptureCallback()'],
  ERR_EVENT_RECURSION: [Error, (type) => `The event "${type}" is already being dispatched`],
  ERR_FALSY_VALUE_REJECTION: [Error, () => 'Promise was rejected with falsy value'],
  ERR_FEATURE_UNAVAILABLE_ON_PLATFORM: [TypeError, (name) => `The feature ${name} is unavailable on the current platform`],
  ERR_FS_EISDIR: [Error, (text) => text],
  ERR_FS_FILE_TOO_LARGE: [RangeError, (size) => `File size (${size}) is greater than 2 GiB`],
  ERR_ILLEGAL_CONSTRUCTOR: [TypeError, 'Illegal constructor'],
  ERR_INCOMPATIBLE_OPTION_PAIR: [TypeError, (a, b) => `Option "${a}" cannot be used in combination with option "${b}"`],
  ERR_INVALID_ARG_TYPE: [TypeError, argType],
  ERR_INVALID_ARG_VALUE: [TypeError, argValue],
  ERR_INVALID_ARG_VALUE_RANGE: [RangeError, argValue],
  ERR_INVALID_BUFFER_SIZE: [RangeError, (size) => `Buffer size must be a multiple of ${size}`],
  ERR_INVALID_FILE_URL_HOST: [TypeError, (os) => `File URL host must be "localhost" or empty on ${os}`],
  ERR_INVALID_FILE_URL_PATH: [TypeError, (why) => `File URL path ${why}`],
  ERR_INVALID_RETURN_VALUE: [TypeError, (want, name, got) =>
    `Expected ${want} to be returned from the "${name}" function but got ${returned(got)}.`],
  ERR_INVALID_THIS: [TypeError, (type) => `Value of "this" must be of type ${type}`],
  ERR_INVALID_URI: [URIError, 'URI malformed'],
  ERR_INVALID_URL: [TypeError, 'Invalid URL'],
  ERR_INVALID_URL_SCHEME: [TypeError, (want) => `The URL must be ${list([].concat(want).map((w) => `of scheme ${w}`), 'or')}`],
  ERR_METHOD_NOT_IMPLEMENTED: [Error, (name) => `The ${name} method is not implemented`],
  ERR_MISSING_ARGS: [TypeError, missing],
  ERR_MISSING_OPTION: [TypeError, (name) => `${name} is required`],
  ERR_MULTIPLE_CALLBACK: [Error, 'Callback called multiple times'],
  ERR_OUT_OF_RANGE: [RangeError, range],
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: [TypeError, (text) => text],
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: [TypeError, (arg) => `Unexpected argument '${arg}'. This command does not take positional arguments`],
  ERR_PARSE_ARGS_UNKNOWN_OPTION: [TypeError, (option, positionals) => `Unknown option '${option}'${positionals
    ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- "${option}"` : ''}`],
  ERR_STREAM_ALREADY_FINISHED: [Error, (name) => `Cannot call ${name} after a stream was finished`],
  ERR_STREAM_DESTROYED: [Error, (name) => `Cannot call ${name} after a stream was destroyed`],
  ERR_STREAM_NULL_VALUES: [TypeError, 'May not write null values to stream'],
  ERR_STREAM_WRITE_AFTER_END: [Error, 'write after end'],
  ERR_SOCKET_BAD_PORT: [RangeError, (name, port, zero = true) =>
    `${name} should be ${zero ? '>=' : '>'} 0 and < 65536. Received ${received(port)}.`],
  ERR_SYSTEM_ERROR: [Error, (text) => text],
  ERR_UNHANDLED_ERROR: [Error, (err) => (err === undefined ? 'Unhandled error.' : `Unhandled error. (${err})`)],
  ERR_UNHANDLED_REJECTION: [Error, (reason) => 'This error originated either by throwing inside of an async function without a '
    + `catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${reason}".`],
  ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET: [Error, '`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active'],
  ERR_UNKNOWN_BUILTIN_MODULE: [Error, (name) => `module "${name}" is not available in sc yet`],
  ERR_UNKNOWN_ENCODING: [TypeError, (name) => `Unknown encoding: ${require('format').format('%s', name)}`],
  ERR_UNKNOWN_SIGNAL: [TypeError, (name) => `Unknown signal: ${name}`],
  ERR_USE_AFTER_CLOSE: [Error, (name) => `${name} was closed`],
};

function returned(value) {
  if (value && typeof value === 'object' && value.constructor && value.constructor.name) return `an instance of ${value.constructor.name}`;
  return received(value);
}
