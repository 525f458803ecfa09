/** The arguments of connect and listen. */
const { codes } = require('errors');

/** Whether text or a number can be a port. */
function isPort(port) {
  return (typeof port === 'number' || (typeof port === 'string' && port.trim() !== '')) && +port === +port >>> 0 && +port <= 0xffff;
}

function validatePort(port, name = 'Port', zero = true) {
  if (!isPort(port) || (port === 0 && !zero)) throw new codes.ERR_SOCKET_BAD_PORT(name, port, zero);
  return +port;
}

const isPipeName = (value) => typeof value === 'string' && !(Number(value) >= 0);

/** (options, cb), (port[, host], cb) and (path, cb) as [options, callback]. */
function normalize(args) {
  if (args.length === 0) return [{}, null];
  const first = args[0];
  let options = {};
  if (typeof first === 'object' && first !== null) options = first;
  else if (isPipeName(first)) options.path = first;
  else {
    options.port = first;
    if (args.length > 1 && typeof args[1] === 'string') options.host = args[1];
  }
  const last = args[args.length - 1];
  return [options, typeof last === 'function' ? last : null];
}

module.exports = { isPort, validatePort, normalize };
