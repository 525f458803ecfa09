/** https.Agent: connections under TLS for several requests, and their sessions for the next connection. */
const http = require('http_agent');

function Agent(options) {
  if (!(this instanceof Agent)) return new Agent(options);
  const given = { __proto__: null, ...options };
  http.Agent.call(this, given);
  this.defaultPort = 443;
  this.protocol = 'https:';
  this.maxCachedSessions = this.options.maxCachedSessions === undefined ? 100 : this.options.maxCachedSessions;
  Object.defineProperty(this, '_sessions', { value: new Map() }); // by name, the oldest first
  return undefined;
}
Object.setPrototypeOf(Agent.prototype, http.Agent.prototype);
Object.setPrototypeOf(Agent, http.Agent);

/** The options that make two connections differ, in the order of their names' parts. */
const PARTS = ['ca', 'cert', 'clientCertEngine', 'ciphers', 'key', 'pfx', 'rejectUnauthorized', 'servername', 'minVersion', 'maxVersion', 'secureProtocol',
  'crl', 'honorCipherOrder', 'ecdhCurve', 'dhparam', 'secureOptions', 'sessionIdContext', 'sigalgs', 'privateKeyIdentifier', 'privateKeyEngine'];

Object.assign(Agent.prototype, {
  createConnection(port, host, options) {
    let all = {};
    for (const arg of [port, host, options]) if (arg !== null && typeof arg === 'object') all = { ...all, ...arg };
    if (typeof port === 'number' || typeof port === 'string') all.port = port;
    if (typeof host === 'string') all.host = host;
    const key = all._agentKey;
    const session = key && all.session === undefined ? this._sessions.get(key) : undefined;
    if (session) all.session = session;
    const socket = require('tls').connect(all);
    if (key) {
      socket.on('session', (fresh) => this._keep(key, fresh));
      socket.once('close', (failed) => { if (failed) this._sessions.delete(key); });
    }
    return socket;
  },

  getName(options = {}) {
    let name = http.Agent.prototype.getName.call(this, options);
    for (const part of PARTS) {
      name += ':';
      const value = options[part];
      if (value === undefined || value === null || value === '') continue;
      if (part === 'servername' && value === options.host) continue;
      name += typeof value === 'object' && !ArrayBuffer.isView(value) ? JSON.stringify(value) : value;
    }
    return name;
  },

  _keep(key, session) {
    if (this.maxCachedSessions === 0) return;
    this._sessions.delete(key);
    if (this._sessions.size >= this.maxCachedSessions) this._sessions.delete(this._sessions.keys().next().value);
    this._sessions.set(key, session);
  },
});

module.exports = { Agent, globalAgent: new Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 }) };
