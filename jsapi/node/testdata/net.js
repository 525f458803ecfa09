'use strict';
// Connections: both ways, half open, timeouts, errors, paths, counting.
const net = require('net');
const os = require('os');
const path = require('path');

const wait = (emitter, event) => new Promise((resolve) => { emitter.once(event, (...args) => resolve(args)); });
const listening = (server, ...where) => new Promise((resolve) => { server.listen(...where, () => resolve(server.address())); });

(async () => {
  const log = [];
  const server = net.createServer((socket) => {
    socket.setEncoding('utf8');
    socket.on('data', (text) => socket.write(text.toUpperCase()));
    socket.on('end', () => log.push('server end'));
    socket.on('close', (failed) => log.push('server close', failed));
  });
  const { port, family, address } = await listening(server, 0, '127.0.0.1');
  console.log(family, address, server.listening);

  const client = net.connect({ port, host: '127.0.0.1' });
  console.log(client.connecting, client.readyState, client.pending);
  await wait(client, 'connect');
  console.log(client.connecting, client.readyState, client.remotePort === port, client.remoteAddress, client.localFamily);
  client.setEncoding('utf8');
  client.write('hello');
  console.log(await wait(client, 'data'), client.bytesWritten, client.bytesRead);
  client.end();
  console.log(await wait(client, 'end'), client.readyState);
  console.log(await wait(client, 'close'), client.destroyed);

  const busy = net.createServer();
  busy.listen(port, '127.0.0.1');
  const [inUse] = await wait(busy, 'error');
  console.log(inUse.code, inUse.syscall, inUse.address, inUse.port === port, inUse.message.replace(port, 'PORT'));

  server.getConnections((err, count) => console.log('connections', err, count));
  server.close(() => console.log('closed'));
  await wait(server, 'close');
  console.log(log);
  server.close((err) => console.log(err.code, err.message));

  const refused = net.connect(port, '127.0.0.1');
  const [gone] = await wait(refused, 'error');
  console.log(gone.code, gone.syscall, gone.address, gone.port === port, gone.message.replace(port, 'PORT'));

  const half = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.resume();
    socket.on('end', () => socket.end('after your end'));
  });
  const where = path.join(os.tmpdir(), `net-${process.pid}.sock`);
  console.log(await listening(half, where) === where);
  const pipe = net.connect(where);
  pipe.setEncoding('utf8');
  pipe.end('x');
  console.log(await wait(pipe, 'data'));
  await wait(pipe, 'close');
  half.close();

  const silent = net.createServer((socket) => socket.on('error', () => {}));
  const quiet = await listening(silent, 0);
  const slow = net.connect(quiet.port, () => slow.setTimeout(10));
  await wait(slow, 'timeout');
  console.log('timeout', slow.timeout, slow.destroyed);
  slow.destroy(new Error('enough'));
  console.log((await wait(slow, 'error'))[0].message);
  silent.close();

  const big = net.createServer((socket) => { socket.end(Buffer.alloc(3e6, 1)); });
  const { port: bigPort } = await listening(big, 0, '127.0.0.1');
  let size = 0;
  const reader = net.connect(bigPort, '127.0.0.1');
  reader.on('data', (d) => {
    size += d.length;
    reader.pause();
    setImmediate(() => reader.resume());
  });
  await wait(reader, 'close');
  console.log(size);
  big.close();

  for (const bad of [() => net.connect({}), () => net.connect({ port: 70000 }), () => net.createServer().listen({ port: -1 }), () => net.createServer(5), () => new net.Socket({ objectMode: true }), () => net.connect({ port: true })]) {
    try { bad(); console.log('no error'); } catch (e) { console.log(e.name, e.code, e.message); }
  }
  console.log(net.isIP('::1'), net.isIP('1.2.3.4'), net.isIP('1.2.3'), net.isIPv6('fe80::1%eth0'), net.isIPv4('256.1.1.1'));
  const list = new net.BlockList();
  list.addSubnet('10.0.0.0', 8);
  list.addRange('192.168.1.1', '192.168.1.9');
  console.log(list.check('10.1.2.3'), list.check('192.168.1.10'), list.check('::ffff:10.0.0.1', 'ipv6'), list.rules);
})();
