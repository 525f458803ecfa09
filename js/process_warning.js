/** process.emitWarning: a warning event, and a line on stderr where nobody turned that off. */
const { codes } = require('errors');
const { validateString } = require('validators');

let installed = false;

/** Prints a warning as node does. */
function print(warning) {
  if (!(warning instanceof Error)) return;
  if (warning.name === 'DeprecationWarning' && process.noDeprecation) return;
  const name = warning.name ? String(warning.name) : 'Warning';
  const code = warning.code ? `[${warning.code}] ` : '';
  let text = `(node:${process.pid}) ${code}`;
  const trace = process.traceProcessWarnings || (name === 'DeprecationWarning' && process.traceDeprecation);
  if (trace && warning.stack) text += require('inspect_error').cleanStack(String(warning.stack));
  else text += typeof warning.toString === 'function' && warning.message !== undefined ? `${name}: ${warning.message}` : String(warning);
  if (typeof warning.detail === 'string') text += `\n${warning.detail}`;
  const file = process.env.NODE_REDIRECT_WARNINGS ?? require('process_flags').valueOf(process.execArgv, '--redirect-warnings');
  if (!file) {
    require('stdio').forConsole('stderr').write(`${text}\n`);
    return;
  }
  try {
    require('fs').appendFileSync(file, `${text}\n`);
  } catch {
    require('stdio').forConsole('stderr').write(`${text}\n`);
  }
}

function listen() {
  if (installed) return;
  installed = true;
  if (process.env.NODE_NO_WARNINGS !== '1' && !process.execArgv.includes('--no-warnings')) process.on('warning', print);
}

/**
 * @param {string|Error} warning
 * @param {string|{type: string, code: string, detail: string, ctor: Function}} [type]
 * @param {string} [code]
 */
function emitWarning(warning, type, code) {
  let name = type;
  let id = code;
  let detail;
  if (type !== null && typeof type === 'object' && !Array.isArray(type)) {
    name = type.type || 'Warning';
    id = type.code;
    if (typeof type.detail === 'string') detail = type.detail;
  } else if (typeof type === 'function') {
    name = 'Warning';
    id = undefined;
  }
  if (name !== undefined) validateString(name, 'type');
  if (typeof id === 'function') id = undefined;
  else if (id !== undefined) validateString(id, 'code');
  let err = warning;
  if (typeof warning === 'string') {
    err = new Error(warning);
    Object.defineProperty(err, 'name', { value: name || 'Warning', configurable: true, writable: true, enumerable: true });
    if (id !== undefined) err.code = id;
    if (detail !== undefined) err.detail = detail;
  } else if (!(warning instanceof Error)) {
    throw new codes.ERR_INVALID_ARG_TYPE('warning', ['Error', 'string'], warning);
  }
  if (err.name === 'DeprecationWarning') {
    if (process.noDeprecation) return;
    if (process.throwDeprecation) {
      process.nextTick(() => { throw err; });
      return;
    }
  }
  listen();
  process.nextTick(() => process.emit('warning', err));
}

module.exports = { emitWarning };
