/** A worker's half of the module "cluster". */
const process = require('process');
const EventEmitter = require('events');
const native = require('net_native');
const Worker = require('cluster_worker');

const cluster = new EventEmitter();
const servers = new Map(); // by key: the servers that listen on it
const datagrams = new Set(); // sockets of dgram that share an address
const callbacks = new Map(); // by number: who waits for the primary's answer
let seq = 0;

Object.assign(cluster, {
  isWorker: true,
  isMaster: false,
  isPrimary: false,
  worker: null,
  Worker,
  SCHED_NONE: 1,
  SCHED_RR: 2,

  disconnect() { leave(); },
});

/** Sends to the primary; callback gets the answer. */
function send(message, callback) {
  if (!process.connected) return;
  seq += 1;
  if (callback) callbacks.set(seq, callback);
  process._send({ cmd: 'NODE_CLUSTER', ...message, seq });
}

/** Which of this worker's servers at one place it is: port 0 of two servers is two ports. */
function indexOf(where) {
  const indexes = cluster._indexes ??= new Map();
  const place = `${where.udp || ''}:${where.host || ''}:${where.port ?? ''}:${where.path || ''}`;
  const index = indexes.get(place) ?? 0;
  indexes.set(place, index + 1);
  return index;
}

/** Has a socket of dgram share what the primary has bound; callback(fault, {id, handle}). */
cluster.share = function share(socket, where, callback) {
  send({ act: 'queryServer', where, index: indexOf(where) }, ({ fault, key, address }, taken) => {
    if (fault || !taken) {
      callback(fault ?? [-22, 'EINVAL']);
      return;
    }
    datagrams.add(socket);
    socket.once('close', () => {
      datagrams.delete(socket);
      send({ act: 'close', key });
    });
    callback(undefined, taken);
    send({ act: 'listening', address: address[0], port: where.port || address[1], addressType: where.udp });
  });
};

/** Has server listen where the primary holds the port; callback(fault, handle). */
cluster.listen = function listen(server, where, callback) {
  send({ act: 'queryServer', where, index: indexOf(where) }, ({ fault, key, address }) => {
    if (fault) {
      callback(fault);
      return;
    }
    const list = servers.get(key) ?? [];
    list.push(server);
    servers.set(key, list);
    callback(undefined, {
      id: key,
      address,
      // The channel to the primary keeps a worker alive, whatever listens.
      ref() {},
      unref() {},
      close(done) {
        const left = servers.get(key).filter((one) => one !== server);
        if (left.length > 0) servers.set(key, left);
        else {
          servers.delete(key);
          send({ act: 'close', key });
        }
        process.nextTick(done);
      },
      getAsyncId: () => 0,
    });
    server.once('listening', () => {
      const [host, port, family] = Array.isArray(address) ? address : [address, -1, -1];
      send({ act: 'listening', address: where.host || (typeof port === 'number' && port >= 0 ? null : host), port, addressType: family === 'IPv6' && where.host ? 6 : family === -1 ? -1 : 4 });
    });
  });
};

function onMessage(message, handle) {
  if (message.cmd !== 'NODE_CLUSTER') return;
  if (message.ack !== undefined) {
    const callback = callbacks.get(message.ack);
    callbacks.delete(message.ack);
    if (callback) callback(message, handle);
  } else if (message.act === 'newconn') {
    const list = servers.get(message.key);
    send({ act: 'accepted', key: message.key, number: message.number, refused: !list || !handle });
    if (list && handle) list[0]._onconnection(handle.id);
    else if (handle) native.close(handle.id);
  } else if (message.act === 'disconnect') {
    leave(true);
  }
}

/** Closes what listens, then the channel. */
function leave(asked) {
  const { worker } = cluster;
  worker.exitedAfterDisconnect = true;
  let open = 1;
  const closed = () => {
    open -= 1;
    if (open > 0) return;
    if (!process.connected) return;
    if (asked) process.disconnect();
    else send({ act: 'exitedAfterDisconnect' }, () => { if (process.connected) process.disconnect(); });
  };
  for (const list of [...servers.values()]) {
    for (const server of list) {
      open += 1;
      server.close(closed);
    }
  }
  for (const socket of [...datagrams]) {
    open += 1;
    socket.close(closed);
  }
  closed();
}

Worker.prototype.disconnect = function disconnect() {
  if (this.state !== 'disconnecting' && this.state !== 'destroying') {
    this.state = 'disconnecting';
    leave();
  }
  return this;
};
Worker.prototype.destroy = function destroy() {
  if (this.state === 'destroying') return;
  this.exitedAfterDisconnect = true;
  if (!this.isConnected()) {
    process.exit(0);
    return;
  }
  this.state = 'destroying';
  send({ act: 'exitedAfterDisconnect' }, () => process.disconnect());
  process.once('disconnect', () => process.exit(0));
};

/** Joins the worker to its primary; called once, before the script runs. */
function join() {
  const worker = new Worker({ id: process.env.NODE_UNIQUE_ID, process, state: 'online' });
  cluster.worker = worker;
  delete process.env.NODE_UNIQUE_ID;
  process.once('disconnect', () => {
    process.channel = null;
    worker.emit('disconnect');
    // A worker without its primary has nothing to listen on.
    if (!worker.exitedAfterDisconnect) process.exit(0);
  });
  process.on('internalMessage', onMessage);
  send({ act: 'online' });
}

module.exports = cluster;
join();
