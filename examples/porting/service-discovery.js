// Services that find each other by signed packets of UDP and answer by TCP, then process.exit:  sc run service-discovery.js
// Prints: math.add 5, math.mul 6, forged packets dropped: 1, id of 16 hex: true, same host: true, loopback seen: true
const crypto = require('crypto');
const dgram = require('dgram');
const net = require('net');
const os = require('os');

const KEY = 'a key that both know';
const sign = (text, key) => crypto.createHmac('sha256', key).update(text).digest('hex');

/** A service announces name, id, host and port to target, signed with key, until it is stopped. */
function announce(service, target, key) {
  const socket = dgram.createSocket('udp4');
  const text = JSON.stringify(service);
  const packet = Buffer.from(`${sign(text, key)} ${text}`);
  const send = () => socket.send(packet, target, '127.0.0.1');
  const timer = setInterval(send, 20);
  send();
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

function call(port, method, ...args) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.end(JSON.stringify({ method, args })));
    let text = '';
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('end', () => resolve(`${method} ${text}`)).on('error', reject);
  });
}

const actions = { 'math.add': (a, b) => a + b, 'math.mul': (a, b) => a * b };
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let text = '';
  socket.on('data', (chunk) => { text += chunk; });
  socket.on('end', () => {
    const { method, args } = JSON.parse(text);
    socket.end(String(actions[method](...args)));
  });
});

const finder = dgram.createSocket('udp4');
const forged = new Set();
const found = new Promise((resolve) => finder.on('message', (packet) => {
  const [mac, text] = [packet.slice(0, 64).toString(), packet.slice(65).toString()];
  const service = JSON.parse(text);
  const good = crypto.timingSafeEqual(Buffer.from(mac), Buffer.from(sign(text, KEY)));
  if (!good) forged.add(service.id);
  else if (forged.size > 0) resolve(service);
}));
server.listen(0, '127.0.0.1', () => finder.bind(0, '127.0.0.1', async () => {
  const service = { id: crypto.randomBytes(8).toString('hex'), host: os.hostname(), port: server.address().port };
  const target = finder.address().port;
  announce(service, target, KEY);
  announce({ ...service, port: 1 }, target, 'another key');
  const { id, host, port } = await found;
  const said = [await call(port, 'math.add', 2, 3), await call(port, 'math.mul', 2, 3)];
  const loopback = Object.values(os.networkInterfaces()).flat().some((i) => i.internal && i.address === '127.0.0.1');
  console.log(`${said.join(', ')}, forged packets dropped: ${forged.size}, id of 16 hex: ${/^[0-9a-f]{16}$/.test(id)}, same host: ${host === os.hostname()}, loopback seen: ${loopback}`);
  process.exit();
}));
