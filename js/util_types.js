/** The module "util/types". */
const { brand, typedArrayTag } = require('types');

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
  isSharedArrayBuffer: is('SharedArrayBuffer'),
  isProxy: is('Proxy'),
  isModuleNamespaceObject: () => false,
  isAnyArrayBuffer: (value) => ['ArrayBuffer', 'SharedArrayBuffer'].includes(brand(value)),
  isCryptoKey: () => false,
  isKeyObject: () => false,
  isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isTypedArray: (value) => typedArrayTag.call(value) !== undefined,
};
for (const name of ['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array',
  'Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) types[`is${name}`] = isTyped(name);

module.exports = types;
