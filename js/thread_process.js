/** What process is in a worker: the parts that belong to the whole process are not to be changed from there. */
const { codes } = require('errors');

function adapt(process) {
  const refuse = (name) => () => { throw new codes.ERR_WORKER_UNSUPPORTED_OPERATION(name); };
  for (const name of ['abort', 'chdir', 'execve', 'initgroups', 'setegid', 'seteuid', 'setgid', 'setgroups', 'setuid']) {
    if (typeof process[name] === 'function') process[name] = Object.assign(refuse(`process.${name}()`), { disabled: true });
  }
  const { umask } = process;
  process.umask = (mask) => {
    if (mask !== undefined) throw new codes.ERR_WORKER_UNSUPPORTED_OPERATION('Setting process.umask()');
    return umask();
  };
  Object.defineProperty(process, 'title', { get: () => 'sc', set() {}, enumerable: true, configurable: true });
  for (const name of ['channel', 'connected']) {
    Object.defineProperty(process, name, { get: refuse(`process.${name}`), enumerable: false, configurable: true });
  }
  delete process.send;
  delete process.disconnect;
}

module.exports = { adapt };
