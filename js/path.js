/** The module "path": that of this host, with posix and win32 beside it. */
const windows = typeof process === 'object' && process.platform === 'win32';
const posix = require('path_posix');
const win32 = require('path_win32');

posix.win32 = win32;
win32.win32 = win32;
posix.posix = posix;
win32.posix = posix;

module.exports = windows ? win32 : posix;
