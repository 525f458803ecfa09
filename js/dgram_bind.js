/** How a socket of dgram gets its address, and its other side. */
const native = require('dgram_native');
const { codes } = require('errors');
const { errnoException } = require('system_error');
const { validateFunction } = require('validators');
const { validatePort } = require('net_args');
const { isIP } = require('net_ip');
const { kState, running } = require('dgram_state');

/** "bind EADDRINUSE 0.0.0.0:80" */
function hostException([errno, code], syscall, address, port) {
  const err = new Error(`${syscall} ${code}${address ? ` ${address}${port > 0 ? `:${port}` : ''}` : ''}`);
  Object.assign(err, { errno, code, syscall, address });
  if (port) err.port = port;
  return err;
}

/** Finds the address of a name by the socket's own lookup, or dns.lookup. */
function resolve(socket, address, callback) {
  const family = socket.type === 'udp4' ? 4 : 6;
  const ask = socket[kState].lookup ?? require('dns').lookup;
  ask(address || (family === 4 ? '127.0.0.1' : '::1'), family, callback);
}

/** Calls then once the socket is bound. */
function enqueue(socket, then) {
  const state = socket[kState];
  if (state.queue === undefined) {
    state.queue = [];
    const done = () => {
      socket.removeListener('listening', done);
      socket.removeListener('error', failed);
      const { queue } = state;
      state.queue = undefined;
      for (const next of queue) next();
    };
    const failed = () => {
      socket.removeListener('listening', done);
      socket.removeListener('error', failed);
      state.queue = undefined;
    };
    socket.once('listening', done);
    socket.once('error', failed);
  }
  state.queue.push(then);
}

/** Takes the native socket id. */
function bound(socket, id) {
  const state = socket[kState];
  state.id = id;
  if (state.unref) native.ref(id, false);
  state.bind = 'done';
  native.start(id);
  if (state.recvBufferSize) socket.setRecvBufferSize(state.recvBufferSize);
  if (state.sendBufferSize) socket.setSendBufferSize(state.sendBufferSize);
  socket.emit('listening');
}

function open(socket, host, port, fd) {
  const state = socket[kState];
  if (state.id !== undefined) return [undefined, [-22, 'EINVAL']]; // bound by joining a group
  return native.open(state.handle, socket.type, host, port, state.reuseAddr, state.reusePort, state.ipv6Only, fd);
}

function failed(socket, fault, address, port) {
  socket[kState].bind = 'none';
  socket.emit('error', hostException(fault, 'bind', address, port));
}

/** Binds as the primary of a cluster says, so that the workers share the address. */
function bindShared(socket, address, port) {
  const state = socket[kState];
  const where = { udp: socket.type, host: address, port: port || 0, reuseAddr: state.reuseAddr, reusePort: state.reusePort, ipv6Only: state.ipv6Only };
  require('cluster_role').share(socket, where, (fault, taken) => {
    if (fault) {
      if (!state.closed) failed(socket, fault, address, port);
      return;
    }
    if (state.closed) {
      native.close(taken.id);
      return;
    }
    taken.handle.socket = socket;
    state.handle = taken.handle;
    bound(socket, taken.id);
  });
}

const methods = {
  bind(...args) {
    const state = running(this);
    let [port, address] = args;
    const last = args[args.length - 1];
    if (state.bind !== 'none') throw new codes.ERR_SOCKET_ALREADY_BOUND();
    state.bind = 'soon';
    if (typeof last === 'function') {
      const forget = () => {
        this.removeListener('error', forget);
        this.removeListener('listening', listening);
      };
      const listening = () => {
        forget();
        last.call(this);
      };
      this.on('error', forget);
      this.on('listening', listening);
    }
    let exclusive = false;
    let fd;
    if (port !== null && typeof port === 'object') {
      ({ address, fd, exclusive = false, port } = port);
      if (!Number.isInteger(fd) || fd < 0) fd = undefined;
    } else if (typeof address === 'function') address = '';
    if (fd !== undefined) {
      const [id, fault] = open(this, '', 0, fd);
      if (id === undefined) throw errnoException(fault, 'open');
      bound(this, id);
      return this;
    }
    if (port !== undefined && port !== null && typeof port !== 'function') port = validatePort(port, 'Port');
    else port = 0;
    if (!address) address = this.type === 'udp4' ? '0.0.0.0' : '::';
    resolve(this, address, (err, ip) => {
      if (state.closed) return;
      if (err) {
        state.bind = 'none';
        this.emit('error', err);
        return;
      }
      if (require('cluster_role').isWorker && !exclusive && !state.reusePort) {
        bindShared(this, ip, port);
        return;
      }
      const [id, fault] = open(this, ip, port);
      if (id === undefined) failed(this, fault, ip, port);
      else bound(this, id);
    });
    return this;
  },

  connect(port, address, callback) {
    const to = validatePort(port, 'Port', false);
    let [host, done] = [address, callback];
    if (typeof host === 'function') [host, done] = ['', host];
    else if (host !== undefined && done !== undefined) validateFunction(done, 'callback');
    const state = this[kState];
    if (state.connect !== 'none') throw new codes.ERR_SOCKET_DGRAM_IS_CONNECTED();
    running(this);
    state.connect = 'soon';
    if (state.bind === 'none') this.bind({ port: 0, exclusive: true }, null);
    if (state.bind !== 'done') enqueue(this, () => connect(this, to, host, done));
    else connect(this, to, host, done);
  },

  disconnect() {
    const state = this[kState];
    if (state.connect !== 'done') throw new codes.ERR_SOCKET_DGRAM_NOT_CONNECTED();
    const fault = native.disconnect(running(this).id);
    if (fault !== undefined) throw errnoException(fault, 'connect');
    state.connect = 'none';
    state.remote = undefined;
  },
};

function connect(socket, port, address, callback) {
  const state = socket[kState];
  if (callback) socket.once('connect', callback);
  resolve(socket, address, (err, ip) => {
    if (state.closed) return;
    let failure = err;
    if (!failure && state.sendBlockList && state.sendBlockList.check(ip, `ipv${isIP(ip)}`)) failure = new codes.ERR_IP_BLOCKED(ip);
    if (!failure) {
      const fault = native.connect(state.id, ip, port);
      if (fault !== undefined) failure = hostException(fault, 'connect', address, port);
    }
    if (failure) {
      state.connect = 'none';
      process.nextTick(() => {
        if (!callback) {
          socket.emit('error', failure);
          return;
        }
        socket.removeListener('connect', callback);
        callback(failure);
      });
      return;
    }
    state.connect = 'done';
    state.remote = { address: ip, family: isIP(ip) === 6 ? 'IPv6' : 'IPv4', port };
    process.nextTick(() => socket.emit('connect'));
  });
}

module.exports = { methods, resolve, enqueue, hostException, open, bound };
