// Nodes that find each other by multicast and ask each other over http:  sc run announce.js
// Prints: a found b, b found a; asked over http: b is a slave, a is a master; ttl 16
const assert = require('assert');
const dgram = require('dgram');
const http = require('http');
const { EventEmitter } = require('events');

const GROUP = '239.255.77.1';

class Node extends EventEmitter {
  constructor(name, role) {
    super();
    Object.assign(this, { name, role, known: new Map() });
    this.http = http.createServer((req, res) => res.end(JSON.stringify({ name, role })));
    this.socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
    this.socket.on('message', (packet, from) => {
      const node = JSON.parse(packet);
      assert.equal(typeof node.port, 'number');
      if (node.name === name || this.known.has(node.name)) return;
      this.known.set(node.name, node);
      this.emit('up', node, from.address);
    });
  }

  start(port, done) {
    this.http.listen(0, '127.0.0.1', () => this.socket.bind(port, () => {
      this.socket.addMembership(GROUP, '127.0.0.1');
      this.socket.setMulticastInterface('127.0.0.1');
      this.socket.setMulticastLoopback(true);
      this.ttl = this.socket.setMulticastTTL(16);
      done(this.socket.address().port);
    }));
  }

  announce(port) {
    const packet = Buffer.from(JSON.stringify({ name: this.name, port: this.http.address().port }));
    this.timer = setInterval(() => this.socket.send(packet, 0, packet.length, port, GROUP), 20);
  }

  stop() {
    clearInterval(this.timer);
    this.socket.close();
    this.http.close();
  }
}

const a = new Node('a', 'master');
const b = new Node('b', 'slave');
const ask = (node) => new Promise((resolve) => a.once.call(node, 'up', ({ name, port }) => {
  http.get({ host: '127.0.0.1', port, agent: false }, (res) => res.on('data', (text) => resolve([`${node.name} found ${name}`, JSON.parse(text)])));
}));
Promise.all([ask(a), ask(b)]).then((found) => {
  const asked = found.map(([, { name, role }]) => `${name} is a ${role}`).join(', ');
  console.log(`${found.map(([text]) => text).join(', ')}; asked over http: ${asked}; ttl ${a.ttl}`);
  [a, b].forEach((node) => node.stop());
});
a.start(0, (port) => b.start(port, () => [a, b].forEach((node) => node.announce(port))));
