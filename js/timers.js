/**
 * The module "timers": the timer functions of the global object under their own names.
 * Delays are milliseconds.
 */
const g = globalThis;

exports.setTimeout = g.setTimeout;
exports.clearTimeout = g.clearTimeout;
exports.setInterval = g.setInterval;
exports.clearInterval = g.clearInterval;
exports.setImmediate = g.setImmediate;
exports.clearImmediate = g.clearImmediate;

Object.defineProperty(exports, 'promises', {
  enumerable: true,
  configurable: true,
  get: () => require('timers/promises'),
});
