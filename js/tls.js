/** The module "tls". */
const { createSecureContext, SecureContext, defaults } = require('tls_context');

let roots;

/** Protocols of ALPN as they travel, each behind its length, put into out.ALPNProtocols. */
function convertALPNProtocols(protocols, out) {
  const { Buffer } = require('buffer');
  if (Array.isArray(protocols)) {
    const parts = protocols.map((name, i) => {
      const bytes = Buffer.from(name);
      if (bytes.length > 255) {
        const { codes } = require('errors');
        throw new codes.ERR_OUT_OF_RANGE(`The byte length of the protocol at index ${i} exceeds the maximum length.`, '<= 255', bytes.length, true);
      }
      return Buffer.concat([Buffer.from([bytes.length]), bytes]);
    });
    out.ALPNProtocols = Buffer.concat(parts);
  } else if (ArrayBuffer.isView(protocols)) {
    out.ALPNProtocols = Buffer.from(protocols);
  }
}

module.exports = {
  CLIENT_RENEG_LIMIT: 3,
  CLIENT_RENEG_WINDOW: 600,
  DEFAULT_CIPHERS: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:'
    + 'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-CHACHA20-POLY1305',
  DEFAULT_ECDH_CURVE: 'auto',
  get DEFAULT_MIN_VERSION() { return defaults.min; },
  set DEFAULT_MIN_VERSION(value) { defaults.min = value; },
  get DEFAULT_MAX_VERSION() { return defaults.max; },
  set DEFAULT_MAX_VERSION(value) { defaults.max = value; },
  get rootCertificates() { return roots ??= Object.freeze(require('tls_native').roots()); },
  checkServerIdentity: require('tls_identity').checkServerIdentity,
  connect: (...args) => require('tls_connect').connect(...args),
  convertALPNProtocols,
  createSecureContext,
  createServer: (options, listener) => new (require('tls_server').Server)(options, listener),
  getCiphers: () => require('tls_native').ciphers(),
  SecureContext,
  get Server() { return require('tls_server').Server; },
  get TLSSocket() { return require('tls_socket'); },
};
