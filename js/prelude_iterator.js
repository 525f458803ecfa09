/** Iterator and its helpers, which goja lacks; `install` puts them where they belong. */
const base = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

function Iterator() {
  if (new.target === undefined || new.target === Iterator) throw new TypeError('Abstract class Iterator not directly constructable');
}
Iterator.prototype = base;

const callable = (fn) => {
  if (typeof fn !== 'function') throw new TypeError(`${String(fn)} is not a function`);
  return fn;
};

const count = (n) => {
  const v = Math.trunc(Number(n));
  if (Number.isNaN(v) || v < 0) throw new RangeError(`${String(n)} must be positive`);
  return v;
};

/** Iterates over what is left of `it` without closing it: the generators below do that themselves. */
const steps = (it) => {
  const { next } = it;
  return { [Symbol.iterator]: () => ({ next: () => next.call(it), return: (v) => { it.return?.(); return { value: v, done: true }; } }) };
};

const lazy = {
  *map(it, fn) { let i = 0; for (const v of steps(it)) yield fn(v, i++); },
  *filter(it, fn) { let i = 0; for (const v of steps(it)) if (fn(v, i++)) yield v; },
  *take(it, n) {
    if (n === 0) { it.return?.(); return; }
    for (const v of steps(it)) { yield v; if (--n === 0) return; }
  },
  *drop(it, n) { for (const v of steps(it)) { if (n > 0) n--; else yield v; } },
  *flatMap(it, fn) {
    let i = 0;
    for (const v of steps(it)) {
      const inner = fn(v, i++);
      if (typeof inner !== 'object' || inner === null) throw new TypeError('flatMap: the result must be iterable');
      yield* inner[Symbol.iterator] ? inner : steps(inner);
    }
  },
};

const eager = {
  reduce(it, fn, ...initial) {
    let i = 0, acc = initial[0], empty = initial.length === 0;
    for (const v of steps(it)) {
      if (empty) { acc = v; empty = false; } else acc = fn(acc, v, i);
      i++;
    }
    if (empty) throw new TypeError('Reduce of a done iterator with no initial value');
    return acc;
  },
  forEach(it, fn) { let i = 0; for (const v of steps(it)) fn(v, i++); },
  some(it, fn) { let i = 0; for (const v of steps(it)) if (fn(v, i++)) return true; return false; },
  every(it, fn) { let i = 0; for (const v of steps(it)) if (!fn(v, i++)) return false; return true; },
  find(it, fn) { let i = 0; for (const v of steps(it)) if (fn(v, i++)) return v; return undefined; },
};

exports.install = () => {
  if (globalThis.Iterator !== undefined) return;
  const define = (object, name, value) => Object.defineProperty(object, name, { value, writable: true, configurable: true });
  for (const [name, fn] of Object.entries(lazy)) {
    const check = name === 'take' || name === 'drop' ? count : callable;
    define(base, name, { [name](arg) { return fn(this, check(arg)); } }[name]);
  }
  for (const [name, fn] of Object.entries(eager)) {
    define(base, name, { [name](arg, ...rest) { return fn(this, callable(arg), ...rest); } }[name]);
  }
  define(base, 'toArray', function toArray() { return [...steps(this)]; });
  define(Iterator, 'from', function from(o) {
    const it = o[Symbol.iterator] ? o[Symbol.iterator]() : o;
    if (it instanceof Iterator) return it;
    return Object.assign(Object.create(base), { next: () => it.next(), return: (v) => it.return?.(v) ?? { value: v, done: true } });
  });
  define(base, 'constructor', Iterator);
  define(globalThis, 'Iterator', Iterator);
};
