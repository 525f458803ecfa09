// https on loopback: server, requests, agents and their sessions, errors; fetch follows the same rules.
'use strict';
const fs = require('fs');
const https = require('https');
const http = require('http');
const path = require('path');
const { once } = require('events');

const read = (name) => fs.readFileSync(path.join(path.dirname(__filename), 'tls', `${name}.pem`));
const ca = read('ca-cert');

function ask(options, body) {
  return new Promise((resolve) => {
    const req = https.request(options, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (d) => { text += d; });
      res.on('end', () => resolve(`${res.statusCode} ${res.headers['x-path']} ${text} ${req.reusedSocket}`));
    });
    req.on('error', (err) => resolve(`${err.code} ${err.message}`));
    req.end(body);
  });
}

async function main() {
  const resumed = [];
  const server = https.createServer({ cert: read('server-cert'), key: read('server-key') }, (req, res) => {
    let size = 0;
    req.on('data', (d) => { size += d.length; });
    req.on('end', () => {
      res.setHeader('x-path', req.url);
      res.end(`${req.method} ${size} ${req.socket.encrypted} ${req.socket.getProtocol()}`);
    });
  });
  server.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const base = { port, host: 'localhost', family: 4, ca };
  console.log(await ask({ ...base, path: '/a', agent: false }));
  console.log(await ask({ ...base, path: '/b', method: 'POST', agent: false }, 'x'.repeat(100000)));
  console.log(await ask({ ...base, path: '/c', ca: undefined, agent: false }));
  console.log(await ask({ ...base, path: '/d', ca: undefined, rejectUnauthorized: false, agent: false }));
  console.log(await ask({ ...base, path: '/e', headers: { host: 'wrong.test' }, agent: false }));
  const agent = new https.Agent({ keepAlive: true, ca, maxSockets: 1 });
  console.log(await ask({ ...base, path: '/1', agent }));
  console.log(await ask({ ...base, path: '/2', agent }));
  agent.destroy();
  resumed.length = 0;
  const short = new https.Agent({ ca });
  await ask({ ...base, agent: short });
  await ask({ ...base, agent: short });
  console.log('resumed', resumed);
  console.log(short.getName({ host: 'a', port: 1, servername: 'b', ca: 'x' }), short.defaultPort, short.protocol);
  await new Promise((resolve) => {
    https.get(`https://localhost:${port}/url?x=1`, { ca, family: 4, agent: false }, (res) => {
      console.log(res.statusCode, res.headers['x-path'], res.socket.authorized);
      res.resume();
      res.on('end', resolve);
    });
  });
  try {
    https.request('http://localhost/');
  } catch (err) {
    console.log(err.code, err.message);
  }
  await fetch(`https://localhost:${port}/f`).catch((err) => console.log(err.name, err.message, err.cause.code));
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const answer = await fetch(`https://localhost:${port}/g`, { method: 'POST', body: 'abc' });
  console.log(answer.status, answer.headers.get('x-path'), await answer.text());
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  const plain = http.get({ port, host: '127.0.0.1', agent: false });
  const [err] = await once(plain, 'error');
  console.log(err.code);
  server.close(() => console.log('closed'));
  server.closeAllConnections();
}
main();
