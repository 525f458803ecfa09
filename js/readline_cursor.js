/** The functions of readline that move the cursor of a terminal and clear it. */
const { validateFunction } = require('validators');

/** Writes an escape sequence; true if it was written at once. */
function escape(stream, text, callback) {
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (stream === null || stream === undefined || text === '') {
    if (typeof callback === 'function') process.nextTick(callback, null);
    return true;
  }
  return stream.write(text, callback);
}

module.exports = {
  clearLine: (stream, dir, callback) => escape(stream, `\u001b[${dir < 0 ? 1 : dir > 0 ? 0 : 2}K`, callback),
  clearScreenDown: (stream, callback) => escape(stream, '\u001b[0J', callback),
  cursorTo(stream, x, y, callback) {
    if (typeof y === 'function') return escape(stream, `\u001b[${x + 1}G`, y);
    return escape(stream, typeof y === 'number' ? `\u001b[${y + 1};${x + 1}H` : `\u001b[${x + 1}G`, callback);
  },
  moveCursor(stream, dx, dy, callback) {
    const horizontal = dx < 0 ? `\u001b[${-dx}D` : dx > 0 ? `\u001b[${dx}C` : '';
    const vertical = dy < 0 ? `\u001b[${-dy}A` : dy > 0 ? `\u001b[${dy}B` : '';
    return escape(stream, horizontal + vertical, callback);
  },
};
