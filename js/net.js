/** The module "net". */
const Socket = require('net_socket');
const Server = require('net_server');
const { isIP, isIPv4, isIPv6 } = require('net_ip');
const { normalize } = require('net_args');
const { validateBoolean, validateInt32 } = require('validators');

let autoSelectFamily = true;
let attemptTimeout = 250; // milliseconds

function connect(...args) {
  const normalized = normalize(args);
  const [options] = normalized;
  const socket = new Socket(options);
  if (options.timeout) socket.setTimeout(options.timeout);
  return socket.connect(normalized);
}

module.exports = {
  _normalizeArgs: normalize,
  get BlockList() { return require('net_blocklist').BlockList; },
  get SocketAddress() { return require('net_blocklist').SocketAddress; },
  connect,
  createConnection: connect,
  createServer: (options, listener) => new Server(options, listener),
  isIP,
  isIPv4,
  isIPv6,
  Server,
  Socket,
  Stream: Socket,
  getDefaultAutoSelectFamily: () => autoSelectFamily,
  setDefaultAutoSelectFamily(value) {
    validateBoolean(value, 'value');
    autoSelectFamily = value;
  },
  getDefaultAutoSelectFamilyAttemptTimeout: () => attemptTimeout,
  setDefaultAutoSelectFamilyAttemptTimeout(value) {
    validateInt32(value, 'value', 1);
    attemptTimeout = Math.max(10, value);
  },
};
