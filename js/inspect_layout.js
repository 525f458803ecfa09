/** Lines and columns of inspect: one line if it fits, columns for long arrays, one entry a line otherwise. */
const { stripEscapes } = require('string_width');

/** What the entries of an output are: properties, elements without name, elements followed by properties. */
const PLAIN = 0;
const ELEMENT = 1;
const LISTED = 2;

const MAX_COLUMNS = 15;
const HEIGHT_TO_WIDTH = 2.5; // of a character: columns are chosen so that the block looks square

const lengthOf = (ctx, text) => (ctx.colors ? stripEscapes(text).length : text.length);

/** How many columns suit count entries, each at most width wide, of the average width given. */
function columnCount(ctx, count, width, average) {
  const bias = Math.sqrt(width - average);
  const biased = Math.max(width - 3 - bias, 1);
  return Math.min(
    Math.round(Math.sqrt(HEIGHT_TO_WIDTH * biased * count) / biased),
    Math.floor((ctx.breakLength - ctx.indentationLvl) / width),
    ctx.compact * 4,
    MAX_COLUMNS,
  );
}

/** Combines short entries of an array into rows of aligned columns; numbers are aligned to the right. */
function inColumns(ctx, output, value) {
  const extra = ctx.maxArrayLength < output.length ? 1 : 0; // "... n more items" stays alone
  const count = output.length - extra;
  const widths = output.slice(0, count).map((text) => lengthOf(ctx, text));
  const longest = Math.max(0, ...widths);
  const total = widths.reduce((sum, w) => sum + w + 2, 0);
  const width = longest + 2;
  if (width * 3 + ctx.indentationLvl >= ctx.breakLength || !(total / width > 5 || longest <= 6)) return output;
  const columns = columnCount(ctx, count, width, total / output.length);
  if (columns <= 1) return output;
  const column = [];
  for (let i = 0; i < columns; i++) {
    let most = 0;
    for (let j = i; j < count; j += columns) most = Math.max(most, widths[j]);
    column.push(most + 2);
  }
  const numbers = value === undefined || output.every((_, i) => typeof value[i] === 'number' || typeof value[i] === 'bigint');
  const rows = [];
  for (let i = 0; i < count; i += columns) {
    const end = Math.min(i + columns, count);
    let row = '';
    for (let j = i; j < end - 1; j++) {
      const pad = column[j - i] + output[j].length - widths[j];
      row += numbers ? `${output[j]}, `.padStart(pad) : `${output[j]}, `.padEnd(pad);
    }
    const last = output[end - 1];
    row += numbers ? last.padStart(column[end - 1 - i] + last.length - widths[end - 1] - 2) : last;
    rows.push(row);
  }
  if (extra) rows.push(output[count]);
  return rows;
}

/** True if the entries, with start columns before them, fit on one line. */
function fits(ctx, output, start, base) {
  let total = output.length + start;
  if (total + output.length > ctx.breakLength) return false;
  for (const text of output) {
    total += lengthOf(ctx, text);
    if (total > ctx.breakLength) return false;
  }
  return base === '' || !base.includes('\n');
}

/**
 * Joins the entries of one object.
 * @param {object} ctx
 * @param {string[]} entries
 * @param {string} base what stands before the brace ("[Function: f]"), or ''
 * @param {[string, string]} braces
 * @param {number} type PLAIN or LISTED
 * @param {number} depth
 * @param {*} value
 */
function layOut(ctx, entries, base, braces, type, depth, value) {
  let output = entries;
  const lead = base ? `${base} ` : '';
  if (ctx.compact === true) {
    if (fits(ctx, output, 0, base)) return `${braces[0]}${base ? ` ${base}` : ''} ${output.join(', ')} ${braces[1]}`;
    const indent = `\n${' '.repeat(ctx.indentationLvl)}`;
    const first = base === '' && braces[0].length === 1 ? ' ' : `${base ? ` ${base}` : ''}\n${indent.slice(1)}  `;
    return `${braces[0]}${first}${output.join(`,${indent}  `)} ${braces[1]}`;
  }
  if (typeof ctx.compact === 'number' && ctx.compact >= 1) {
    if (type === LISTED && output.length > 6) output = inColumns(ctx, output, value);
    // Only the innermost levels go on one line, and only what was not put into columns.
    if (ctx.currentDepth - depth < ctx.compact && output.length === entries.length) {
      const start = output.length + ctx.indentationLvl + braces[0].length + base.length + 10;
      if (fits(ctx, output, start, base)) {
        const line = output.join(', ');
        if (!line.includes('\n')) return `${lead}${braces[0]} ${line} ${braces[1]}`;
      }
    }
  }
  const indent = `\n${' '.repeat(ctx.indentationLvl)}`;
  return `${lead}${braces[0]}${indent}  ${output.join(`,${indent}  `)}${indent}${braces[1]}`;
}

module.exports = { layOut, inColumns, PLAIN, ELEMENT, LISTED };
