/** What TLSSocket shows of certificates. */
const { Buffer } = require('buffer');
const native = require('tls_native');

const FastBuffer = Buffer[Symbol.species];
const bare = (object) => Object.assign(Object.create(null), object);

/** One certificate with Buffers in the place of memory. */
function shown(facts) {
  facts.subject = bare(facts.subject);
  facts.issuer = bare(facts.issuer);
  if (facts.infoAccess) facts.infoAccess = bare(facts.infoAccess);
  for (const name of ['pubkey', 'raw']) if (facts[name]) facts[name] = new FastBuffer(facts[name]);
  return facts;
}

const sameName = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The other side's certificate; detailed: with its issuers, as far as they were shown. */
function peer(socket, detailed) {
  if (!socket._handle) return null;
  const chain = native.peer(socket._handle.id).map(shown);
  if (chain.length === 0) return {};
  if (!detailed) return chain[0];
  for (const cert of chain) {
    const issuer = sameName(cert.subject, cert.issuer) ? cert : chain.find((one) => one !== cert && sameName(one.subject, cert.issuer));
    if (issuer) cert.issuerCertificate = issuer;
  }
  return chain[0];
}

/** The certificate of this side's context. */
function own(context) {
  const facts = context && native.local(context.context);
  return facts ? shown(facts) : {};
}

module.exports = { peer, own };
