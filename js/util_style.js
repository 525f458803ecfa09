/** util.styleText: text in a colour or with several styles. */
const { inspect } = require('inspect');
const { codes } = require('errors');

/** Names in node's order, for the error message. */
const names = () => Object.keys(inspect.colors);

/** Whether a stream shows colours, as far as its user has not said otherwise. */
function plainStream(stream) {
  const { env } = process;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR === '0';
  return env.NO_COLOR !== undefined || env.NODE_DISABLE_COLORS !== undefined || env.TERM === 'dumb' || !stream.isTTY;
}

function styleText(format, text, options = {}) {
  require('validators').validateString(text, 'text');
  const formats = Array.isArray(format) ? format : [format];
  let left = '';
  let right = '';
  for (const name of formats) {
    const code = inspect.colors[name];
    if (code === undefined) {
      throw new codes.ERR_INVALID_ARG_VALUE('format', name, `must be one of: ${names().map((n) => `'${n}'`).join(', ')}`);
    }
    left += `\u001b[${code[0]}m`;
    right = `\u001b[${code[1]}m${right}`;
  }
  const { validateStream = true, stream } = options;
  if (validateStream && typeof process === 'object' && plainStream(stream || process.stdout)) return text;
  return `${left}${text}${right}`;
}

module.exports = { styleText };
