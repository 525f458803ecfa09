/** What an object is, where no native function tells: by the getters that only the real thing passes. */
const { typedArrayTag } = require('types');

const getter = (proto, name) => Object.getOwnPropertyDescriptor(proto, name).get;

/** By name: the class, and a function that throws for anything but an instance of it. */
const probes = [
  ['Map', Map, getter(Map.prototype, 'size')],
  ['Set', Set, getter(Set.prototype, 'size')],
  ['Date', Date, Date.prototype.getTime],
  ['RegExp', RegExp, getter(RegExp.prototype, 'source')],
  ['ArrayBuffer', ArrayBuffer, getter(ArrayBuffer.prototype, 'byteLength')],
  ['DataView', DataView, getter(DataView.prototype, 'byteLength')],
  ['Number', Number, Number.prototype.valueOf],
  ['String', String, String.prototype.valueOf],
  ['Boolean', Boolean, Boolean.prototype.valueOf],
  ['BigInt', BigInt, BigInt.prototype.valueOf],
  ['Symbol', Symbol, Symbol.prototype.valueOf],
];

/** Classes for which no harmless probe exists. */
const loose = { Promise, WeakMap, WeakSet };

const protoOf = (fn) => Object.getPrototypeOf(fn());
const iterators = {
  'Map Iterator': protoOf(() => new Map().keys()),
  'Set Iterator': protoOf(() => new Set().keys()),
  Generator: Object.getPrototypeOf(Object.getPrototypeOf((function* g() {}).prototype)),
};

/** The class name for an object by its own behaviour, '' for plain ones. */
function brandByProbe(value) {
  if (typeof value === 'function') return 'Function';
  if (typedArrayTag.call(value) !== undefined) return 'TypedArray';
  const proto = Object.getPrototypeOf(value);
  if (proto === Object.prototype) {
    return Object.prototype.toString.call(value) === '[object Arguments]' ? 'Arguments' : '';
  }
  if (value instanceof Error) return 'Error';
  for (const [name, Class, probe] of probes) {
    if (!(value instanceof Class) || value === Class.prototype) continue;
    try {
      probe.call(value);
      return name;
    } catch {
      continue;
    }
  }
  for (const name of Object.keys(loose)) {
    if (value instanceof loose[name] && value !== loose[name].prototype) return name;
  }
  for (const name of Object.keys(iterators)) {
    if (Object.prototype.isPrototypeOf.call(iterators[name], value)) return name;
  }
  return '';
}

module.exports = { brandByProbe };
