'use strict';
// HTTP: requests and responses both ways, keep-alive, streaming, upgrade, errors, limits.
const http = require('http');
const net = require('net');

const wait = (emitter, event) => new Promise((resolve) => { emitter.once(event, (...args) => resolve(args)); });
const body = (stream) => new Promise((resolve, reject) => {
  let text = '';
  stream.setEncoding('utf8').on('data', (d) => { text += d; }).on('end', () => resolve(text)).on('error', reject);
});
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = (options, data) => new Promise((resolve, reject) => {
  const req = http.request(options, (res) => {
    body(res).then((text) => resolve([res.statusCode, res.statusMessage, res.headers, text, req.reusedSocket, res]), reject);
  });
  req.on('error', reject);
  req.end(data);
});

(async () => {
  const server = http.createServer(async (req, res) => {
    if (req.url === '/echo') {
      res.writeHead(201, 'Made', { 'X-Method': req.method, 'Set-Cookie': ['a=1', 'b=2'], 'Content-Type': 'text/plain' });
      req.pipe(res);
    } else if (req.url === '/chunks') {
      res.setHeader('Trailer', 'X-End');
      res.write('one ');
      setImmediate(() => { res.write('two '); res.addTrailers({ 'X-End': 'yes' }); res.end('three'); });
    } else if (req.url === '/headers') {
      res.setHeader('x-one', '1');
      console.log(res.hasHeader('X-ONE'), res.getHeader('X-One'), res.getHeaderNames(), res.headersSent);
      res.removeHeader('x-one');
      res.end(JSON.stringify([req.headers.host !== undefined, req.headers['x-a'], req.rawHeaders.includes('X-A'), req.httpVersion]));
      try { res.setHeader('late', 'x'); } catch (e) { console.log(e.code, e.message); }
      try { res.writeHead(200); } catch (e) { console.log(e.code, e.message); }
    } else if (req.url === '/empty') {
      res.statusCode = 204;
      res.end();
    } else if (req.url === '/abort') {
      res.write('partly');
      setImmediate(() => req.socket.destroy());
    } else if (req.url === '/big') {
      for (let i = 0; i < 50; i++) if (!res.write('x'.repeat(20000))) await wait(res, 'drain');
      res.end();
    } else if (req.url !== '/never') {
      res.end(`${req.method} ${req.url}`);
    }
  });
  server.on('upgrade', (req, socket, head) => {
    socket.write(`HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Head: ${head.length}\r\n\r\n`);
    socket.on('data', (d) => socket.end(d));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  const at = (path, more) => ({ port, host: '127.0.0.1', path, agent, ...more });

  const [status, message, headers, text] = await ask(at('/echo', { method: 'POST' }), 'some data');
  console.log(status, message, headers['x-method'], headers['set-cookie'], headers['transfer-encoding'], text);
  const chunks = await ask(at('/chunks'));
  console.log(chunks[3], chunks[5].trailers, chunks[4]);
  console.log((await ask(at('/headers', { headers: { 'X-A': ['1', '2'] } })))[3]);
  const empty = await ask(at('/empty'));
  console.log(empty[0], empty[3] === '', empty[2]['content-length']);
  const head = await ask(at('/head', { method: 'HEAD' }));
  console.log(head[0], head[3] === '', head[2]['content-length']);
  console.log((await ask(at('/big')))[3].length);
  const [gone] = await Promise.all([ask(at('/abort')).catch((e) => [e.code, e.message])]);
  console.log(gone);
  const three = await Promise.all([1, 2, 3].map((n) => ask(at(`/${n}`))));
  console.log(three.map((r) => [r[3], r[4]]), Object.keys(agent.sockets).length);

  const up = http.request(at('/', { headers: { Connection: 'Upgrade', Upgrade: 'echo' } }));
  up.end();
  const [res, socket] = await wait(up, 'upgrade');
  socket.write('raw');
  console.log(res.statusCode, res.headers.upgrade, await body(socket));

  const slow = http.get(at('/never', { timeout: 20, agent: undefined }));
  slow.on('error', () => {});
  await wait(slow, 'timeout');
  slow.destroy();
  console.log((await wait(slow, 'close')).length, slow.destroyed);
  const aborted = http.get(at('/never', { agent: undefined }));
  setTimeout(() => aborted.destroy(new Error('mine')), 10);
  console.log((await wait(aborted, 'error'))[0].message);
  console.log(await ask({ port: 1, host: '127.0.0.1' }).catch((e) => [e.code, e.syscall, e.message]));

  // Several requests at once, one that is no HTTP, and an old version.
  const raw = (bytes) => new Promise((resolve) => { const c = net.connect(port, '127.0.0.1', () => c.end(bytes)); body(c).then((t) => resolve(t.replace(/Date: .*\r\n/g, ''))); });
  console.log(await raw('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
  console.log(await raw('GARBAGE\r\n\r\n'));
  console.log(await raw('GET /old HTTP/1.0\r\n\r\n'));
  console.log(await raw('GET /nohost HTTP/1.1\r\n\r\n'));
  console.log(await raw('POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'));

  for (const bad of [() => http.request({ method: 'A B' }), () => http.request({ path: '/a b' }), () => http.request({ protocol: 'ftp:' }), () => http.request({ headers: { 'a b': 1 } }),
    () => http.request({ headers: { a: 'x\ny' } }), () => http.get({ agent: 5 }), () => new http.Agent({ scheduling: 'odd' }), () => http.request({ hostname: 5 })]) {
    try { bad().on('error', () => {}); console.log('no error'); } catch (e) { console.log(e.name, e.code, e.message); }
  }
  console.log(http.STATUS_CODES[418], http.METHODS.length > 30, http.maxHeaderSize);
  agent.destroy();
  server.close(() => console.log('closed'));
})();
