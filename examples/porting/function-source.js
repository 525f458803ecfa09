// A master that sends functions as source to a worker process, which runs them:  sc run function-source.js
// Prints: add -> 5, then lines -> { file: 'function-source.js', first: true }, then fail -> Error: not today
const { EventEmitter } = require('events');
const { fork } = require('child_process');
const util = require('util');

const TASKS = {
  add: { run: function (done) { done(null, 2 + 3); } },
  lines: {
    run: function (done) {
      const fs = require('fs');
      const path = require('path');
      fs.readFile(this.file, 'utf8', (err, text) => {
        done(err, { file: path.basename(this.file), first: text.startsWith('// A master') });
      });
    },
    scope: { file: __filename },
  },
  fail: { run: function (done) { process.nextTick(done, new Error('not today')); } },
};

function Master() {
  EventEmitter.call(this);
  this.worker = fork(__filename);
  this.worker.on('message', (m) => this.emit('result', m.name, m.err, m.value));
}
util.inherits(Master, EventEmitter);
Master.prototype.send = function (name, { run, scope }) {
  this.worker.send({ name, source: run.toString(), scope: scope || {} });
};

if (process.send) {
  process.on('message', ({ name, source, scope }) => {
    const run = new Function('require', `return (${source})`)(require);
    run.call(scope, (err, value) => process.send({ name, err: err && String(err), value }));
  });
} else {
  const master = new Master();
  const names = Object.keys(TASKS);
  master.on('result', (name, err, value) => {
    console.log(`${name} ->`, err || util.inspect(value));
    const next = names.shift();
    if (next) master.send(next, TASKS[next]);
    else master.worker.disconnect();
  });
  const first = names.shift();
  master.send(first, TASKS[first]);
}
