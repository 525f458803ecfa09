// TLS on loopback: verdicts on certificates, names, protocols, sessions, authorities, keys; and what sockets show.
'use strict';
const fs = require('fs');
const net = require('net');
const path = require('path');
const tls = require('tls');
const { once } = require('events');

const read = (name) => fs.readFileSync(path.join(path.dirname(__filename), 'tls', `${name}.pem`));
const pair = (name) => ({ cert: read(`${name}-cert`), key: read(`${name}-key`) });
const ca = read('ca-cert');

const show = (what, fn) => {
  try {
    console.log(what, fn());
  } catch (err) {
    console.log(what, err.name, err.code, err.message);
  }
};

/** Starts a server that answers each line with the same in capitals. */
async function serve(options, onSecure = () => {}) {
  const server = tls.createServer(options, (socket) => {
    onSecure(socket);
    socket.on('error', () => {});
    socket.on('data', (d) => socket.write(String(d).toUpperCase()));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Connects, says hello, and resolves to what is worth knowing. */
function ask(server, options) {
  return new Promise((resolve) => {
    const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', ...options });
    let text = '';
    let session;
    socket.setEncoding('utf8');
    socket.on('session', (s) => { session = s; });
    let reused;
    socket.on('secureConnect', () => { reused = socket.isSessionReused(); socket.write('hello'); });
    socket.on('data', (d) => { text += d; socket.end(); });
    socket.on('error', (err) => { text = `${err.code}: ${err.message}`; });
    socket.on('close', () => resolve({ text, authorized: socket.authorized, error: socket.authorizationError, session, socket, reused }));
  });
}
const line = ({ text, authorized, error }) => console.log(JSON.stringify(text), authorized, error);

async function verdicts() {
  const good = await serve(pair('server'));
  line(await ask(good, { ca, servername: 'localhost' }));
  line(await ask(good, { ca }));
  line(await ask(good, { ca, servername: 'a.example.test' }));
  line(await ask(good, { ca, servername: 'a.b.example.test' }));
  line(await ask(good, { servername: 'localhost' }));
  line(await ask(good, { servername: 'localhost', rejectUnauthorized: false }));
  line(await ask(good, { ca, servername: 'wrong.test', rejectUnauthorized: false }));
  line(await ask(good, { ca, servername: 'any.test', checkServerIdentity: (host, cert) => { console.log('asked', host, cert.subject.CN); } }));
  line(await ask(good, { ca, servername: 'any.test', checkServerIdentity: () => Object.assign(new Error('no'), { code: 'MINE' }) }));
  good.close();
  for (const [name, options] of [['self', {}], ['self', { ca: read('self-cert') }], ['expired', { ca }], ['rsa', { ca, servername: 'rsa.example.test' }]]) {
    const server = await serve(pair(name));
    line(await ask(server, { servername: 'localhost', ...options }));
    server.close();
  }
  const chain = await serve({ key: read('server-key'), cert: Buffer.concat([read('server-cert'), ca]) });
  line(await ask(chain, { servername: 'localhost' }));
  chain.close();
}

async function choices() {
  const names = [];
  const server = await serve({ ...pair('server'), ALPNProtocols: ['b', 'a'] }, (s) => names.push(`${s.servername} ${s.alpnProtocol}`));
  server.addContext('rsa.example.test', pair('rsa'));
  const a = await ask(server, { ca, servername: 'localhost', ALPNProtocols: ['a'] });
  const b = await ask(server, { ca, servername: 'rsa.example.test', ALPNProtocols: ['x', 'a', 'b'] });
  line(a);
  line(b);
  console.log(names.join(', '), '-', a.socket.alpnProtocol, b.socket.alpnProtocol);
  server.close();
  const sni = await serve({ ...pair('server'), SNICallback: (name, done) => done(null, name.startsWith('rsa') ? tls.createSecureContext(pair('rsa')) : null) });
  line(await ask(sni, { ca, servername: 'rsa.example.test' }));
  line(await ask(sni, { ca, servername: 'localhost' }));
  sni.close();
  const older = await serve({ ...pair('rsa'), maxVersion: 'TLSv1.2' });
  const socket = tls.connect({ port: older.address().port, ca, servername: 'rsa.example.test', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  await once(socket, 'secureConnect');
  console.log(socket.getProtocol(), socket.getCipher());
  const cert = socket.getPeerCertificate(true);
  console.log(cert.subject, cert.issuer, cert.subjectaltname, cert.bits, cert.exponent, cert.valid_from, cert.valid_to, cert.serialNumber);
  console.log(cert.fingerprint.length, cert.fingerprint256.length, cert.raw.length > 500, cert.ca, cert.ext_key_usage);
  console.log(socket.exportKeyingMaterial(16, 'label', Buffer.alloc(0)).length, socket.encrypted, socket.remotePort === older.address().port);
  socket.destroy();
  line(await ask(older, { ca, minVersion: 'TLSv1.3', servername: 'rsa.example.test' }).then(({ text, ...rest }) => ({ text: text.split(':')[0], ...rest })));
  older.close();
}

async function clients() {
  const seen = [];
  const server = await serve({ ...pair('server'), ca, requestCert: true, rejectUnauthorized: false }, (s) => {
    seen.push(`${s.authorized} ${s.authorizationError} ${s.getPeerCertificate().subject?.CN}`);
  });
  line(await ask(server, { ca, servername: 'localhost', ...pair('client') }));
  line(await ask(server, { ca, servername: 'localhost' }));
  line(await ask(server, { ca, servername: 'localhost', ...pair('self') }));
  console.log(seen);
  server.close();
  const first = await serve(pair('server'));
  const one = await ask(first, { ca, servername: 'localhost' });
  const two = await ask(first, { ca, servername: 'localhost', session: one.session });
  console.log(one.session.length > 0, one.reused, two.reused, two.authorized);
  first.close();
}

async function sockets() {
  const server = await serve({ cert: read('server-cert'), key: read('server-key-encrypted'), passphrase: 'sesame' });
  const raw = net.connect(server.address().port, '127.0.0.1');
  await once(raw, 'connect');
  line(await ask(server, { socket: raw, ca, servername: 'localhost' }));
  line(await ask(server, { socket: net.connect(server.address().port, '127.0.0.1'), ca, servername: 'localhost' }));
  const big = Buffer.alloc(300000, 'x');
  const socket = tls.connect({ port: server.address().port, ca, servername: 'localhost' });
  socket.write(big);
  let size = 0;
  socket.on('data', (chunk) => {
    size += chunk.length;
    if (size === big.length) socket.end();
  });
  await once(socket, 'close');
  console.log(size, socket.destroyed);
  const failed = once(server, 'tlsClientError');
  const plain = net.connect(server.address().port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\n\r\n'));
  plain.on('error', () => {});
  plain.resume();
  console.log((await failed)[0] instanceof Error);
  plain.destroy();
  server.close();
  const closing = net.createServer((s) => s.end()).listen(0, '127.0.0.1');
  await once(closing, 'listening');
  line(await ask(closing, {}));
  closing.close();
  line(await ask(closing.once('x', () => {}) && { address: () => ({ port: 1 }) }, {}).then((r) => ({ ...r, text: r.text.split(':')[0] })));
}

async function main() {
  await verdicts();
  await choices();
  await clients();
  await sockets();
  show('key', () => tls.createSecureContext({ key: 1 }));
  show('cert', () => tls.createSecureContext({ cert: {} }));
  show('mismatch', () => tls.createSecureContext({ cert: read('server-cert'), key: read('client-key') }));
  show('version', () => tls.createSecureContext({ minVersion: 'x' }));
  show('conflict', () => tls.createSecureContext({ minVersion: 'TLSv1.2', secureProtocol: 'TLSv1_2_method' }));
  show('no name', () => tls.createServer().addContext('', {}));
  show('listener', () => tls.createServer({ SNICallback: 1 }));
  const cert = (subjectaltname, CN) => ({ subject: { CN }, subjectaltname });
  for (const [host, ...of] of [['a.com', 'DNS:a.com'], ['b.com', 'DNS:*.com'], ['x.a.com', 'DNS:*.a.com, DNS:c.com'], ['x.y.a.com', 'DNS:*.a.com'], ['a.com', '', 'a.com'],
    ['b.com', undefined, 'a.com'], ['127.0.0.1', 'IP Address:127.0.0.1'], ['127.0.0.2', 'IP Address:127.0.0.1'], ['::1', 'IP Address:0:0:0:0:0:0:0:1'], ['a.com', 'IP Address:1.2.3.4'],
    ['foobar.a.com', 'DNS:foo*.a.com'], ['A.com.', 'DNS:a.com'], ['a.com', undefined, undefined]]) {
    show(host, () => { const err = tls.checkServerIdentity(host, cert(...of)); return err ? `${err.code} ${err.reason}` : 'ok'; });
  }
  console.log(tls.getCiphers().includes('tls_aes_128_gcm_sha256'), tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION);
}
main();
