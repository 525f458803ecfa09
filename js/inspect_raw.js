/** How inspect writes an object: the head by its class, its items, its properties. */
const { prefix, tagOf, constructorName, keysOf, otherKeys } = require('inspect_names');
const { typedArrayTag } = require('types');
const items = require('inspect_items');
const { layOut, PLAIN, LISTED } = require('inspect_layout');
const { formatProperty } = require('inspect_property');

/**
 * What is known of an object while it is written.
 * @typedef {{value: object, kind: string, name: ?string, tag: string, keys: Array, inherited: (Array|undefined),
 *   ctx: object, depth: number, typedArray: *}} Subject
 */

const empty = (s) => s.keys.length === 0 && s.inherited === undefined;
const done = (text) => ({ text });

/** Head of an array, Set, Map, typed array or iterator; undefined for anything else. */
function iterableHead(s) {
  const { value, ctx, name, tag } = s;
  if (Array.isArray(value)) {
    const head = name !== 'Array' || tag !== '' ? prefix(name, tag, 'Array', `(${value.length})`) : '';
    s.keys = otherKeys(value, ctx.showHidden);
    if (value.length === 0 && empty(s)) return done(`${head}[]`);
    return { braces: [`${head}[`, ']'], format: items.formatArray, type: LISTED };
  }
  if (s.kind === 'Set' || s.kind === 'Map') {
    const size = s.kind === 'Set' ? items.setSize(value) : items.mapSize(value);
    const head = prefix(name, tag, s.kind, `(${size})`);
    s.keys = keysOf(value, ctx.showHidden);
    if (size === 0 && empty(s)) return done(`${head}{}`);
    return { braces: [`${head}{`, '}'], format: s.kind === 'Set' ? items.formatSet : items.formatMap };
  }
  if (s.kind === 'TypedArray') {
    s.keys = otherKeys(value, ctx.showHidden);
    const fallback = name === null ? typedArrayTag.call(value) : '';
    const size = items.typedLength(value);
    const head = prefix(name, tag, fallback, `(${size})`);
    if (size === 0 && s.keys.length === 0 && !ctx.showHidden) return done(`${head}[]`);
    return { braces: [`${head}[`, ']'], format: items.formatTypedArray, type: LISTED };
  }
  if (s.kind === 'Map Iterator' || s.kind === 'Set Iterator') {
    s.keys = keysOf(value, ctx.showHidden);
    return { braces: [`[${tag || s.kind}] {`, '}'], format: items.formatIterator };
  }
  return undefined;
}

/** A base text that stands alone unless there are properties. */
function withBase(s, base, style) {
  if (empty(s)) return done(style ? s.ctx.stylize(base, style) : base);
  return { braces: ['{', '}'], base };
}

/** Date and RegExp: the text, after the class unless it is the plain one. */
function literal(s, text, fallback, style) {
  const head = prefix(s.name, s.tag, fallback);
  const base = head === `${fallback} ` ? text : head + text;
  if (empty(s) || (style === 'regexp' && s.depth > s.ctx.depth && s.ctx.depth !== null)) return done(s.ctx.stylize(base, style));
  return { braces: ['{', '}'], base };
}

function bufferHead(s) {
  const head = prefix(s.name, s.tag, 'ArrayBuffer');
  const shown = { braces: [`${head}{`, '}'], format: s.typedArray === undefined ? items.formatArrayBuffer : items.none };
  if (s.typedArray !== undefined && empty(s)) {
    return done(`${head}{ byteLength: ${s.ctx.stylize(String(s.value.byteLength), 'number')} }`);
  }
  s.keys.unshift('byteLength');
  return shown;
}

