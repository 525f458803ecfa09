/** The module "worker_threads": see messaging.js for ports, thread_worker.js for Worker. */
const native = require('thread_native');
const messaging = require('messaging');
const { codes } = require('errors');

const { MessagePort, MessageChannel, receiveMessageOnPort, markAsUntransferable, isMarkedAsUntransferable, markAsUncloneable } = messaging;
if (native.problem !== undefined) throw native.problem;
const given = native.main ? {} : native.data;
const environment = new Map(given.environment);

module.exports = {
  isMainThread: native.main,
  isInternalThread: false,
  threadId: native.id,
  threadName: native.name,
  parentPort: native.main ? null : parentPort(),
  workerData: native.main || given.workerData === undefined ? null : given.workerData,
  resourceLimits: native.main ? {} : given.limits,
  SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  MessageChannel, MessagePort, receiveMessageOnPort, markAsUntransferable, isMarkedAsUntransferable, markAsUncloneable,
  getEnvironmentData: (key) => environment.get(key),
  setEnvironmentData(key, value) {
    if (value === undefined) environment.delete(key);
    else environment.set(key, value);
  },
  moveMessagePortToContext(port, context) {
    if (!(port instanceof MessagePort)) throw new codes.ERR_INVALID_ARG_TYPE('port', 'MessagePort', port);
    if (messaging.isClosed(port)) throw new codes.ERR_CLOSED_MESSAGE_PORT();
    if (!require('vm').isContext(context)) throw new codes.ERR_INVALID_ARG_TYPE('contextifiedObject', 'vm.Context', context);
    return port;
  },
  postMessageToThread: (...args) => require('thread_messages').postMessageToThread(...args),
};
const late = (name, get) => Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get });
late('Worker', () => require('thread_worker').Worker);
late('BroadcastChannel', () => require('broadcast_channel').BroadcastChannel);
native.environment = environment;

/** The port to the parent: it keeps nothing alive until it is listened to. */
function parentPort() {
  const port = messaging.portOf(native.port);
  port.unref();
  return port;
}
