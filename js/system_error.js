/**
 * Errors of the operating system outside fs. A fault is what native functions report: [errno, code, sentence].
 */

/** "write EPIPE", with errno, code and syscall. */
function errnoException([errno, code, text], syscall, original) {
  if (errno === 0) return Object.assign(new Error(text), { code }); // of TLS
  const err = new Error(original ? `${syscall} ${code} ${original}` : `${syscall} ${code}`);
  return Object.assign(err, { errno, code, syscall });
}

const place = (address, port) => (port !== undefined && port !== null && port > 0 ? `${address}:${port}` : address || '');

/** "connect ECONNREFUSED 127.0.0.1:80 - Local (…)" */
function connectException([errno, code], address, port, local) {
  const where = place(address, port);
  const err = new Error(`connect ${code} ${where}${local ? ` - Local (${local})` : ''}`.trimEnd());
  Object.assign(err, { errno, code, syscall: 'connect', address });
  if (port) err.port = port;
  return err;
}

/** "listen EADDRINUSE: address already in use :::80" */
function listenException([errno, code, text], syscall, address, port) {
  const where = place(address, port);
  const err = new Error(`${syscall} ${code}: ${text}${where ? ` ${where}` : ''}`);
  Object.assign(err, { code, errno, syscall, address });
  if (port) err.port = port;
  return err;
}

/** "getaddrinfo ENOTFOUND host" */
function dnsException([errno, code], syscall, hostname) {
  const err = new Error(`${syscall} ${code}${hostname ? ` ${hostname}` : ''}`);
  Object.assign(err, { errno: syscall.startsWith('query') ? undefined : errno, code, syscall });
  if (hostname) err.hostname = hostname;
  return err;
}

module.exports = { errnoException, connectException, listenException, dnsException };
