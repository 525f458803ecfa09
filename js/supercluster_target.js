// Targets: what a call such as sendTaskTo takes to say which nodes it is for.
'use strict';

const { codedError, wrongType } = require('supercluster_errors');
const { Node, Peer } = require('supercluster_node');
const { isPlainObject } = require('supercluster_arguments');

/** Tells whether a target is one node: another's object, or one of this process. */
const isNode = (target) => target instanceof Peer || target instanceof Node;

/** @returns an error that says what was asked for, and what is there */
function noWorker(call, why, peers) {
  const there = peers.map((w) => `${w.id.slice(0, 7)} ${JSON.stringify(w.data)}`);
  return codedError('ERR_NO_WORKER', `${call}: ${why}; ` +
    (there.length ? `available: ${there.slice(0, 10).join(', ')}` : 'no worker is available'));
}

/**
 * Finds the workers that a target selects.
 * @param {string} call for errors
 * @param {*} target what the user gave as the first argument
 * @param {{peers: Peer[], query: function}} among those to choose from, and the
 *   native function that evaluates a query on them
 * @returns {Array<string|undefined>} ids; undefined stands for any one worker
 */
function select(call, target, { peers, query }) {
  const one = (t) => {
    const id = isNode(t) ? t.id : t;
    if (typeof id !== 'string') throw wrongType(call, 1, 'target', 'a worker or an id', t);
    if (!peers.some((w) => w.id === id)) throw noWorker(call, `worker ${id} is not available`, peers);
    return id;
  };
  if (target === undefined || target === null) return [undefined];
  if (Array.isArray(target)) return target.map(one);
  if (isNode(target) || typeof target === 'string') return [one(target)];
  let selected;
  if (typeof target === 'function') {
    selected = peers.filter((w) => target(w.data, w));
  } else if (isPlainObject(target)) {
    const matches = query(call, target);
    selected = peers.filter((w) => matches(w.id));
  } else {
    throw wrongType(call, 1, 'target', 'a worker, an id, an array of these, or a query', target);
  }
  if (selected.length === 0) {
    const asked = typeof target === 'function' ? 'the predicate' : `the query ${JSON.stringify(target)}`;
    throw noWorker(call, `${asked} holds for none`, peers);
  }
  return selected.map((w) => w.id);
}

exports.select = select;
exports.noWorker = noWorker;
