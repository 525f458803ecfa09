/** tls.createSecureContext: certificates, keys, authorities and limits as a native context that connections share. */
const native = require('tls_native');
const { codes } = require('errors');
const { validateString } = require('validators');

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const defaults = { min: 'TLSv1.2', max: 'TLSv1.3' };

const isBytes = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

/** Text or memory as the native side takes it. */
function text(value, name) {
  if (typeof value === 'string') return value;
  if (!isBytes(value)) throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'TypedArray', 'DataView'], value);
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
}

const list = (value) => (value === undefined || value === null || value === false ? [] : [].concat(value));

/** Certificates and keys in turn; the passphrase of a key that stands with it. */
function pairsOf(options, path) {
  const keys = list(options.key);
  const certs = list(options.cert);
  let { passphrase } = options;
  const pairs = [];
  keys.forEach((given, i) => {
    const own = given !== null && typeof given === 'object' && !isBytes(given) && given.pem !== undefined;
    if (own && given.passphrase !== undefined) ({ passphrase } = given);
    const key = text(own ? given.pem : given, `${path}.key`);
    const cert = certs[i] ?? certs[0];
    if (cert !== undefined) pairs.push(text(cert, `${path}.cert`), key);
  });
  for (const cert of certs) text(cert, `${path}.cert`);
  return [pairs, passphrase];
}

/** The limits of options, or of an old name such as TLSv1_2_method. */
function versions(options) {
  const { minVersion, maxVersion, secureProtocol } = options;
  if (secureProtocol) {
    if (minVersion !== undefined || maxVersion !== undefined) {
      throw new codes.ERR_TLS_PROTOCOL_VERSION_CONFLICT(minVersion ?? maxVersion, secureProtocol);
    }
    const parts = /^TLS(?:v1(_1|_2)?)?(?:_client|_server)?_method$/.exec(secureProtocol);
    if (!parts) throw new codes.ERR_TLS_INVALID_PROTOCOL_METHOD(`Unknown method: ${secureProtocol}`);
    if (!secureProtocol.startsWith('TLSv1')) return ['TLSv1', 'TLSv1.3'];
    const only = `TLSv1${(parts[1] || '').replace('_', '.')}`;
    return [only, only];
  }
  for (const [value, what] of [[minVersion, 'minimum'], [maxVersion, 'maximum']]) {
    if (value !== undefined && value !== null && !VERSIONS.includes(value)) throw new codes.ERR_TLS_INVALID_PROTOCOL_VERSION(value, what);
  }
  return [minVersion || defaults.min, maxVersion || defaults.max];
}

function extraAuthorities() {
  const path = process.env.NODE_EXTRA_CA_CERTS;
  if (!path) return undefined;
  try {
    return require('fs').readFileSync(path, 'latin1');
  } catch (err) {
    process.emitWarning(`Ignoring extra certs from \`${path}\`, load failed: ${err.message}`);
    return undefined;
  }
}

class SecureContext {
  constructor(options, path) {
    if (options.pfx) throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('tls option pfx (openssl pkcs12 makes cert and key of it)');
    if (options.crl) throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('tls option crl');
    if (options.ciphers !== undefined && options.ciphers !== null) validateString(options.ciphers, `${path}.ciphers`);
    if (options.passphrase !== undefined && options.passphrase !== null) validateString(options.passphrase, `${path}.passphrase`);
    const [min, max] = versions(options);
    const [pairs, passphrase] = pairsOf(options, path);
    const ca = list(options.ca).map((one) => text(one, `${path}.ca`));
    Object.defineProperty(this, 'context', {
      enumerable: true,
      value: native.context({ pairs, passphrase: passphrase ?? undefined, ca: ca.length > 0 ? ca : undefined, extra: extraAuthorities(), min, max, ciphers: options.ciphers }),
    });
  }
}

function createSecureContext(options = {}) { return new SecureContext(options ?? {}, 'options'); }

module.exports = { createSecureContext, SecureContext, defaults };
