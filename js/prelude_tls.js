/** tls in a task that may reach hosts: connections out, checked by the worker's own list of authorities. */
const { Socket } = require('prelude_net');

class TLSSocket extends Socket {
  constructor(options) {
    super(options);
    this.encrypted = true;
    this.authorized = options?.rejectUnauthorized !== false;
    Object.defineProperty(this, 'secure', { value: true });
  }

  getProtocol() { return this.tlsVersion ? this.tlsVersion.replace('TLS ', 'TLSv').replace('.0', '') : null; }
}

const connect = (...args) => new TLSSocket(typeof args[0] === 'object' ? args[0] : args[2]).connect(...args);

module.exports = { TLSSocket, connect };
