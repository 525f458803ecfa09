/** console.table: rows and columns in a box. */
const { inspect } = require('inspect');
const { stringWidth } = require('string_width');
const { brand, previewIterator } = require('types');

/** One value in one cell, on one line. */
function cell(w, value) {
  const depth = value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 2 ? -1 : 0;
  return inspect(value, { ...w.options(w.stream(false)), maxArrayLength: 3, breakLength: Infinity, depth });
}

function line(left, middle, right, widths) {
  return left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
}

function row(cells, widths) {
  const padded = cells.map((text, i) => ` ${text}${' '.repeat(widths[i] - stringWidth(text) - 1)}`);
  return `│${padded.join('│')}│`;
}

function draw(head, columns) {
  const height = Math.max(0, ...columns.map((column) => column.length));
  const widths = head.map((title, i) => Math.max(stringWidth(title), ...columns[i].map((text) => stringWidth(text || ''))) + 2);
  const lines = [line('┌', '┬', '┐', widths), row(head, widths), line('├', '┼', '┤', widths)];
  for (let i = 0; i < height; i++) lines.push(row(columns.map((column) => column[i] || ''), widths));
  lines.push(line('└', '┴', '┘', widths));
  return lines.join('\n');
}

const isPrimitive = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function');

/** Maps, Sets and their iterators by position. */
function entries(w, data, kind) {
  const numbers = (list) => list.map((_, i) => String(i));
  const [pairs, ...left] = / Iterator$/.test(kind) ? previewIterator(data) : [kind === 'Map', ...data];
  if (pairs) {
    const all = kind === 'Map' ? left : Array.from({ length: left.length / 2 }, (_, i) => left.slice(2 * i, 2 * i + 2));
    return draw(['(iteration index)', 'Key', 'Values'], [numbers(all), all.map(([key]) => cell(w, key)), all.map(([, value]) => cell(w, value))]);
  }
  return draw(['(iteration index)', 'Values'], [numbers(left), left.map((value) => cell(w, value))]);
}

function table(w, data, wanted) {
  if (wanted !== undefined) require('validators').validateArray(wanted, 'properties');
  if (isPrimitive(data) || typeof data === 'function') {
    w.print(false, [data]);
    return;
  }
  const kind = brand(data);
  if (kind === 'Map' || kind === 'Set' || (/^(?:Map|Set) Iterator$/.test(kind) && previewIterator(data) !== undefined)) {
    w.write(false, entries(w, data, kind));
    return;
  }
  const names = [];
  const byName = Object.create(null);
  const values = [];
  let hasValues = false;
  const keys = Object.keys(data);
  keys.forEach((key, i) => {
    const item = data[key];
    if (isPrimitive(item) || (typeof item === 'function' && Object.keys(item).length === 0)) {
      if (wanted === undefined) {
        hasValues = true;
        values[i] = cell(w, item);
        return;
      }
    }
    for (const name of wanted || Object.keys(item)) {
      if (!(name in byName)) {
        names.push(name);
        byName[name] = [];
      }
      byName[name][i] = !isPrimitive(item) && Object.prototype.hasOwnProperty.call(item, name) ? cell(w, item[name]) : '';
    }
  });
  const head = ['(index)', ...names];
  const columns = [keys, ...names.map((name) => byName[name])];
  if (hasValues) {
    head.push('Values');
    columns.push(values);
  }
  for (const column of columns) for (let i = 0; i < keys.length; i++) column[i] = column[i] || '';
  w.write(false, draw(head, columns));
}

module.exports = { table };
