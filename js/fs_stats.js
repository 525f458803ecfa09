/** fs.Stats, fs.BigIntStats and fs.Dirent. */
const { constants } = require('fs_native');

const NAMES = ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks'];
const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'];

/** Whether the warning that scripts should not make Stats has been given. */
let warned = false;

class StatsBase {
  isDirectory() { return this.is(constants.S_IFDIR); }

  isFile() { return this.is(constants.S_IFREG); }

  isBlockDevice() { return this.is(constants.S_IFBLK); }

  isCharacterDevice() { return this.is(constants.S_IFCHR); }

  isSymbolicLink() { return this.is(constants.S_IFLNK); }

  isFIFO() { return this.is(constants.S_IFIFO); }

  isSocket() { return this.is(constants.S_IFSOCK); }
}
Object.defineProperty(StatsBase.prototype, 'is', {
  value(type) { return (Number(this.mode) & constants.S_IFMT) === type; },
});

/** Sets the times, which are Dates too. */
function setTimes(stats, milliseconds) {
  TIMES.forEach((name, i) => { stats[`${name}Ms`] = milliseconds[i]; });
}

function setDates(stats) {
  for (const name of TIMES) stats[name] = new Date(Math.round(Number(stats[`${name}Ms`])));
}

/** fs.Stats(dev, mode, …, birthtimeMs) is deprecated, not gone. */
function Stats(...numbers) {
  if (!warned) {
    warned = true;
    process.emitWarning('fs.Stats constructor is deprecated.', 'DeprecationWarning', 'DEP0180');
  }
  const stats = new.target ? this : Object.create(Stats.prototype);
  NAMES.forEach((name, i) => { stats[name] = numbers[i]; });
  setTimes(stats, numbers.slice(10));
  setDates(stats);
  return stats;
}
Object.setPrototypeOf(Stats.prototype, StatsBase.prototype);
Object.setPrototypeOf(Stats, StatsBase);
class BigIntStats extends StatsBase {}

/** Stats of what the native side gives: ten numbers, then seconds and nanoseconds of four times. */
function statsOf(numbers, options) {
  if (options && options.bigint) {
    const stats = new BigIntStats();
    NAMES.forEach((name, i) => { stats[name] = BigInt(numbers[i]); });
    const nanoseconds = TIMES.map((_, i) => BigInt(numbers[10 + 2 * i]) * 1000000000n + BigInt(numbers[11 + 2 * i]));
    setTimes(stats, nanoseconds.map((ns) => ns / 1000000n));
    TIMES.forEach((name, i) => { stats[`${name}Ns`] = nanoseconds[i]; });
    setDates(stats);
    return stats;
  }
  const stats = Object.create(Stats.prototype);
  NAMES.forEach((name, i) => { stats[name] = numbers[i]; });
  setTimes(stats, TIMES.map((_, i) => numbers[10 + 2 * i] * 1000 + numbers[11 + 2 * i] / 1e6));
  setDates(stats);
  return stats;
}

class StatFs {}

/** What statfs says of a file system; sizes are blocks of bsize bytes. */
function statFsOf(numbers, bigint) {
  const stats = new StatFs();
  ['type', 'bsize', 'blocks', 'bfree', 'bavail', 'files', 'ffree'].forEach((name, i) => { stats[name] = bigint ? BigInt(numbers[i]) : numbers[i]; });
  return stats;
}

const kType = Symbol('type');

class Dirent {
  constructor(name, type, path) {
    this.name = name;
    this.parentPath = path;
    this.path = path;
    this[kType] = type;
  }

  isDirectory() { return this[kType] === constants.UV_DIRENT_DIR; }

  isFile() { return this[kType] === constants.UV_DIRENT_FILE; }

  isBlockDevice() { return this[kType] === constants.UV_DIRENT_BLOCK; }

  isCharacterDevice() { return this[kType] === constants.UV_DIRENT_CHAR; }

  isSymbolicLink() { return this[kType] === constants.UV_DIRENT_LINK; }

  isFIFO() { return this[kType] === constants.UV_DIRENT_FIFO; }

  isSocket() { return this[kType] === constants.UV_DIRENT_SOCKET; }
}

module.exports = { Stats, BigIntStats, Dirent, statsOf, statFsOf };
