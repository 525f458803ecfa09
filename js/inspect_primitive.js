/** How inspect writes strings, numbers and the other primitives. */

const KEPT = 16; // strings up to this length are never broken over lines

const MEANING = { 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\x0B', 12: '\\f', 13: '\\r', 39: "\\'", 92: '\\\\' };

// Without lookaround, which the engine is slow at: pairs of surrogates are told from lone ones in escapeUnits.
const RISKY = /[\x00-\x1f\x27\x5c\x7f-\x9f\ud800-\udfff]/;
const RISKY_BUT_QUOTE = /[\x00-\x1f\x5c\x7f-\x9f\ud800-\udfff]/;

const hex = (code, width) => code.toString(16).toUpperCase().padStart(width, '0');

/** Escapes every unit of text that cannot stand in a literal; quote is the only quotation mark to escape. */
function escapeUnits(text, quote) {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 39) out += quote === 39 ? "\\'" : "'";
    else if (MEANING[code] !== undefined) out += MEANING[code];
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) out += `\\x${hex(code, 2)}`;
    else if (code >= 0xd800 && code <= 0xdfff) {
      const next = code < 0xdc00 ? text.charCodeAt(i + 1) : NaN;
      if (next >= 0xdc00 && next <= 0xdfff) {
        out += text[i] + text[i + 1];
        i += 1;
      } else {
        out += `\\u${hex(code, 4).toLowerCase()}`;
      }
    } else out += text[i];
  }
  return out;
}

/** Quotes text: in single quotes, or in double quotes or backticks if that saves escapes. */
function quote(text) {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  const risky = mark === "'" ? RISKY : RISKY_BUT_QUOTE;
  return mark + (risky.test(text) ? escapeUnits(text, mark === "'" ? 39 : 0) : text) + mark;
}

/** Puts _ between groups of three digits. */
function grouped(text) {
  let out = '';
  let i = text.length;
  const start = text[0] === '-' ? 1 : 0;
  for (; i >= start + 4; i -= 3) out = `_${text.slice(i - 3, i)}${out}`;
  return i === text.length ? text : text.slice(0, i) + out;
}

/** Groups the digits after the point from the left. */
function groupedFraction(text) {
  let out = '';
  let i = 0;
  for (; i < text.length - 3; i += 3) out += `${text.slice(i, i + 3)}_`;
  return out + text.slice(i);
}

function formatNumber(stylize, value, separate) {
  if (!separate || !Number.isFinite(value)) return stylize(Object.is(value, -0) ? '-0' : `${value}`, 'number');
  const text = String(value);
  const whole = Math.trunc(value);
  if (whole === value) {
    if (text.includes('e') || !Number.isFinite(value)) return stylize(text, 'number');
    return stylize(grouped(text), 'number');
  }
  if (Number.isNaN(value) || text.includes('e')) return stylize(text, 'number');
  const [int, fraction] = text.split('.');
  return stylize(`${grouped(int)}.${groupedFraction(fraction)}`, 'number');
}

function formatBigInt(stylize, value, separate) {
  const text = String(value);
  return stylize(`${separate ? grouped(text) : text}n`, 'bigint');
}

/** A long text with line ends is written as one literal a line, joined by +. */
function formatString(stylize, value, ctx) {
  let text = value;
  let trailer = '';
  if (text.length > ctx.maxStringLength) {
    const left = text.length - ctx.maxStringLength;
    text = text.slice(0, ctx.maxStringLength);
    trailer = `... ${left} more character${left > 1 ? 's' : ''}`;
  }
  if (ctx.compact !== true && text.length > KEPT && text.length > ctx.breakLength - ctx.indentationLvl - 4) {
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) || [];
    return lines.map((line) => stylize(quote(line), 'string'))
      .join(` +\n${' '.repeat(ctx.indentationLvl + 2)}`) + trailer;
  }
  return stylize(quote(text), 'string') + trailer;
}

/**
 * @param {function(string, string): string} stylize
 * @param {*} value not an object
 * @param {object} ctx the walk's state
 */
function formatPrimitive(stylize, value, ctx) {
  switch (typeof value) {
    case 'string': return formatString(stylize, value, ctx);
    case 'number': return formatNumber(stylize, value, ctx.numericSeparator);
    case 'bigint': return formatBigInt(stylize, value, ctx.numericSeparator);
    case 'boolean': return stylize(`${value}`, 'boolean');
    case 'undefined': return stylize('undefined', 'undefined');
    case 'symbol': return stylize(value.toString(), 'symbol');
    default: return stylize('null', 'null');
  }
}

module.exports = { formatPrimitive, formatNumber, formatBigInt, quote, escapeUnits };
