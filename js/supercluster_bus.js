// The event bus: what one node emits, the listeners of all nodes hear.
'use strict';

const { codedError, wrongType } = require('supercluster_errors');

/** @returns {string[]} the parts of a dotted name, checked */
function parts(call, name, patterns) {
  const what = patterns ? 'pattern' : 'event';
  if (typeof name !== 'string') throw wrongType(call, 1, what, 'a string', name);
  const list = name.split('.');
  for (const part of list) {
    if (part === '' || (part.includes('*') && !(patterns && (part === '*' || part === '**')))) {
      throw codedError('ERR_INVALID_ARG_VALUE',
        `${call}: ${JSON.stringify(name)} is no ${what}: parts between dots must not be empty` +
        (patterns ? ', and * or ** stand alone in theirs' : ' and contain no *'), TypeError);
    }
  }
  return list;
}

/**
 * Tells whether a name fits a pattern: * stands for one part, ** for any number.
 * @param {string[]} pattern
 * @param {string[]} name
 */
function fits(pattern, name) {
  // Row i says for each j whether the first i parts of the pattern fit the first j of the name.
  let row = name.map(() => false);
  row.unshift(true);
  for (const part of pattern) {
    const next = [part === '**' && row[0]];
    for (let j = 1; j <= name.length; j++) {
      next[j] = part === '**' ? row[j] || next[j - 1] : row[j - 1] && (part === '*' || part === name[j - 1]);
    }
    row = next;
  }
  return row[name.length];
}

class Bus {
  #node; #deliveries;
  #listeners = []; // {pattern, parts, fn, once}, in the order in which they were added; never changed in place

  /**
   * @param {Node} node that it belongs to
   * @param {function(function(): Promise): Promise} deliveries sends when all nodes that were found are linked
   */
  constructor(node, deliveries) {
    this.#node = node;
    this.#deliveries = deliveries;
  }

  /**
   * Emits an event on all nodes of the cluster, this one included.
   * @param {string} event parts with dots between them, such as 'deploy.web.done'
   * @param {*} [data] any value that can be sent
   * @returns {Promise<void>} settled when it is on its way to all
   */
  emit(event, data) {
    parts('bus.emit', event, false);
    const packed = this.#node.native.wrap(data);
    const own = this.#listeners.length > 0 ? structuredClone(data) : undefined;
    return this.#deliveries(() => {
      const sent = this.#node.native.publish(event, packed);
      process.nextTick(() => this.deliver(event, own, this.#node));
      return sent;
    });
  }

  /**
   * Hears of events from all nodes from now on.
   * @param {string} pattern a name in which * stands for one part, ** for any number
   * @param {function(*, Node|Peer, string): void} listener gets the data, the sender and the event
   */
  on(pattern, listener) { return this.#add('bus.on', pattern, listener, false); }

  /** Hears of the next such event only. */
  once(pattern, listener) { return this.#add('bus.once', pattern, listener, true); }

  /** Takes a listener away; without one, all that were added with the pattern. */
  off(pattern, listener) {
    parts('bus.off', pattern, true);
    const all = listener === undefined;
    const at = this.#listeners.findLastIndex((l) => l.pattern === pattern && (all || l.fn === listener));
    this.#listeners = this.#listeners.filter((l, i) => !(all ? l.pattern === pattern : i === at));
    return this;
  }

  /** Whether anybody listens. */
  get heard() { return this.#listeners.length > 0; }

  #add(call, pattern, fn, once) {
    const list = parts(call, pattern, true);
    if (typeof fn !== 'function') throw wrongType(call, 2, 'listener', 'a function', fn);
    this.#listeners = [...this.#listeners, { pattern, parts: list, fn, once }];
    this.#deliveries(() => {}); // be linked before the first event comes
    return this;
  }

  /** Calls the listeners that an event is for. */
  deliver(event, data, sender) {
    const name = event.split('.');
    for (const l of this.#listeners) {
      if (!fits(l.parts, name)) continue;
      if (l.once) this.#listeners = this.#listeners.filter((other) => other !== l);
      l.fn.call(this.#node, data, sender, event);
    }
  }
}

exports.Bus = Bus;
exports.fits = fits;
