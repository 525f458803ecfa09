// A hub of events between forked children by TCP, with names of several words and wildcards:  sc run hooks.js
// Prints: one::ready, one::sum 6, two::ready, two::sum 15; heard by *::sum: 2, by **: 4
const { EventEmitter } = require('events');
const { fork } = require('child_process');
const net = require('net');

/** An emitter whose listeners may use * for one word of a name, ** for all. */
class Hook extends EventEmitter {
  constructor(name) {
    super();
    this.name = name;
    this.patterns = [];
  }

  onAny(pattern, fn) { this.patterns.push([pattern.split('::'), fn]); }

  fire(event, data) {
    const words = event.split('::');
    const fits = (pattern) => pattern[0] === '**' || (pattern.length === words.length && pattern.every((w, i) => w === '*' || w === words[i]));
    for (const [pattern, fn] of this.patterns) if (fits(pattern)) fn.call({ event }, data);
    return this.emit(event, data);
  }

  listen(done) {
    this.server = net.createServer((socket) => {
      let rest = '';
      socket.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        lines.map((line) => JSON.parse(line)).forEach(({ event, data }) => this.fire(event, data));
      });
    }).listen(0, '127.0.0.1', () => done(this.server.address().port));
  }

  connect(port, done) { this.socket = net.connect({ port, host: '127.0.0.1' }, done); }

  send(event, data) { this.socket.write(`${JSON.stringify({ event: `${this.name}::${event}`, data })}\n`); }
}

if (process.argv[2]) {
  const [name, port, ...numbers] = process.argv.slice(2);
  const hook = new Hook(name);
  hook.connect(port, () => {
    hook.send('ready');
    hook.send('sum', numbers.reduce((sum, n) => sum + Number(n), 0));
    hook.socket.end();
  });
} else {
  const hub = new Hook('hub');
  const heard = [];
  let sums = 0;
  hub.onAny('*::sum', () => { sums += 1; });
  hub.onAny('**', function listener(data) { heard.push([this.event, data].filter((v) => v !== undefined).join(' ')); });
  hub.listen((port) => {
    const children = [['one', port, 1, 2, 3], ['two', port, 4, 5, 6]].map((args) => fork(__filename, args.map(String)));
    Promise.all(children.map((child) => new Promise((resolve) => child.on('exit', resolve)))).then(() => hub.server.close());
    hub.server.on('close', () => console.log(`${heard.sort().join(', ')}; heard by *::sum: ${sums}, by **: ${heard.length}`));
  });
}
