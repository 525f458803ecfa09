/** What the process and its threads use, and what keeps the loop alive. */
const { codes } = require('errors');
const { validateObject, validateNumber, validateFunction } = require('validators');

/** The difference of user and system times to an earlier result. */
function since(read, previous) {
  const [user, system] = read();
  if (previous === undefined) return { user, system };
  validateObject(previous, 'prevValue');
  for (const name of ['user', 'system']) {
    validateNumber(previous[name], `prevValue.${name}`);
    if (previous[name] < 0 || previous[name] > Number.MAX_SAFE_INTEGER) throw new codes.ERR_INVALID_ARG_VALUE_RANGE(`prevValue.${name}`, previous[name]);
  }
  return { user: user - previous.user, system: system - previous.system };
}

function install(process, native) {
  Object.assign(process, {
    cpuUsage: (previous = undefined) => since(native.cpuUsage, previous),
    threadCpuUsage: (previous = undefined) => since(native.threadUsage, previous),
    resourceUsage() {
      const [userCPUTime, systemCPUTime, maxRSS, minorPageFault, majorPageFault, fsRead, fsWrite, voluntaryContextSwitches, involuntaryContextSwitches] = native.resources();
      return {
        userCPUTime, systemCPUTime, maxRSS, sharedMemorySize: 0, unsharedDataSize: 0, unsharedStackSize: 0, minorPageFault, majorPageFault, swappedOut: 0,
        fsRead, fsWrite, ipcSent: 0, ipcReceived: 0, signalsCount: 0, voluntaryContextSwitches, involuntaryContextSwitches,
      };
    },
    availableMemory: () => require('os').freemem(),
    getActiveResourcesInfo: () => native.active(),
    ref(value) { call(value, 'ref'); },
    unref(value) { call(value, 'unref'); },
    setSourceMapsEnabled(on) { require('validators').validateBoolean(on, 'val'); },
    loadEnvFile(path = '.env') {
      const parsed = require('util').parseEnv(require('fs').readFileSync(path, 'utf8'));
      for (const [name, value] of Object.entries(parsed)) if (process.env[name] === undefined) process.env[name] = value;
    },
    finalization: finalization(process),
  });
}

/** Calls value's own ref or unref, by symbol or by name. */
function call(value, name) {
  const fn = value?.[Symbol.for(`nodejs.${name}`)] ?? value?.[Symbol.for(`node:${name}`)] ?? value?.[name];
  if (typeof fn === 'function') fn.call(value);
}

/** process.finalization: functions that run with their object at exit, unless it was unregistered. */
function finalization(process) {
  const kept = { exit: new Map(), beforeExit: new Map() };
  const heard = {};
  const add = (event) => (object, fn) => {
    validateObject(object, 'ref', { callable: true });
    validateFunction(fn, 'callback');
    kept[event].set(object, fn);
    heard[event] ??= process.on(event, () => {
      for (const [one, callback] of kept[event]) {
        kept[event].delete(one);
        callback(one, event);
      }
    });
  };
  return { register: add('exit'), registerBeforeExit: add('beforeExit'), unregister: (object) => { kept.exit.delete(object); kept.beforeExit.delete(object); } };
}

module.exports = { install };
