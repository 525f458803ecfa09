// Domains: what they take, how they nest, and how emitters and callbacks come into them.
const domain = require('domain');
const EventEmitter = require('events');
const fs = require('fs');

const show = (name) => (err) => console.log(name, err.message ?? err, {
  thrown: err.domainThrown, emitter: Boolean(err.domainEmitter), bound: Boolean(err.domainBound), own: err.domain?.name,
});
const make = (name) => {
  const d = domain.create();
  d.name = name;
  return d.on('error', show(name));
};

/** Steps run one after the other; each calls next, its own domain's error listener unless it says more. */
const steps = [
  (next) => make('timer').on('error', next).run(() => setTimeout(() => { throw new Error('late'); }, 1)),
  (next) => make('tick').on('error', next).run(() => process.nextTick(() => { throw new Error('tick'); })),
  (next) => make('file').on('error', next).run(() => fs.readFile(__filename, () => { throw new Error('read'); })),
  (next) => {
    let emitter;
    make('implicit').run(() => { emitter = new EventEmitter(); });
    setTimeout(() => {
      console.log('emit gives', emitter.emit('error', new Error('emitted')));
      next();
    }, 1);
  },
  (next) => {
    const emitter = new EventEmitter();
    const d = make('added');
    d.add(emitter);
    emitter.emit('error', new Error('from a member'));
    console.log(d.members.length, emitter.domain === d);
    d.remove(emitter);
    console.log(d.members.length, emitter.domain);
    emitter.on('error', (err) => console.log('its own listener', err.message));
    emitter.emit('error', new Error('x'));
    next();
  },
  (next) => {
    make('outer').on('error', next).run(() => {
      const inner = domain.create();
      inner.on('error', (err) => { throw new Error(`again ${err.message}`); });
      inner.run(() => { throw new Error('first'); });
    });
  },
  (next) => {
    make('around').run(() => make('within').on('error', next).run(() => setTimeout(() => {
      console.log('entered later:', domain._stack.map((d) => d.name));
      throw new Error('in a callback');
    }, 1)));
  },
  (next) => {
    const d = make('intercept');
    const read = d.intercept((value, more) => console.log('read', value, more));
    read(null, 1, 2);
    read(new Error('no value'));
    console.log('bind gives', d.bind((a, b) => a + b + (process.domain === d))(1, 2));
    next();
  },
  (next) => {
    const [a, b, c] = ['a', 'b', 'c'].map(make);
    [a, b, c].forEach((d) => d.enter());
    b.exit();
    console.log(domain._stack.map((d) => d.name), process.domain === a);
    a.exit();
    console.log(make('run').run((x, y) => x * y, 6, 7), domain._stack.length);
    next();
  },
  (next) => {
    try {
      process.setUncaughtExceptionCaptureCallback(() => {});
    } catch (err) {
      console.log(err.code);
    }
    process.once('uncaughtException', (err) => next(console.log('nobody took', err.message)));
    domain.create().run(() => setTimeout(() => { throw new Error('no listener'); }, 1));
  },
];

(function next() {
  const step = steps.shift();
  if (step) setImmediate(step, next);
})();
