/** How inspect names an object: class, size, tag, prototype; and which of its keys it lists. */
const { objectKeys } = require('inspect');

/** Own keys to print: enumerable ones, with showHidden all of them. */
function keysOf(value, showHidden) {
  const symbols = Object.getOwnPropertySymbols(value);
  if (showHidden) return [...Object.getOwnPropertyNames(value), ...symbols];
  const keys = objectKeys(value);
  if (symbols.length === 0) return keys;
  return keys.concat(symbols.filter((s) => Object.prototype.propertyIsEnumerable.call(value, s)));
}

/** True for the text of an array index. */
function isIndex(key) {
  if (typeof key !== 'string' || key === '' || key.length > 10) return false;
  const n = Number(key);
  return n < 4294967295 && String(n) === key && Number.isInteger(n) && n >= 0;
}

/** Own keys but indexes, for arrays. */
function otherKeys(value, showHidden) {
  return keysOf(value, showHidden).filter((key) => !isIndex(key));
}

function isInstance(object, Class) {
  try {
    return object instanceof Class;
  } catch {
    return false;
  }
}

/** Names of the language's own classes: their prototypes are not worth listing. */
const BUILTIN = new Set(Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z][a-zA-Z0-9]+$/.test(name)));

/** Adds the properties that value inherits from classes of the user, for showHidden. */
function protoKeys(ctx, value, holder, found) {
  let depth = 0;
  let object = holder;
  let seen;
  do {
    if (depth !== 0 || value === object) {
      object = Object.getPrototypeOf(object);
      if (object === null) return;
      const own = Object.getOwnPropertyDescriptor(object, 'constructor');
      if (own && typeof own.value === 'function' && BUILTIN.has(own.value.name)) return;
    }
    if (depth === 0) seen = new Set();
    else Reflect.ownKeys(value).forEach((key) => seen.add(key));
    const keys = Reflect.ownKeys(object);
    ctx.seen.push(value);
    for (const key of keys) {
      if (key === 'constructor' || Object.prototype.hasOwnProperty.call(value, key) || (depth !== 0 && seen.has(key))) continue;
      const desc = Object.getOwnPropertyDescriptor(object, key);
      if (typeof desc.value === 'function') continue;
      found.push({ key, desc, holder: object });
    }
    ctx.seen.pop();
    depth += 1;
  } while (depth !== 3);
}

/** True for objects and arrays as literals make them, the bulk of what is printed. */
function isPlain(value) {
  const proto = Object.getPrototypeOf(value);
  const Class = proto === Object.prototype ? Object : proto === Array.prototype ? Array : undefined;
  return Class !== undefined && proto.constructor === Class && !Object.prototype.hasOwnProperty.call(value, 'constructor');
}

/**
 * The name of the class an object belongs to, null for a null prototype. inherited, if given, is filled with the
 * properties found on the way that showHidden prints.
 */
function constructorName(value, ctx, depth, inherited) {
  if (inherited === undefined && isPlain(value)) return Array.isArray(value) ? 'Array' : 'Object';
  let object = value;
  let first;
  while (object !== null && object !== undefined) {
    const own = Object.getOwnPropertyDescriptor(object, 'constructor');
    if (own && typeof own.value === 'function' && own.value.name !== '' && own.value !== globalThis.Iterator
      && isInstance(value, own.value)) {
      if (inherited && (first !== object || !BUILTIN.has(own.value.name))) protoKeys(ctx, value, first || value, inherited);
      return String(own.value.name);
    }
    object = Object.getPrototypeOf(object);
    if (first === undefined) first = object;
  }
  if (first === null) return null;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (ctx.depth !== null && depth > ctx.depth) return `${name} <Complex prototype>`;
  const parent = constructorName(first, ctx, depth + 1, inherited);
  if (parent !== null) return `${name} <${parent}>`;
  const { inspect } = require('inspect');
  return `${name} <${inspect(first, { ...ctx, customInspect: false, depth: -1 })}>`;
}

/** What stands before the brace: "Foo(2) [tag] ", "[Map(1): null prototype] ". */
function prefix(constructor, tag, fallback, size = '') {
  if (constructor === null) {
    const name = `[${fallback}${size}: null prototype] `;
    return tag !== '' && fallback !== tag ? `${name}[${tag}] ` : name;
  }
  return tag !== '' && constructor !== tag ? `${constructor}${size} [${tag}] ` : `${constructor}${size} `;
}

/** The Symbol.toStringTag that is worth printing: a string that is not itself listed among the properties. */
function tagOf(value, ctx) {
  const tag = value[Symbol.toStringTag];
  if (typeof tag !== 'string' || tag === '') return '';
  const listed = ctx.showHidden ? Object.prototype.hasOwnProperty : Object.prototype.propertyIsEnumerable;
  return listed.call(value, Symbol.toStringTag) ? '' : tag;
}

module.exports = { keysOf, otherKeys, isIndex, constructorName, prefix, tagOf };
