// Calls of remote functions over c.pipe(d).pipe(c), callbacks included:  sc run rpc-pipe.js
// Prints: beep 66 => boop, then 3 2 1 liftoff by a callback that is called again, then no such function: launch
const net = require('net');
const sys = require('sys');
const { Duplex } = require('stream');

/** A stream that is both ends of a conversation: functions of ours for them, and theirs for us. */
function Rpc(api) {
  Duplex.call(this);
  this.api = api;
  this.callbacks = [];
  this.rest = '';
}
sys.inherits(Rpc, Duplex);

Rpc.prototype._read = function () {};
Rpc.prototype._write = function (chunk, encoding, done) {
  const lines = (this.rest + chunk).split('\n');
  this.rest = lines.pop();
  lines.forEach((line) => this.obey(JSON.parse(line)));
  done();
};
Rpc.prototype._final = function (done) {
  this.push(null);
  done();
};
Rpc.prototype.obey = function ({ name, callback, args }) {
  const values = args.map((arg) => (arg && arg.callback !== undefined
    ? (...rest) => this.tell({ callback: arg.callback }, rest) : arg));
  if (callback !== undefined) this.callbacks[callback](...values);
  else if (this.api[name]) this.api[name](...values);
  else values[values.length - 1](`no such function: ${name}`);
};
Rpc.prototype.tell = function (whom, args) {
  const plain = args.map((arg) => (typeof arg === 'function' ? { callback: this.callbacks.push(arg) - 1 } : arg));
  this.push(`${JSON.stringify({ ...whom, args: plain })}\n`);
};
Rpc.prototype.call = function (name, ...args) { this.tell({ name }, args); };

const server = net.createServer((c) => {
  const d = new Rpc({
    beep: (n, cb) => cb(`beep ${n} => boop`),
    count: (from, cb) => { for (let i = from; i >= 0; i--) cb(i || 'liftoff'); },
  });
  c.pipe(d).pipe(c);
});
server.listen(0, '127.0.0.1', () => {
  const c = net.connect(server.address().port, '127.0.0.1');
  const d = new Rpc({});
  const heard = [];
  c.pipe(d).pipe(c);
  d.call('beep', 66, (text) => console.log(text));
  d.call('count', 3, (n) => {
    heard.push(n);
    if (n !== 'liftoff') return;
    console.log(heard.join(' '));
    d.call('launch', (err) => {
      console.log(err);
      d.push(null);
      server.close();
    });
  });
});