/** Heads by class; anything not listed is a plain object. */
const heads = {
  Arguments: (s) => ({ braces: [s.name === null ? prefix(null, s.tag, 'Arguments') : '[Arguments] {', '}'] }),
  Function: (s) => withBase(s, require('inspect_function').describe(s.value, s.name, s.tag), 'special'),
  RegExp: (s) => literal(s, RegExp.prototype.toString.call(s.value), 'RegExp', 'regexp'),
  Date: (s) => literal(s, Number.isNaN(Date.prototype.getTime.call(s.value))
    ? Date.prototype.toString.call(s.value) : Date.prototype.toISOString.call(s.value), 'Date', 'date'),
  Error: (s) => withBase(s, require('inspect_error').formatError(s.value, s.name, s.tag, s.ctx, s.keys)),
  ArrayBuffer: bufferHead,
  DataView(s) {
    s.keys.unshift('byteLength', 'byteOffset', 'buffer');
    return { braces: [`${prefix(s.name, s.tag, 'DataView')}{`, '}'] };
  },
  Promise: (s) => ({ braces: [`${prefix(s.name, s.tag, 'Promise')}{`, '}'], format: items.formatPromise }),
  WeakSet: (s) => ({ braces: [`${prefix(s.name, s.tag, 'WeakSet')}{`, '}'], format: items.formatWeak }),
  WeakMap: (s) => ({ braces: [`${prefix(s.name, s.tag, 'WeakMap')}{`, '}'], format: items.formatWeak }),
};
for (const boxed of ['Number', 'String', 'Boolean', 'BigInt', 'Symbol']) {
  heads[boxed] = (s) => {
    const base = items.boxedBase(s, boxed);
    return empty(s) ? done(base) : { braces: ['{', '}'], base };
  };
}

function plainHead(s) {
  const { name, tag } = s;
  if (name === 'Object' && tag === '') return empty(s) ? done('{}') : { braces: ['{', '}'] };
  const head = prefix(name, tag, 'Object');
  return empty(s) ? done(`${head}{}`) : { braces: [`${head}{`, '}'] };
}

function headOf(s) {
  if (Array.isArray(s.value) || s.name === null || s.value[Symbol.iterator]) {
    const head = iterableHead(s);
    if (head) return head;
  }
  s.keys = keysOf(s.value, s.ctx.showHidden);
  if (s.kind === 'Arguments' && empty(s)) return done('[Arguments] {}');
  return (heads[s.kind] || plainHead)(s);
}

/** Puts `<ref *1>` before an object that was found to contain itself. */
function markReference(ctx, value, head) {
  const index = ctx.circular === undefined ? undefined : ctx.circular.get(value);
  if (index === undefined) return;
  const reference = ctx.stylize(`<ref *${index}>`, 'special');
  if (ctx.compact === true) head.braces[0] = `${reference} ${head.braces[0]}`;
  else head.base = head.base ? `${reference} ${head.base}` : reference;
}

function sortOutput(ctx, output, type, keys) {
  const compare = ctx.sorted === true ? undefined : ctx.sorted;
  if (type === PLAIN) output.sort(compare);
  else if (keys > 1) output.push(...output.splice(output.length - keys, keys).sort(compare));
}

/** The whole text of one object. */
function formatRaw(ctx, value, depth, typedArray, kind) {
  const inherited = ctx.showHidden && (ctx.depth === null || depth <= ctx.depth) ? [] : undefined;
  const s = { value, kind, ctx, depth, typedArray, keys: [], inherited: undefined, name: null, tag: '' };
  s.name = constructorName(value, ctx, depth, inherited);
  if (inherited && inherited.length > 0) s.inherited = inherited;
  s.tag = tagOf(value, ctx);
  if (s.tag !== '' && s.tag === s.name) s.tag = '';
  const head = headOf(s);
  if (head.text !== undefined) return head.text;
  if (ctx.depth !== null && depth > ctx.depth) {
    return ctx.stylize(`[${prefix(s.name, s.tag, kind === 'Arguments' ? 'Arguments' : Array.isArray(value) ? 'Array' : 'Object').slice(0, -1)}]`, 'special');
  }
  const type = head.type === undefined ? PLAIN : head.type;
  ctx.seen.push(value);
  ctx.currentDepth = depth + 1;
  const output = head.format ? head.format(ctx, value, depth + 1, head) : [];
  for (const key of s.keys) output.push(formatProperty(ctx, value, depth + 1, key, type));
  for (const p of s.inherited || []) output.push(formatProperty(ctx, p.holder, depth + 1, p.key, type, p.desc, value));
  markReference(ctx, value, head);
  ctx.seen.pop();
  if (ctx.sorted) sortOutput(ctx, output, type, s.keys.length);
  const text = layOut(ctx, output, head.base || '', head.braces, type, depth + 1, value);
  // A tree that grew past 128 MiB of text is cut to one more level.
  const total = (ctx.budget[ctx.indentationLvl] || 0) + text.length;
  ctx.budget[ctx.indentationLvl] = total;
  if (total > 2 ** 27) ctx.depth = -1;
  return text;
}

module.exports = { formatRaw };
