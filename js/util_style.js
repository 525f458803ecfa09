/** util.styleText: text in a colour or with several styles. */
const { inspect } = require('inspect');
const { codes } = require('errors');

/** Names in node's order, for the error message. */
const names = () => Object.keys(inspect.colors);

function styleText(format, text) {
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
  return `${left}${text}${right}`;
}

module.exports = { styleText };
