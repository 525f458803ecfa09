// What an http server sends and tells, on raw connections: the ways in which a response can be written and a request read.
'use strict';
const http = require('http');
const net = require('net');
const { once } = require('events');

const events = [];
const ways = {
  '/end': (req, res) => res.end('text'),
  '/utf8': (req, res) => res.end('grün €'),
  '/latin1': (req, res) => res.end('gr\xfcn', 'latin1'),
  '/buffer': (req, res) => res.end(Buffer.from('bytes')),
  '/empty': (req, res) => res.end(),
  '/none': (req, res) => { res.statusCode = 204; res.end(); },
  '/length': (req, res) => { res.writeHead(200, { 'Content-Length': 4 }); res.end('four'); },
  '/pieces': (req, res) => { res.write('one'); res.write('two'); res.end('three'); },
  '/chunked': (req, res) => { res.writeHead(200, { 'Transfer-Encoding': 'chunked' }); res.end('tail'); },
  '/close': (req, res) => { res.setHeader('Connection', 'close'); res.end('last'); },
  '/later': (req, res) => { res.flushHeaders(); setImmediate(() => res.end('later')); },
  '/callback': (req, res) => { res.on('finish', () => events.push('finish')); res.on('close', () => events.push('close')); res.end('cb', () => events.push('ended')); },
  '/request': (req, res) => {
    events.push(req.complete, req.readableEnded, req.destroyed, req.httpVersion, JSON.stringify(req.headers), req.rawHeaders.length);
    req.on('end', () => { events.push('end'); res.end('read'); });
    req.resume();
  },
  '/unread': (req, res) => {
    res.end('unread');
    res.on('close', () => setImmediate(() => events.push(req.complete, req.readableEnded, req.destroyed, req.closed)));
  },
  '/async': (req, res) => { setImmediate(() => { let size = 0; req.on('data', (d) => { size += d.length; }); req.on('end', () => res.end(`${size}`)); }); },
  '/socket': (req, res) => { res.socket.write(''); res.end(`${res.socket === req.socket} ${res.socket.bytesRead > 0} ${res.headersSent}`); },
  '/bad': (req, res) => {
    for (const fn of [() => res.setHeader('a b', 1), () => res.setHeader('x', 'a\nb'), () => res.setHeader('x'), () => res.writeHead(99), () => res.writeHead(200, 'a\nb'),
      () => res.writeHead(200, { x: undefined })]) {
      try {
        fn();
      } catch (err) {
        events.push(err.code);
      }
    }
    res.statusMessage = 'OK';
    res.end('bad');
  },
};

/** Sends text on a connection of its own, and resolves to all that comes back until the server ends it. */
async function raw(port, text) {
  const socket = net.connect(port, '127.0.0.1');
  let got = '';
  socket.setEncoding('latin1');
  socket.on('data', (d) => { got += d; });
  socket.write(text);
  await once(socket, 'close');
  return got.replace(/Date: .*GMT/g, 'Date: now');
}

async function main() {
  const server = http.createServer((req, res) => ways[req.url](req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const last = 'GET /close HTTP/1.1\r\nHost: x\r\n\r\n';
  for (const url of Object.keys(ways)) {
    if (url === '/close') continue;
    events.length = 0;
    const answer = await raw(port, `GET ${url} HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\n\r\n${last}`);
    console.log(url, JSON.stringify(answer.slice(0, answer.indexOf('HTTP/1.1', 5))), ...events);
  }
  console.log(JSON.stringify(await raw(port, `POST /async HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc${last}`)));
  console.log(JSON.stringify(await raw(port, `POST /async HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${last}`)));
  console.log(JSON.stringify(await raw(port, `HEAD /end HTTP/1.1\r\nHost: x\r\n\r\n${last}`)));
  console.log(JSON.stringify(await raw(port, 'GET /end HTTP/1.0\r\n\r\n')));
  console.log(JSON.stringify(await raw(port, 'GET /end HTTP/1.1\r\n\r\n')));
  console.log(JSON.stringify(await raw(port, 'GET /end HTTP/1.1\r\nHost: x\r\nExpect: other\r\n\r\n' + last)));
  console.log(JSON.stringify(await raw(port, 'nonsense\r\n\r\n')));
  server.close(() => console.log('closed'));
}
main();
