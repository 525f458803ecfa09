/** The users and groups of the process, and process.execve: what only a system with users has. */
const { codes } = require('errors');
const { validateArray, validateObject, validateString, validateUint32 } = require('validators');

function checkId(id, name = 'id') {
  if (typeof id === 'number') validateUint32(id, name);
  else if (typeof id !== 'string') throw new codes.ERR_INVALID_ARG_TYPE(name, ['number', 'string'], id);
  return id;
}

/** Defines the calls on process; native.setId(call, id) and its like are those of the system. */
function install(process, native) {
  const set = (call, kind) => (id) => {
    checkId(id);
    const problem = native.setId(call, id);
    if (problem === 'unknown') throw new codes.ERR_UNKNOWN_CREDENTIAL(kind, id);
  };
  Object.assign(process, {
    setuid: set('setuid', 'User'), seteuid: set('seteuid', 'User'), setgid: set('setgid', 'Group'), setegid: set('setegid', 'Group'),
    getgroups: () => native.getGroups(),
    setgroups(groups) {
      validateArray(groups, 'groups');
      groups.forEach((group, i) => checkId(group, `groups[${i}]`));
      const unknown = native.setGroups(groups);
      if (unknown !== undefined) throw new codes.ERR_UNKNOWN_CREDENTIAL('Group', unknown);
    },
    initgroups(user, extraGroup) {
      checkIdOf(user, 'user');
      checkIdOf(extraGroup, 'extraGroup');
      const problem = native.initGroups(user, extraGroup);
      if (problem === 'user') throw new codes.ERR_UNKNOWN_CREDENTIAL('User', user);
      if (problem === 'group') throw new codes.ERR_UNKNOWN_CREDENTIAL('Group', extraGroup);
    },
    execve(execPath, args = [], env = process.env) {
      process.emitWarning('process.execve is an experimental feature and might change at any time', 'ExperimentalWarning');
      validateString(execPath, 'execPath');
      validateArray(args, 'args');
      args.forEach((arg, i) => {
        if (typeof arg !== 'string' || arg.includes('\u0000')) throw new codes.ERR_INVALID_ARG_VALUE(`args[${i}]`, arg, 'must be a string without null bytes');
      });
      validateObject(env, 'env');
      const list = Object.entries(env).map(([name, value]) => {
        if (typeof value !== 'string' || name.includes('\u0000') || value.includes('\u0000')) {
          throw new codes.ERR_INVALID_ARG_VALUE('env', env, 'must be an object with string keys and values without null bytes');
        }
        return `${name}=${value}`;
      });
      native.execve(execPath, args, list);
    },
  });
}

function checkIdOf(id, name) {
  if (typeof id === 'number') validateUint32(id, name);
  else if (typeof id !== 'string') throw new codes.ERR_INVALID_ARG_TYPE(name, ['number', 'string'], id);
}

module.exports = { install };
