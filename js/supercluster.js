// require('supercluster'): the three factories and what stands beside them.
'use strict';

const { Master } = require('supercluster_master');
const { Worker } = require('supercluster_worker');
const { Tracker } = require('supercluster_tracker');
const { TimeoutError } = require('supercluster_errors');

/** The nodes made without a configuration, one a role, by role. */
const singletons = Object.create(null);

/**
 * A factory for nodes of one class. Called without a configuration it gives
 * the process's one node of that role, until that node has left.
 * @param {string} role
 * @param {Function} Class
 */
function factory(role, Class) {
  return function create(conf) {
    if (conf !== undefined && conf !== null) return new Class(binding, conf);
    if (!singletons[role] || singletons[role].left) singletons[role] = new Class(binding, undefined);
    return singletons[role];
  };
}

exports.createMaster = factory('master', Master);
exports.createWorker = factory('worker', Worker);
exports.createTracker = factory('tracker', Tracker);
exports.TimeoutError = TimeoutError;
exports.version = binding.version;

// Outside a task there is none; inside, the sandbox's own module of this name
// gives it.
exports.task = undefined;
