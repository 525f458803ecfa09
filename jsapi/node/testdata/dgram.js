// Sockets of UDP: sending in all forms, addresses, connecting, groups, options, errors, closing.
'use strict';
const dgram = require('dgram');
const { once } = require('events');

const show = (what, fn) => {
  try {
    console.log(what, fn());
  } catch (err) {
    console.log(what, err.name, err.code, err.message);
  }
};
const bound = async (socket, ...args) => {
  socket.bind(...args);
  await once(socket, 'listening');
  return socket.address().port;
};

async function main() {
  for (const type of ['udp5', null, {}, undefined]) show('type', () => dgram.createSocket(type));
  show('lookup', () => dgram.createSocket({ type: 'udp4', lookup: 1 }));
  const server = dgram.createSocket('udp4');
  for (const what of ['address', 'getRecvBufferSize', 'remoteAddress', 'disconnect']) show(what, () => server[what]());
  show('unbound ttl', () => server.setTTL(3));
  show('unbound broadcast', () => server.setBroadcast(true));
  const port = await bound(server, 0, '127.0.0.1');
  console.log({ ...server.address(), port: typeof port });
  show('again', () => server.bind(0));

  const client = dgram.createSocket('udp4', () => {});
  const forms = [
    [Buffer.from('plain')], ['text'], [['a', Buffer.from('b'), new Uint8Array([99])]], [Buffer.from('0123456789'), 2, 3],
    ['0123456789', 4, 2], [new DataView(new ArrayBuffer(3))], [''], [[]],
  ];
  for (const form of forms) {
    const came = once(server, 'message');
    const sent = new Promise((resolve) => { client.send(...form, port, '127.0.0.1', (err, bytes) => resolve([err, bytes])); });
    const [message, info] = await came;
    console.log(JSON.stringify(message.toString()), ...(await sent), info.address, info.family, info.size, info.port === client.address().port);
  }
  server.once('message', (message, { address, port: from }) => server.send(message, from, address));
  const echo = once(client, 'message');
  client.send('echo', port);
  console.log(String((await echo)[0]));

  show('no message', () => client.send());
  show('number', () => client.send(23, port));
  show('list', () => client.send([1], port));
  show('port 0', () => client.send('x', 0, '127.0.0.1'));
  show('port', () => client.send('x', 65536, '127.0.0.1'));
  show('address', () => client.send('x', port, 5));
  show('offset', () => client.send(Buffer.alloc(4), 5, 0, port, '127.0.0.1'));
  show('length', () => client.send(Buffer.alloc(4), 2, 3, port, '127.0.0.1'));
  const long = await new Promise((resolve) => { client.send(Buffer.alloc(70000), port, '127.0.0.1', resolve); });
  console.log(long.code, long.syscall, long.address, long.port === port);

  const fixed = dgram.createSocket('udp4');
  fixed.connect(port, '127.0.0.1');
  show('twice', () => fixed.connect(port));
  await once(fixed, 'connect');
  console.log({ ...fixed.remoteAddress(), port: fixed.remoteAddress().port === port });
  const direct = once(server, 'message');
  console.log('sent', await new Promise((resolve) => { fixed.send('connected', (err, bytes) => resolve([err, bytes])); }));
  console.log(String((await direct)[0]));
  show('elsewhere', () => fixed.send('x', port, '127.0.0.1'));
  fixed.disconnect();
  show('no more', () => fixed.remoteAddress());

  console.log(server.setTTL(16), server.setMulticastTTL(8), server.setMulticastLoopback(true), server.setBroadcast(true));
  for (const [name, value] of [['setTTL', 0], ['setTTL', 'x'], ['setMulticastTTL', 256], ['setMulticastInterface', 'x'], ['setMulticastInterface', 1],
    ['setRecvBufferSize', -1], ['addMembership', undefined], ['addMembership', '256.1.1.1'], ['dropMembership', '127.0.0.1']]) show(name, () => server[name](value));
  server.setRecvBufferSize(8192);
  console.log(server.getRecvBufferSize() >= 8192, server.getSendBufferSize() > 0, server.getSendQueueSize(), server.getSendQueueCount());

  const taken = dgram.createSocket('udp4');
  taken.bind(port, '127.0.0.1');
  const [err] = await once(taken, 'error');
  console.log(err.code, err.syscall, err.address, err.port === port, err.message.replace(port, 'PORT'));
  taken.bind({ port: 0, address: '127.0.0.1', exclusive: true }, () => { console.log('bound after all'); taken.close(); });
  await once(taken, 'close');

  const controller = new AbortController();
  const aborted = dgram.createSocket({ type: 'udp4', signal: controller.signal });
  controller.abort();
  await once(aborted, 'close');
  for (const what of ['close', 'address', 'send']) show(what, () => aborted[what]('x', port));
  const quiet = dgram.createSocket('udp4');
  quiet.unref();
  await bound(quiet, 0);
  for (const socket of [server, client, fixed]) socket.close(() => console.log('closed'));
}
main();
