/** Socket.prototype.connect: from a name to a connection, trying its addresses one after the other. */
const native = require('net_native');
const { codes } = require('errors');
const { validateFunction, validateString, validateInt32 } = require('validators');
const { normalize, validatePort } = require('net_args');
const { isIP } = require('net_ip');
const { connectException } = require('system_error');

function connect(socket, args) {
  const [options, callback] = Array.isArray(args[0]) ? args[0] : normalize(args);
  const { path } = options;
  if (callback !== null) socket.once('connect', callback);
  if (path === undefined || path === null) {
    if (options.port === undefined) throw new codes.ERR_MISSING_ARGS(['options', 'port', 'path']);
    if (typeof options.port !== 'number' && typeof options.port !== 'string') {
      throw new codes.ERR_INVALID_ARG_TYPE('options.port', ['number', 'string'], options.port);
    }
  }
  if (socket.write !== socket.constructor.prototype.write) delete socket.write;
  if (socket.destroyed) {
    socket._undestroy();
    socket._handle = null;
    socket._peername = null;
    socket._sockname = null;
  }
  if (options.noDelay) socket._noDelay = true;
  if (options.keepAlive) socket._keepAlive = options.keepAliveInitialDelay || 0;
  socket.connecting = true;
  if (path !== undefined && path !== null) {
    validateString(path, 'options.path');
    attempt(socket, [{ path }], options, []);
  } else {
    lookup(socket, options);
  }
  return socket;
}

function lookup(socket, options) {
  const { localAddress, localPort } = options;
  const host = options.host || 'localhost';
  if (localAddress !== undefined && localAddress !== null && !isIP(localAddress)) throw new codes.ERR_INVALID_IP_ADDRESS(localAddress);
  if (localPort) {
    if (typeof localPort !== 'number') throw new codes.ERR_INVALID_ARG_TYPE('options.localPort', 'number', localPort);
    validatePort(localPort, 'options.localPort');
  }
  const port = validatePort(options.port, 'Port');
  if (options.lookup !== undefined && options.lookup !== null) validateFunction(options.lookup, 'options.lookup');
  if (options.autoSelectFamilyAttemptTimeout !== undefined) validateInt32(options.autoSelectFamilyAttemptTimeout, 'options.autoSelectFamilyAttemptTimeout', 1);
  if (options.autoSelectFamily !== undefined) require('validators').validateBoolean(options.autoSelectFamily, 'options.autoSelectFamily');
  const family = isIP(host);
  if (family) {
    process.nextTick(() => { if (socket.connecting) attempt(socket, [{ host, port, family }], options, []); });
    return;
  }
  const ask = options.lookup || ((...args) => require('dns').lookup(...args));
  const many = options.autoSelectFamily !== false && options.family !== 4 && options.family !== 6 && !localAddress;
  const query = { family: options.family || (localAddress ? isIP(localAddress) : 0), hints: options.hints || 0 };
  if (many) query.all = true;
  socket._host = host;
  // A name keeps the process alive while it is looked up; the resolver's promise does.
  ask(host, query, (err, found, foundFamily) => {
    const list = Array.isArray(found) ? found : [{ address: found, family: foundFamily }];
    socket.emit('lookup', err, list[0] && list[0].address, list[0] && list[0].family, host);
    if (!socket.connecting) return;
    if (err) {
      process.nextTick(() => socket.destroy(err));
      return;
    }
    const targets = [];
    for (const { address, family: kind } of list) {
      if (!isIP(address)) {
        if (targets.length === 0 && list.length === 1) {
          process.nextTick(() => socket.destroy(Object.assign(new codes.ERR_INVALID_IP_ADDRESS(address), { host, port })));
          return;
        }
      } else if (kind !== 4 && kind !== 6 && kind !== 'IPv4' && kind !== 'IPv6') {
        process.nextTick(() => socket.destroy(Object.assign(new codes.ERR_INVALID_ADDRESS_FAMILY(kind, host, port), { host, port })));
        return;
      } else {
        targets.push({ host: address, port, family: kind });
      }
    }
    attempt(socket, targets, options, []);
  });
}

/** Tries the first target; when that fails, the next. */
function attempt(socket, targets, options, errors) {
  const [target, ...rest] = targets;
  const { localAddress, localPort } = options;
  const { host: address, port, path } = target;
  if (address && options.blockList && options.blockList.check(address, `ipv${isIP(address)}`)) {
    socket.destroy(new codes.ERR_IP_BLOCKED(address));
    return;
  }
  socket.emit('connectionAttempt', address, port, isIP(address || ''));
  const handle = {
    onconnect(fault) {
      socket._connectAbort = undefined;
      if (!socket.connecting) return;
      if (fault === undefined) {
        connected(socket, id);
        return;
      }
      native.close(id);
      const local = localAddress || localPort ? `${localAddress || ''}:${localPort || 0}` : undefined;
      const err = connectException(fault, path ?? address, port, local);
      if (local && localAddress) err.localAddress = localAddress;
      if (local && localPort) err.localPort = localPort;
      socket.emit('connectionAttemptFailed', address, port, isIP(address || ''), err);
      errors.push(err);
      if (rest.length > 0) attempt(socket, rest, options, errors);
      else socket.destroy(errors.length === 1 ? err : joined(errors));
    },
  };
  const id = native.connect(handle, path !== undefined ? { path } : { host: address, port, localAddress, localPort });
  if (socket._unrefd) native.ref(id, false);
  socket._connectAbort = () => native.close(id);
  socket._handle ??= null;
}

function joined(errors) {
  const err = new AggregateError(errors);
  err.code = errors[0].code;
  return err;
}

function connected(socket, id) {
  socket._attach(id);
  socket.connecting = false;
  socket._sockname = null;
  if (socket._timer) socket._timer.refresh();
  socket.emit('connect');
  socket.emit('ready');
  if (socket.readable && !socket.isPaused() && !socket.destroyed) socket.read(0);
}

module.exports = { connect };
