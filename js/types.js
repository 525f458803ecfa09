/**
 * What an object is, whatever its prototype says: util.types and the one function behind it, brand.
 *
 * The native binding answers exactly. Without it (in a task's sandbox) the answer rests on the getters that only the
 * real thing passes; a Proxy is then taken for what it wraps and the state of a promise is unknown.
 */
const native = binding || {};

const TypedArrayProto = Object.getPrototypeOf(Uint8Array.prototype);
const typedArrayTag = Object.getOwnPropertyDescriptor(TypedArrayProto, Symbol.toStringTag).get;
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

/**
 * The builtin class that value truly is: 'Map', 'Set', 'Date', 'RegExp', 'Error', 'Promise', 'Proxy', 'ArrayBuffer',
 * 'DataView', 'TypedArray', 'WeakMap', 'WeakSet', 'Function', 'Arguments', 'Number' (boxed) and so on, 'Map Iterator',
 * 'Set Iterator', 'Generator'; '' for plain objects, arrays and primitives.
 * @param {*} value
 * @returns {string}
 */
function brand(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return '';
  return native.brand ? native.brand(value) : brandByProbe(value);
}

const is = (name) => (value) => brand(value) === name;
const isBoxed = (value) => ['Number', 'String', 'Boolean', 'BigInt', 'Symbol'].includes(brand(value));
const isTyped = (name) => (value) => typedArrayTag.call(value) === name;
const functionTag = (tags) => (value) => typeof value === 'function'
  && tags.includes(Object.prototype.toString.call(value).slice(8, -1));

const types = {
  isExternal: () => false,
  isDate: is('Date'),
  isArgumentsObject: is('Arguments'),
  isBigIntObject: is('BigInt'),
  isBooleanObject: is('Boolean'),
  isNumberObject: is('Number'),
  isStringObject: is('String'),
  isSymbolObject: is('Symbol'),
  isBoxedPrimitive: isBoxed,
  isNativeError: is('Error'),
  isRegExp: is('RegExp'),
  isAsyncFunction: functionTag(['AsyncFunction', 'AsyncGeneratorFunction']),
  isGeneratorFunction: functionTag(['GeneratorFunction', 'AsyncGeneratorFunction']),
  isGeneratorObject: is('Generator'),
  isPromise: is('Promise'),
  isMap: is('Map'),
  isSet: is('Set'),
  isMapIterator: is('Map Iterator'),
  isSetIterator: is('Set Iterator'),
  isWeakMap: is('WeakMap'),
  isWeakSet: is('WeakSet'),
  isArrayBuffer: is('ArrayBuffer'),
  isDataView: is('DataView'),
  isSharedArrayBuffer: () => false,
  isProxy: is('Proxy'),
  isModuleNamespaceObject: () => false,
  isAnyArrayBuffer: is('ArrayBuffer'),
  isCryptoKey: () => false,
  isKeyObject: () => false,
  isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isTypedArray: (value) => typedArrayTag.call(value) !== undefined,
};
for (const name of ['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array',
  'Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) types[`is${name}`] = isTyped(name);

/** [target, handler] of a proxy, [null, null] of a revoked one, undefined if it is none or that cannot be seen. */
const proxyDetails = native.proxyDetails || (() => undefined);
/** ['pending'|'fulfilled'|'rejected', result] of a promise, undefined if that cannot be seen. */
const promiseDetails = native.promiseDetails || (() => undefined);

module.exports = { types, brand, typedArrayTag, proxyDetails, promiseDetails };
