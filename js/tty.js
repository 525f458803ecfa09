/** The module "tty": the streams of a terminal are process.stdin, stdout and stderr. */
const { codes } = require('errors');

const kStreams = ['stdin', 'stdout', 'stderr'];

/** Whether the file descriptor is a terminal. */
exports.isatty = (fd) => Number.isInteger(fd) && fd >= 0 && fd <= 2 && process[kStreams[fd]].isTTY === true;

/** new ReadStream(0) and new WriteStream(1 or 2) give the process's own stream; others cannot be had. */
function stream(first, last) {
  return function Stream(fd) {
    if (!Number.isInteger(fd) || fd < 0) throw new codes.ERR_INVALID_FD(fd);
    if (fd < first || fd > last || !exports.isatty(fd)) {
      throw Object.assign(new Error('TTY initialization failed: uv_tty_init returned EINVAL (invalid argument)'), { code: 'ERR_TTY_INIT_FAILED' });
    }
    return process[kStreams[fd]];
  };
}

exports.ReadStream = Object.defineProperty(stream(0, 0), 'name', { value: 'ReadStream' });
exports.WriteStream = Object.defineProperty(stream(1, 2), 'name', { value: 'WriteStream' });
