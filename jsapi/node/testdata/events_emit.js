// emit and once: names of any kind, listeners that change the list, results that are promises, errors that pass.
'use strict';
const EventEmitter = require('events');
const e = new EventEmitter();
const got = [];
const note = function (...args) { got.push([this === e, args.length, ...args]); };
for (const name of ['plain', 'é', '日本', 'a\ud83d', '', '0', 'constructor', '__proto__', Symbol('s'), 7, null, undefined, true]) {
  e.on(name, note);
  console.log(String(name), e.emit(name), e.emit(name, undefined), e.emit(name, 1, null, undefined), got.splice(0));
}
console.log(e.emit('nobody'), e.emit(), e.eventNames().length);
const three = new EventEmitter();
const order = [];
const second = () => order.push('second');
three.on('x', () => { order.push('first'); three.off('x', second); three.on('x', () => order.push('late')); });
three.on('x', second);
three.once('x', () => order.push('once'));
three.emit('x');
three.emit('x');
console.log(order);
const thrower = new EventEmitter();
thrower.on('x', () => { throw new RangeError('mine'); });
thrower.on('x', () => console.log('never'));
try {
  thrower.emit('x');
} catch (err) {
  console.log(err.name, err.message, err.stack.split('\n')[1].includes('events_emit.js'));
}
const one = new EventEmitter();
one.once('x', function (...args) { console.log(this === one, args, one.listenerCount('x')); return one.emit('x', 'again'); });
console.log(one.emit('x', 1, 2), one.emit('x'));
const raw = (() => { one.once('y', note); return one.rawListeners('y')[0]; })();
console.log(raw.listener === note, raw.length, raw.name);
raw(5);
raw(6);
console.log(got.splice(0), one.listenerCount('y'));
class Mine extends EventEmitter { emit(type, ...args) { console.log('mine', type); return super.emit(type, ...args); } }
const mine = new Mine();
mine.on('z', (v) => console.log('z', v));
mine.emit('z', 4);
const caught = new EventEmitter({ captureRejections: true });
caught.on('error', (err) => console.log('captured', err.message));
caught.on('x', async () => { throw new Error('async'); });
caught.emit('x', 1);
const named = new EventEmitter({ captureRejections: true });
named[Symbol.for('nodejs.rejection')] = (err, type, ...args) => console.log('named', err.message, type, args);
named.on('x', async () => { throw new Error('async'); });
named.emit('x', 1, 2);
const proxied = new EventEmitter();
proxied.on('p', new Proxy((v) => console.log('proxied', v), {}));
proxied.once('p', new Proxy((v) => console.log('proxied once', v), {}));
proxied.emit('p', 1);
proxied.emit('p', 2);
