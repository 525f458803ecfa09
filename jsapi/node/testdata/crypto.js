// The module crypto: what it computes is node's, and what it refuses it refuses in node's words.
const crypto = require('crypto');

function said(fn) {
  try {
    return fn();
  } catch (err) {
    return `${err.name} ${err.code}: ${err.message}`;
  }
}

console.log('digests');
for (const name of ['md5', 'sha1', 'SHA256', 'RSA-SHA512', 'sha3-256', 'sha512-256', 'blake2b512', 'ripemd160', 'shake128']) {
  console.log(name, crypto.createHash(name).update('abc').update(Buffer.from('def')).digest('hex'));
}
console.log(crypto.createHash('shake256', { outputLength: 5 }).update('a').digest('hex'), crypto.createHash('sha1').copy().digest('base64url'));
console.log(crypto.createHmac('sha256', 'key').update('ff', 'hex').digest('base64'), crypto.createHmac('sha1', crypto.createSecretKey('6b', 'hex')).digest('hex'));
console.log(said(() => crypto.createHash('nope')));
console.log(said(() => crypto.createHmac('nope', 'k')));
console.log(said(() => crypto.createHash('sha1').update(5)));
console.log(said(() => { const h = crypto.createHash('sha1'); h.digest(); h.update('a'); }));

console.log('derivation');
console.log(crypto.pbkdf2Sync('p', 's', 1000, 16, 'sha256').toString('hex'), crypto.scryptSync('p', 's', 16).toString('hex'));
console.log(crypto.scryptSync('p', 's', 8, { N: 1024, r: 4, p: 2 }).toString('hex'), Buffer.from(crypto.hkdfSync('sha256', 'k', 's', 'i', 16)).toString('hex'));
console.log(said(() => crypto.scryptSync('p', 's', 8, { N: 3 })));
console.log(said(() => crypto.pbkdf2Sync('p', 's', 0, 8, 'sha1')));
console.log(said(() => crypto.pbkdf2Sync('p', 's', 1, 8, 'nope')));

console.log('ciphers');
for (const [name, size, start] of [['aes-256-cbc', 32, 16], ['aes-128-ctr', 16, 16], ['aes-192-ofb', 24, 16], ['aes-128-cfb', 16, 16],
  ['aes-128-cfb8', 16, 16], ['aes-256-ecb', 32, 0], ['des-ede3-cbc', 24, 8]]) {
  const key = Buffer.alloc(size, 'key');
  const iv = start ? Buffer.alloc(start, 'iv') : null;
  const c = crypto.createCipheriv(name, key, iv);
  const text = c.update('häh, this is longer than ', 'utf8', 'hex') + c.update('one block', 'utf8', 'hex') + c.final('hex');
  const d = crypto.createDecipheriv(name, key, iv);
  console.log(name, text, d.update(text, 'hex', 'utf8') + d.final('utf8'));
}
for (const [name, size, start] of [['aes-128-gcm', 16, 12], ['aes-256-gcm', 32, 7], ['chacha20-poly1305', 32, 12]]) {
  const key = Buffer.alloc(size, 'key');
  const iv = Buffer.alloc(start, 'iv');
  const c = crypto.createCipheriv(name, key, iv, { authTagLength: 16 });
  c.setAAD(Buffer.from('more'));
  const text = Buffer.concat([c.update('some text that is longer'), c.update(' than one block'), c.final()]);
  const tag = c.getAuthTag();
  const d = crypto.createDecipheriv(name, key, iv, { authTagLength: 16 }).setAAD(Buffer.from('more')).setAuthTag(tag);
  console.log(name, text.toString('base64'), tag.toString('hex'), Buffer.concat([d.update(text), d.final()]).toString());
  const bad = crypto.createDecipheriv(name, key, iv, { authTagLength: 16 }).setAuthTag(tag);
  bad.update(text);
  console.log(said(() => bad.final()));
}
console.log(said(() => crypto.createCipheriv('nope', 'k', 'i')));
console.log(said(() => crypto.createCipheriv('aes-128-cbc', 'short', Buffer.alloc(16))));
console.log(said(() => crypto.createCipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(3))));
console.log(said(() => crypto.createDecipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)).final()));
console.log(crypto.getCipherInfo('aes-256-gcm'), crypto.getCipherInfo('aes-128-cbc', { ivLength: 3 }), crypto.getCipherInfo(419).name);

