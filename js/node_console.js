// The console of one task: node's own, that writes to the task's log.
'use strict';

const { Console } = require('node:console');

/**
 * @param {function(string, string): void} write takes a stream, "stdout" or "stderr", and whole lines
 * @returns {object}
 */
exports.makeConsole = function makeConsole(write) {
  const stream = (name) => ({ write: (text) => { write(name, text); } });
  const made = new Console({ stdout: stream('stdout'), stderr: stream('stderr'), ignoreErrors: false, colorMode: false });
  const console = {};
  for (const [name, value] of Object.entries(made)) if (typeof value === 'function' && name !== 'Console') console[name] = value;
  return console;
};
