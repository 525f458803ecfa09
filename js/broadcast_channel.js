/** BroadcastChannel: what one posts, all others of that name hear, in every thread of the process. */
const { codes } = require('errors');
const messaging = require('messaging');
const { NodeEventTarget, attribute, kArgument } = require('node_event_target');

const channels = new WeakMap();

class BroadcastChannel extends NodeEventTarget {
  constructor(name) {
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('name');
    super();
    const text = `${name}`;
    const [end, publish, leave] = messaging.join(text);
    const half = messaging.open(end, {
      message: (data) => this.dispatchEvent(new messaging.MessageEvent('message', { data })),
      failed: (data) => this.dispatchEvent(new messaging.MessageEvent('messageerror', { data })),
      closed() {},
    });
    channels.set(this, { name: text, half, publish, leave, closed: false });
    half.ref(true);
    half.start();
  }

  get name() { return stateOf(this).name; }

  postMessage(message) {
    const state = stateOf(this);
    if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('message');
    if (state.closed) throw new globalThis.DOMException('BroadcastChannel is closed.', 'InvalidStateError');
    state.publish(message);
  }

  close() {
    const state = stateOf(this);
    if (state.closed) return;
    state.closed = true;
    state.leave();
    state.half.close();
  }

  ref() {
    const state = stateOf(this);
    if (!state.closed) state.half.ref(true);
    return this;
  }

  unref() {
    const state = stateOf(this);
    if (!state.closed) state.half.ref(false);
    return this;
  }

  [kArgument](event) { return event; }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const { name, closed } = stateOf(this);
    if (depth < 0) return 'BroadcastChannel';
    return `BroadcastChannel ${inspect({ name, active: !closed }, { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
  }
}
attribute(BroadcastChannel.prototype, 'message');
attribute(BroadcastChannel.prototype, 'messageerror');
for (const name of ['name', 'close', 'postMessage', 'ref', 'unref']) Object.defineProperty(BroadcastChannel.prototype, name, { enumerable: true });

function stateOf(channel) {
  const state = channels.get(channel);
  if (state === undefined) throw new codes.ERR_INVALID_THIS('BroadcastChannel');
  return state;
}

/** What receiveMessageOnPort does for a channel. */
function take(channel) {
  const got = stateOf(channel).half.take();
  return got === undefined ? undefined : { message: got[0] };
}

module.exports = { BroadcastChannel, take };
