/**
 * Members of the language that goja lacks. Each export installs one, under the name that code which uses it must
 * contain: a task gets only those whose names its text holds.
 */
const define = (object, name, value) => {
  if (!Object.hasOwn(object, name)) Object.defineProperty(object, name, { value, writable: true, configurable: true });
};

exports.groupBy = () => {
  define(Object, 'groupBy', function groupBy(items, keyOf) {
    const groups = Object.create(null);
    let i = 0;
    for (const item of items) {
      const key = keyOf(item, i++);
      const name = typeof key === 'symbol' ? key : String(key);
      if (Object.hasOwn(groups, name)) groups[name].push(item);
      else groups[name] = [item];
    }
    return groups;
  });
  define(Map, 'groupBy', function groupBy(items, keyOf) {
    const groups = new Map();
    let i = 0;
    for (const item of items) {
      const key = keyOf(item, i++);
      if (groups.has(key)) groups.get(key).push(item);
      else groups.set(key, [item]);
    }
    return groups;
  });
};

exports.withResolvers = () => define(Promise, 'withResolvers', function withResolvers() {
  const out = {};
  out.promise = new this((resolve, reject) => Object.assign(out, { resolve, reject }));
  return out;
});

exports.try = () => define(Promise, 'try', { try(fn, ...args) { return new this((resolve) => resolve(fn(...args))); } }.try);

exports.fromAsync = () => define(Array, 'fromAsync', async function fromAsync(items, map = undefined, self = undefined) {
  const out = typeof this === 'function' ? new this() : [];
  let n = 0;
  const put = async (item) => {
    out[n] = map ? await map.call(self, item, n) : item;
    n++;
  };
  const method = items[Symbol.asyncIterator];
  if (method != null || items[Symbol.iterator] != null) {
    const it = method != null ? method.call(items) : items[Symbol.iterator]();
    for (let step; !(step = await it.next()).done;) await put(await step.value);
  } else {
    for (let i = 0; i < items.length; i++) await put(await items[i]);
  }
  out.length = n;
  return out;
});

exports.escape = () => define(RegExp, 'escape', function escape(text) {
  if (typeof text !== 'string') throw new TypeError('RegExp.escape: the argument must be a string');
  const hex = (c) => '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0');
  return text
    .replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&')
    .replace(/[,\-=<>#&!%:;@~'`"]/g, hex)
    .replace(/[\n\t\v\f\r]/g, (c) => '\\' + 'tnvfr'['\t\n\v\f\r'.indexOf(c)])
    .replace(/[ \u00a0]/g, hex)
    .replace(/[\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))
    .replace(/^[0-9A-Za-z]/, hex);
});

exports.WellFormed = () => {
  /** Calls lone(i) for each surrogate of `text` without its other half. */
  const scan = (text, lone) => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0xd800 || unit > 0xdfff) continue;
      const next = text.charCodeAt(i + 1);
      if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) i++;
      else lone(i);
    }
  };
  define(String.prototype, 'isWellFormed', function isWellFormed() {
    let ok = true;
    scan(String(this), () => { ok = false; });
    return ok;
  });
  define(String.prototype, 'toWellFormed', function toWellFormed() {
    const text = String(this);
    let out = '', from = 0;
    scan(text, (i) => { out += text.slice(from, i) + '\ufffd'; from = i + 1; });
    return out + text.slice(from);
  });
};

/** Node's V8 has these from before the standard had accessors. */
exports.__define = () => {
  define(Object.prototype, '__defineGetter__', function __defineGetter__(name, get) {
    Object.defineProperty(this, name, { get, enumerable: true, configurable: true });
  });
  define(Object.prototype, '__defineSetter__', function __defineSetter__(name, set) {
    Object.defineProperty(this, name, { set, enumerable: true, configurable: true });
  });
};
