// What an http server makes of requests that are none, and of connections that are no sockets.
'use strict';
const http = require('http');
const net = require('net');
const { Duplex } = require('stream');
const { once } = require('events');

async function raw(port, text) {
  const socket = net.connect(port, '127.0.0.1');
  let got = '';
  socket.on('data', (d) => { got += d; });
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return got.replace(/Date: .*GMT/g, 'Date: now');
}

/** A connection in memory: what is written to one side is read from the other. */
function pair() {
  const sides = [0, 1].map(() => new Duplex({
    read() {},
    write(chunk, encoding, done) { this.other.push(chunk); done(); },
    final(done) { this.other.push(null); done(); },
  }));
  [sides[0].other, sides[1].other] = [sides[1], sides[0]];
  return sides;
}

async function main() {
  const failures = [];
  const server = http.createServer((req, res) => res.end(`${req.method} ${JSON.stringify(req.headers)} ${JSON.stringify(req.headersDistinct)}`));
  server.on('clientError', (err, socket) => {
    failures.push(`${err.code} ${err.message} ${err.rawPacket.length}`);
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  for (const text of ['Oops\r\n\r\n', 'get / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nbad name: 1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nconstructor: a\r\nconstructor: b\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nEmpty:\r\n\r\nhello']) {
    failures.length = 0;
    console.log(JSON.stringify(text), JSON.stringify(await raw(port, text)), ...failures);
  }
  const [near, far] = pair();
  server.emit('connection', far);
  near.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let text = '';
  near.on('data', (d) => { text += d; });
  await once(near, 'end');
  console.log(JSON.stringify(text.replace(/Date: .*GMT/, 'Date: now')));
  const req = http.get({ port, host: '127.0.0.1', agent: false });
  req.on('abort', () => console.log('abort'));
  req.on('error', (err) => console.log('error', err.code));
  req.on('close', () => { console.log('close'); server.close(); });
  req.abort();
}
main();
