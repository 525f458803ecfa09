// What tasks say: console, progress and messages come to the worker alike, and in order.
({
  console: [() => { console.log('a', 1, { b: [1, 2, { c: 3 }] }, [undefined, null], 'x'); console.error('to stderr'); console.warn('%s is %d', 'one', 1); console.info(new Map([[1, { a: 2 }]]), new Set(['x'])); console.debug('d'); }],
  groups: [() => { console.group('g'); console.log('in\nside'); console.groupEnd(); console.log('out'); }],
  table: [() => console.table([{ a: 1, b: 'x' }, { a: 2 }])],
  count: [() => { console.count(); console.count('x'); console.count(); console.countReset(); console.count(); console.assert(false, 'never %s', 'x'); console.assert(true); }],
  values: [() => console.log([1.5, -0, 10n, true, Symbol('s'), /x/g, new Date(0), new Uint8Array(2), Buffer.from('ab'), () => 1, class A {}, Promise.resolve(3)])],
  instances: [() => { class P { constructor() { this.x = 1; } } console.log(new P(), Object.create(null), [new P()]); }],
  dir: [() => console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 })],
  progress: [() => { task.setProgress(0.5); task.setProgress(2); worker.setProgress(-1); }],
  messages: [async () => { task.sendToMaster('a', { x: [1] }); worker.sendToMaster('b'); await task.sendToAll('c', 1); await task.sendTo('w2', 'd', 'e'); await task.sendTo({ gpu: true }, 'q'); await task.sendTo(null, 'n'); await task.sendTo(['w1', { id: 'w2', role: 'worker', port: 1 }], 'l'); await task.bus.emit('x.y', { z: 1 }); return 'sent'; }],
  'refused message': [async () => { try { await task.sendTo('w9', 'refused', 1); } catch (e) { return [e.message, e.code]; } }],
  'refused message that nobody looks at': [() => { task.sendTo('w9', 'refused', 1); return new Promise((r) => setTimeout(r, 20, 'fine')); }],
  order: [() => { for (let i = 0; i < 3; i++) { console.log(i); task.setProgress(i / 3); task.sendToMaster('i', i); } }],
})
