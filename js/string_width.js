/** Columns that text takes on a terminal. */

const ANSI = /[\u001B\u009B][[\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?(?:\u0007|\u001B\u005C|\u009C))|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-ntqry=><~]))/g;

/** Removes escape sequences of terminals (colours, cursor moves, links). */
const stripEscapes = (text) => text.replace(ANSI, '');

/** Ranges of code points that take two columns (East Asian wide and full width, emoji). */
const WIDE = [
  [0x1100, 0x115f], [0x231a, 0x231b], [0x2329, 0x232a], [0x23e9, 0x23ec], [0x2614, 0x2615], [0x26a1, 0x26a1],
  [0x2705, 0x2705], [0x274c, 0x274c], [0x2728, 0x2728], [0x2b50, 0x2b50],
  [0x2e80, 0x3247], [0x3250, 0x4dbf], [0x4e00, 0xa4c6], [0xa960, 0xa97c], [0xac00, 0xd7a3], [0xf900, 0xfaff],
  [0xfe10, 0xfe19], [0xfe30, 0xfe6b], [0xff01, 0xff60], [0xffe0, 0xffe6], [0x1b000, 0x1b001], [0x1f200, 0x1f251],
  [0x1f300, 0x1f64f], [0x1f680, 0x1f6ff], [0x1f900, 0x1f9ff], [0x1fa70, 0x1faff], [0x20000, 0x3fffd],
];

/** Ranges that take none: control and combining characters, joiners. */
const NARROW = [
  [0x0, 0x1f], [0x7f, 0x9f], [0x300, 0x36f], [0x200b, 0x200f], [0x20d0, 0x20ff], [0xfe00, 0xfe0f], [0xfe20, 0xfe2f],
  [0xe0100, 0xe01ef],
];

const within = (ranges, code) => ranges.some(([from, to]) => code >= from && code <= to);

/**
 * The columns of text, escape sequences not counted unless strip is false.
 * @param {string} text
 * @param {boolean} [strip]
 */
function stringWidth(text, strip = true) {
  if (!/[^\x20-\x7e]/.test(text)) return text.length;
  const plain = strip ? stripEscapes(text) : text;
  let width = 0;
  for (const char of plain.normalize('NFC')) {
    const code = char.codePointAt(0);
    if (code >= 0x20 && code < 0x7f) width += 1;
    else if (within(WIDE, code)) width += 2;
    else if (!within(NARROW, code)) width += 1;
  }
  return width;
}

module.exports = { stringWidth, stripEscapes };
