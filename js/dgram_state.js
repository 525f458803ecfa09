/** What a socket of dgram keeps, out of its user's sight. */
const { codes } = require('errors');

const kState = Symbol('state');

/** The state of a socket that is not closed. */
function running(socket) {
  const state = socket[kState];
  if (state.closed) throw new codes.ERR_SOCKET_DGRAM_NOT_RUNNING();
  return state;
}

/** What the native side knows of a bound socket, undefined before: {id}. */
function nativeOf(socket) {
  const { id } = socket[kState];
  return id === undefined ? undefined : { id };
}

module.exports = { kState, running, nativeOf };
