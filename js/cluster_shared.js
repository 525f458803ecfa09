/** One port of a cluster: the primary accepts, the workers take turns. */
const native = require('net_native');

class Shared {
  constructor(key, where, send) {
    this.key = key;
    this.send = send;
    this.workers = []; // those that are free, the next one first
    this.all = new Set();
    this.waiting = []; // connections that no worker has yet
    this.sent = new Map(); // by number: what a worker has been offered
    this.last = 0;
    const [id, result] = native.listen({
      onconnection: (connection, fault) => { if (fault === undefined) this.take(connection); },
      onclose() {},
    }, where);
    if (id === undefined) this.fault = result;
    else [this.id, this.address] = [id, result];
  }

  add(worker) {
    if (this.all.has(worker)) return;
    this.all.add(worker);
    this.free(worker);
  }

  /** The worker takes another connection; refused: it could not take the last one. */
  free(worker, message) {
    if (message) {
      const connection = this.sent.get(message.number);
      this.sent.delete(message.number);
      if (connection !== undefined) {
        if (message.refused) this.waiting.unshift(connection);
        else native.close(connection);
      }
    }
    if (!this.all.has(worker)) return;
    this.workers.push(worker);
    this.hand();
  }

  take(connection) {
    this.waiting.push(connection);
    this.hand();
  }

  hand() {
    while (this.waiting.length > 0 && this.workers.length > 0) {
      const worker = this.workers.shift();
      const connection = this.waiting.shift();
      this.last += 1;
      this.sent.set(this.last, connection);
      if (!this.send(worker, { act: 'newconn', key: this.key, number: this.last }, { id: connection })) {
        this.sent.delete(this.last);
        this.waiting.unshift(connection);
      }
    }
  }

  /** true: nobody listens any more, and the port is closed. */
  remove(worker) {
    if (!this.all.delete(worker)) return false;
    this.workers = this.workers.filter((one) => one !== worker);
    if (this.all.size > 0) return false;
    for (const connection of [...this.waiting, ...this.sent.values()]) native.close(connection);
    this.waiting = [];
    this.sent.clear();
    native.closeListener(this.id);
    return true;
  }
}

/** An address of UDP: each worker has the socket itself, and whoever reads first has the datagram. */
class SharedSocket {
  constructor({ udp, host, port, reuseAddr, reusePort, ipv6Only }) {
    this.all = new Set();
    const [id, result] = require('dgram_native').open({}, udp, host, port, reuseAddr, reusePort, ipv6Only);
    if (id === undefined) this.fault = result;
    else [this.carried, this.address] = [{ id, udp }, result];
  }

  add(worker) { this.all.add(worker); }

  free() {}

  /** true: nobody has it any more, and the port is closed. */
  remove(worker) {
    if (!this.all.delete(worker) || this.all.size > 0) return false;
    require('dgram_native').close(this.carried.id);
    return true;
  }
}

module.exports = { Shared, SharedSocket };
