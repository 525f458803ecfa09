// How tasks fail: name, code and message are the same from both engines, and the first line of the task's own in the stack.
({
  'thrown error': [() => {
    throw new Error('plain');
  }],
  'thrown deeper': [function outer() {
    const inner = () => {
      throw new RangeError('deep');
    };
    inner();
  }],
  'with properties': [() => { throw Object.assign(new TypeError('t'), { code: 'E_MINE', extra: { a: [1] }, cause: new Error('why') }); }],
  'own class': [() => { class MyError extends Error { constructor(m) { super(m); this.name = 'MyError'; this.status = 404; } } throw new MyError('gone'); }],
  'a number': [() => { throw 5; }], 'a string': [() => { throw 'text'; }], 'an object': [() => { throw { a: 1 }; }], nothing: [() => { throw undefined; }], 'null': [() => { throw null; }],
  'a symbol': [() => { throw Symbol('s'); }],
  rejected: [() => Promise.reject(new Error('no'))], 'rejected later': [async () => { await null; throw new SyntaxError('later'); }],
  'unhandled': [() => { Promise.reject(new Error('left')); return 1; }],
  'unhandled while it waits': [() => { Promise.reject(new Error('left')); return new Promise((r) => setTimeout(r, 50)); }],
  'thrown in a timer': [() => new Promise(() => { setTimeout(() => { throw new Error('timer'); }, 1); })],
  'thrown in a microtask': [() => new Promise(() => { queueMicrotask(() => { throw new Error('micro'); }); })],
  unsettled: [() => new Promise(() => {})], 'unsettled after a while': [async () => { await new Promise((r) => setTimeout(r, 5)); await new Promise(() => {}); }],
  'a symbol as result': [() => Symbol('x')], 'a symbol inside': [() => ({ a: [1, { s: Symbol('q') }] })], 'a function as result': [() => () => 1], 'a promise inside': [() => [Promise.resolve(1)]],
  'a proxy': [() => new Proxy({}, {})], 'a weak map': [() => ({ w: new WeakMap() })], 'an iterator': [() => [1].values()],
  'a generator': [function* () { yield 1; }],
  'too deep': [() => { let a = []; for (let i = 0; i < 2000; i++) a = [a]; return a; }],
  'stack overflow': [() => { const f = () => f() + 1; return f(); }],
  'unknown module': [() => require('left-pad')], 'relative module': [() => require('./x')], 'module of no name': [() => require(5)],
  'reserved event': [() => task.sendToMaster('taskLog', 1)], 'empty event': [() => task.sendToMaster('', 1)], 'event of no name': [() => task.sendToMaster(5)],
  'data that cannot be sent': [() => task.sendToMaster('x', Symbol('y'))], 'progress of no number': [() => task.setProgress('half')], 'progress NaN': [() => task.setProgress(NaN)],
  'listening on the bus': [() => task.bus.on('x', () => {})], 'bus with a star': [() => task.bus.emit('a.*', 1)], 'bus of no name': [() => task.bus.emit({})],
  'predicate as target': [() => task.sendTo(() => true, 'x')], 'number as target': [() => task.sendTo(5, 'x')], 'list of numbers as target': [() => task.sendTo([5], 'x')],
  'refused post': [async () => { await task.sendTo('w9', 'refused', 1); }],
  'data clone': [() => structuredClone(Symbol('x'))],
})
