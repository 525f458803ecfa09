/** The text of a call of assert, for the message of assert(x). */
const { cleanStack } = require('inspect_error');

/** The text of the call that begins at column of lines[0], to the parenthesis that ends it. */
function callText(lines, column) {
  const text = [lines[0].slice(column), ...lines.slice(1)].join('\n');
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quote) {
      if (char === '\\') i += 1;
      else if (char === quote) quote = '';
    } else if (`'"\``.includes(char)) quote = char;
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) {
      depth -= 1;
      if (depth === 0) return text.slice(0, i + 1);
      if (depth < 0) return undefined;
    }
  }
  return undefined;
}

const OPEN = { ')': '(', ']': '[', '}': '{' };

/** Where the call that has its parenthesis at column begins: names, dots and calls before it belong to it. */
function startOf(line, column) {
  let at = column;
  while (at > 0) {
    const char = line[at - 1];
    if (OPEN[char] !== undefined) {
      const open = line.lastIndexOf(OPEN[char], at - 2);
      if (open < 0) break;
      at = open;
    } else if (/[\w$.?]/.test(char)) at -= 1;
    else break;
  }
  return at;
}

/**
 * "The expression evaluated to a falsy value:" and the call; undefined where the source cannot be read.
 * @returns {string|undefined}
 */
function expressionText() {
  if (typeof process !== 'object' || typeof process.cwd !== 'function') return undefined;
  const frame = cleanStack(String(new Error().stack)).split('\n').find((line) => /^\s+at /.test(line) && !/node:|native/.test(line));
  const place = frame && /\(?((?:file:\/\/)?[^()\s][^()]*):(\d+):(\d+)\)?$/.exec(frame.replace(/^\s+at (?:async )?/, '').replace(/^.*\(/, '('));
  if (!place) return undefined;
  let source;
  try {
    source = require('fs').readFileSync(place[1].startsWith('file:') ? new URL(place[1]) : place[1], 'utf8');
  } catch {
    return undefined;
  }
  const lines = source.split('\n').slice(Number(place[2]) - 1);
  if (lines.length === 0) return undefined;
  const text = callText(lines, startOf(lines[0], Number(place[3]) - 1));
  if (text === undefined) return undefined;
  return `The expression evaluated to a falsy value:\n\n  ${text.replace(/\n/g, '\n  ')}\n`;
}

module.exports = { expressionText };
