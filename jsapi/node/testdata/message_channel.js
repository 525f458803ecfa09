// Channels of messages within one thread.
const { MessageChannel, receiveMessageOnPort, isMainThread } = require('worker_threads');
const { port1, port2 } = new MessageChannel();
port2.on('message', (m) => { console.log('got', m); if (m.n === 2) port2.close(); });
port2.on('close', () => console.log('closed'));
port1.postMessage({ n: 1, d: new Date(0) }); port1.postMessage({ n: 2 });
const c = new MessageChannel(); c.port1.postMessage(5); console.log(receiveMessageOnPort(c.port2), receiveMessageOnPort(c.port2), isMainThread);
