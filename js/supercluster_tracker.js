// A tracker, as a script sees its own: where nodes of several networks meet.
// It hears of masters and workers alike.
'use strict';

const { Node } = require('supercluster_node');

class Tracker extends Node {
  constructor(binding, conf) { super(binding, 'tracker', conf); }
}

exports.Tracker = Tracker;
