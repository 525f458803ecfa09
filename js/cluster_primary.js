/**
 * The primary of a cluster: it forks workers, holds the ports that they listen on, and hands each connection to the
 * next worker that is free for it. Messages between both have cmd NODE_CLUSTER, as node's.
 */
const process = require('process');
const EventEmitter = require('events');
const path = require('path');
const { validatePort } = require('net_args');
const Worker = require('cluster_worker');

const cluster = new EventEmitter();
const handles = new Map(); // by key: who listens on it
let ids = 0;
let initialized = false;

const send = (worker, message, handle) => worker.process.connected && worker.process._send({ cmd: 'NODE_CLUSTER', ...message }, handle);

Object.assign(cluster, {
  isWorker: false,
  isMaster: true,
  isPrimary: true,
  Worker,
  workers: {},
  settings: {},
  SCHED_NONE: 1,
  SCHED_RR: 2,
  schedulingPolicy: { none: 1, rr: 2 }[process.env.NODE_CLUSTER_SCHED_POLICY] || 2,

  setupPrimary(options) {
    const settings = { args: process.argv.slice(2), exec: process.argv[1], execArgv: process.execArgv, silent: false, ...cluster.settings, ...options };
    cluster.settings = settings;
    if (initialized) {
      process.nextTick(() => cluster.emit('setup', settings));
      return;
    }
    initialized = true;
    process.nextTick(() => cluster.emit('setup', settings));
  },

  fork(env) {
    cluster.setupPrimary();
    ids += 1;
    const { settings } = cluster;
    const worker = new Worker({ id: ids, process: start(ids, env, settings) });
    worker.on('message', function onMessage(message, handle) { cluster.emit('message', this, message, handle); });
    follow(worker);
    process.nextTick(() => cluster.emit('fork', worker));
    cluster.workers[worker.id] = worker;
    return worker;
  },

  disconnect(callback) {
    const list = Object.values(cluster.workers);
    if (list.length === 0) process.nextTick(() => gone());
    for (const worker of list) if (worker.isConnected()) worker.disconnect();
    if (typeof callback === 'function') once(callback);
    else once(() => {});
  },
});
cluster.setupMaster = cluster.setupPrimary;

let waiting = [];
const once = (callback) => waiting.push(callback);
function gone() {
  const list = waiting;
  waiting = [];
  for (const callback of list) callback();
}

function start(id, env, settings) {
  const workerEnv = { ...process.env, ...env, NODE_UNIQUE_ID: `${id}` };
  if (settings.inspectPort !== undefined && typeof settings.inspectPort !== 'function') validatePort(settings.inspectPort, 'Port');
  const exec = settings.exec === undefined ? settings.exec : path.resolve(settings.exec);
  return require('child_process').fork(exec, settings.args, {
    cwd: settings.cwd, env: workerEnv, silent: settings.silent, windowsHide: settings.windowsHide, execPath: settings.execPath,
    stdio: settings.stdio, gid: settings.gid, uid: settings.uid, serialization: settings.serialization,
  });
}

/** Listens to a worker's process. */
function follow(worker) {
  const child = worker.process;
  child.once('exit', (code, signal) => {
    remove(worker);
    if (!worker.isConnected()) forget(worker);
    worker.exitedAfterDisconnect = Boolean(worker.exitedAfterDisconnect);
    worker.state = 'dead';
    worker.emit('exit', code, signal);
    cluster.emit('exit', worker, code, signal);
  });
  child.once('disconnect', () => {
    remove(worker);
    if (worker.isDead()) forget(worker);
    worker.exitedAfterDisconnect = Boolean(worker.exitedAfterDisconnect);
    worker.state = 'disconnected';
    worker.emit('disconnect');
    cluster.emit('disconnect', worker);
    forget(worker);
  });
  child.on('internalMessage', (message) => {
    if (message.cmd === 'NODE_CLUSTER') acts[message.act]?.(worker, message);
  });
  process.nextTick(() => { if (!worker.isDead()) send(worker, { act: 'setup' }); });
}

function forget(worker) {
  delete cluster.workers[worker.id];
  if (Object.keys(cluster.workers).length === 0) gone();
}

/** Takes a worker from all that it listened on. */
function remove(worker) {
  for (const [key, handle] of handles) if (handle.remove(worker)) handles.delete(key);
}

const acts = {
  online(worker) {
    if (worker.state !== 'none') return;
    worker.state = 'online';
    worker.emit('online');
    cluster.emit('online', worker);
  },
  exitedAfterDisconnect(worker, message) {
    worker.exitedAfterDisconnect = true;
    send(worker, { ack: message.seq });
  },
  queryServer(worker, message) {
    const key = `${message.where.udp || ''}:${message.where.host || ''}:${message.where.port ?? ''}:${message.where.path || ''}:${message.where.port === 0 ? message.index : ''}`;
    let handle = handles.get(key);
    if (handle === undefined) {
      const { Shared, SharedSocket } = require('cluster_shared');
      handle = message.where.udp ? new SharedSocket(message.where) : new Shared(key, message.where, send);
      handles.set(key, handle);
    }
    if (handle.fault !== undefined) {
      handles.delete(key);
      send(worker, { ack: message.seq, fault: handle.fault });
      return;
    }
    send(worker, { ack: message.seq, key, address: handle.address }, handle.carried);
    handle.add(worker);
  },
  listening(worker, message) {
    const info = { addressType: message.addressType, address: message.address, port: message.port, fd: undefined };
    worker.state = 'listening';
    worker.emit('listening', info);
    cluster.emit('listening', worker, info);
  },
  accepted(worker, message) { handles.get(message.key)?.free(worker, message); },
  close(worker, message) {
    const handle = handles.get(message.key);
    if (handle && handle.remove(worker)) handles.delete(message.key);
  },
};

Worker.prototype.disconnect = function disconnect() {
  this.exitedAfterDisconnect = true;
  send(this, { act: 'disconnect' });
  remove(this);
  return this;
};
/** Kills the worker, channel and all: to disconnect it first would let it end by itself. */
Worker.prototype.destroy = function destroy(signal) { this.process.kill(signal || 'SIGTERM'); };

module.exports = cluster;