console.log('keys');
const pem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo
-----END PRIVATE KEY-----
`;
const ed = crypto.createPrivateKey(pem);
console.log(ed.type, ed.asymmetricKeyType, ed.export({ format: 'jwk' }), crypto.createPublicKey(ed).export({ type: 'spki', format: 'pem' }));
console.log(crypto.sign(null, Buffer.from('text'), ed).toString('hex'));
for (const [type, options, digest] of [['rsa', { modulusLength: 1024 }, 'sha256'], ['rsa-pss', { modulusLength: 1024 }, 'sha256'],
  ['ec', { namedCurve: 'P-256' }, 'sha384'], ['ed25519', undefined, null]]) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync(type, options);
  const signature = crypto.sign(digest, Buffer.from('text'), privateKey);
  const again = crypto.createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
  const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' });
  console.log(type, publicKey.asymmetricKeyDetails, again.equals(publicKey), again.asymmetricKeyType,
    crypto.verify(digest, Buffer.from('text'), again, signature), crypto.verify(digest, Buffer.from('other'), again, signature),
    locked.split('\n')[0], crypto.createPrivateKey({ key: locked, passphrase: 'open' }).equals(privateKey),
    said(() => crypto.createPrivateKey({ key: locked, passphrase: 'shut' })).split(':')[0]);
}
const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 1024, publicKeyEncoding: { type: 'pkcs1', format: 'pem' }, privateKeyEncoding: { type: 'pkcs1', format: 'pem' } });
console.log(publicKey.split('\n')[0], privateKey.split('\n')[0], crypto.privateDecrypt(privateKey, crypto.publicEncrypt(publicKey, Buffer.from('kept'))).toString(),
  crypto.publicDecrypt(publicKey, crypto.privateEncrypt(privateKey, Buffer.from('shown'))).toString());
console.log(crypto.createVerify('RSA-SHA256').update('a').update('b').verify(publicKey, crypto.createSign('RSA-SHA256').update('ab').sign(privateKey, 'hex'), 'hex'));
console.log(said(() => crypto.createPrivateKey('nope')), said(() => crypto.generateKeyPairSync('nope')));

console.log('agreement');
const [a, b] = [crypto.createECDH('prime256v1'), crypto.createECDH('prime256v1')];
a.setPrivateKey('01'.repeat(32), 'hex');
b.generateKeys();
console.log(a.getPublicKey('hex', 'compressed'), a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey('hex', 'compressed'), 'hex')));
const [c, d] = [crypto.getDiffieHellman('modp2'), crypto.createDiffieHellmanGroup('modp2')];
c.generateKeys();
d.generateKeys();
console.log(c.getPrime('hex').slice(0, 40), c.getPrime('hex').slice(-40), c.computeSecret(d.getPublicKey()).equals(d.computeSecret(c.getPublicKey())));
console.log(said(() => crypto.createECDH('nope')), said(() => crypto.getDiffieHellman('nope')));

console.log('random');
console.log(crypto.randomBytes(5).length, crypto.randomInt(3) < 3, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/.test(crypto.randomUUID()));
console.log(said(() => crypto.randomBytes(-1)), said(() => crypto.randomInt(5, 5)), said(() => crypto.timingSafeEqual(Buffer.alloc(1), Buffer.alloc(2))));
console.log(crypto.checkPrimeSync(97n), crypto.checkPrimeSync(91n), crypto.generatePrimeSync(20, { bigint: true, safe: true }) % 2n);

(async () => {
  const { subtle } = globalThis.crypto;
  console.log('web', globalThis.crypto === crypto.webcrypto, Object.prototype.toString.call(subtle));
  const secret = await subtle.importKey('raw', Buffer.alloc(16, 1), 'AES-CBC', true, ['decrypt', 'encrypt']);
  console.log(secret, Buffer.from(await subtle.encrypt({ name: 'aes-cbc', iv: Buffer.alloc(16) }, secret, Buffer.from('text'))).toString('hex'));
  console.log(await subtle.exportKey('jwk', secret));
  const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
  const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, Buffer.from('m'));
  console.log(signature.byteLength, await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, pair.publicKey, signature, Buffer.from('m')), pair.publicKey.usages);
  const base = await subtle.importKey('raw', Buffer.from('pw'), 'PBKDF2', false, ['deriveBits', 'deriveKey']);
  const derived = { name: 'PBKDF2', hash: 'SHA-256', salt: Buffer.from('s'), iterations: 10 };
  console.log(Buffer.from(await subtle.deriveBits(derived, base, 128)).toString('hex'), (await subtle.deriveKey(derived, base, { name: 'HMAC', hash: 'SHA-1' }, true, ['sign'])).algorithm);
  for (const wrong of [() => subtle.importKey('raw', Buffer.alloc(16), 'AES-CBC', true, []), () => subtle.sign('HMAC', secret, Buffer.alloc(1)), () => subtle.digest('nope', Buffer.alloc(1))]) {
    await wrong().catch((err) => console.log(err.name));
  }
  await new Promise((resolve) => { crypto.pbkdf2('p', 's', 1, 8, 'sha1', (err, key) => resolve(console.log(err, key.toString('hex')))); });
  await new Promise((resolve) => { crypto.generateKeyPair('x25519', undefined, (err, open, shut) => resolve(console.log(err, open.type, shut.asymmetricKeyType))); });
  crypto.createHash('md5').end('streamed').on('readable', function read() { const sum = this.read(); if (sum) console.log(sum.toString('hex')); });
})();
