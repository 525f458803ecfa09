/**
 * What an object is, whatever its prototype says.
 *
 * The native binding answers exactly. Without its brand (in a task's sandbox) the answer rests on the getters that only
 * the real thing passes; a Proxy is known for one all the same, so that none of its traps runs.
 */
const native = binding || {};

const TypedArrayProto = Object.getPrototypeOf(Uint8Array.prototype);
const typedArrayTag = Object.getOwnPropertyDescriptor(TypedArrayProto, Symbol.toStringTag).get;

/**
 * The builtin class that value truly is: 'Map', 'Set', 'Date', 'RegExp', 'Error', 'Promise', 'Proxy', 'ArrayBuffer',
 * 'DataView', 'TypedArray', 'WeakMap', 'WeakSet', 'Function', 'Arguments', 'Number' (boxed) and so on, 'Map Iterator',
 * 'Set Iterator', 'Generator'; '' for plain objects, arrays and primitives.
 * @param {*} value
 * @returns {string}
 */
function brand(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return '';
  if (native.brand) return native.brand(value);
  return proxyDetails(value) === undefined ? require('types_probe').brandByProbe(value) : 'Proxy';
}

/** [target, handler] of a proxy, [null, null] of a revoked one, undefined if it is none or that cannot be seen. */
const proxyDetails = native.proxyDetails || (() => undefined);
/** ['pending'|'fulfilled'|'rejected', result] of a promise, undefined if that cannot be seen. */
const promiseDetails = native.promiseDetails || (() => undefined);

/** [pairs, item, …] of what a Map or Set iterator has yet to give, undefined if that cannot be seen. */
const previewIterator = native.previewIterator || (() => undefined);

module.exports = { brand, previewIterator, typedArrayTag, proxyDetails, promiseDetails };
