/** How inspect writes what containers hold: elements, entries, bytes, the result of a promise. */
const { objectKeys } = require('inspect');
const { promiseDetails, previewIterator, typedArrayTag } = require('types');
const { formatNumber, formatBigInt, formatPrimitive } = require('inspect_primitive');
const { formatProperty } = require('inspect_property');
const { layOut, ELEMENT, LISTED } = require('inspect_layout');
const { isIndex } = require('inspect_names');

const formatValue = (...args) => require('inspect').formatValue(...args);
const getter = (proto, name) => {
  const { get } = Object.getOwnPropertyDescriptor(proto, name);
  return (value) => get.call(value);
};
const mapSize = getter(Map.prototype, 'size');
const setSize = getter(Set.prototype, 'size');
const typedLength = getter(Object.getPrototypeOf(Uint8Array.prototype), 'length');

const plural = (n, word) => `${n} ${word}${n > 1 ? 's' : ''}`;
const more = (left) => `... ${left} more item${left > 1 ? 's' : ''}`;
const none = () => [];

/** Elements of an array with holes: only the indexes that are there, the gaps counted. */
function formatHoles(ctx, value, depth, limit) {
  const output = [];
  let next = 0;
  for (const key of objectKeys(value)) {
    if (output.length >= limit || !isIndex(key)) break;
    const index = Number(key);
    if (index !== next) {
      output.push(ctx.stylize(`<${plural(index - next, 'empty item')}>`, 'undefined'));
      next = index;
      if (output.length === limit) break;
    }
    output.push(formatProperty(ctx, value, depth, key, ELEMENT));
    next += 1;
  }
  const left = value.length - next;
  if (output.length !== limit) {
    if (left > 0) output.push(ctx.stylize(`<${plural(left, 'empty item')}>`, 'undefined'));
  } else if (left > 0) {
    output.push(more(left));
  }
  return output;
}

function formatArray(ctx, value, depth) {
  const limit = Math.min(Math.max(0, ctx.maxArrayLength), value.length);
  const output = [];
  for (let i = 0; i < limit; i++) {
    if (!Object.prototype.hasOwnProperty.call(value, i)) return formatHoles(ctx, value, depth, limit);
    output.push(formatProperty(ctx, value, depth, String(i), ELEMENT));
  }
  if (value.length > limit) output.push(more(value.length - limit));
  return output;
}

function formatTypedArray(ctx, value, depth) {
  const length = typedLength(value);
  const limit = Math.min(Math.max(0, ctx.maxArrayLength), length);
  const format = typedArrayTag.call(value).startsWith('Big') ? formatBigInt : formatNumber;
  const output = [];
  for (let i = 0; i < limit; i++) output.push(format(ctx.stylize, value[i], ctx.numericSeparator));
  if (length > limit) output.push(more(length - limit));
  if (ctx.showHidden) {
    ctx.indentationLvl += 2;
    for (const key of ['BYTES_PER_ELEMENT', 'length', 'byteLength', 'byteOffset', 'buffer']) {
      output.push(`[${key}]: ${formatValue(ctx, value[key], depth, true)}`);
    }
    ctx.indentationLvl -= 2;
  }
  return output;
}

function limited(ctx, size) {
  return ctx.maxArrayLength === Infinity ? size : Math.min(Math.max(0, ctx.maxArrayLength), size);
}

function formatSet(ctx, value, depth) {
  const size = setSize(value);
  const limit = limited(ctx, size);
  const output = [];
  ctx.indentationLvl += 2;
  for (const item of Set.prototype.values.call(value)) {
    if (output.length >= limit) break;
    output.push(formatValue(ctx, item, depth));
  }
  if (size > limit) output.push(more(size - limit));
  ctx.indentationLvl -= 2;
  return output;
}

function formatMap(ctx, value, depth) {
  const size = mapSize(value);
  const limit = limited(ctx, size);
  const output = [];
  ctx.indentationLvl += 2;
  for (const [key, item] of Map.prototype.entries.call(value)) {
    if (output.length >= limit) break;
    output.push(`${formatValue(ctx, key, depth)} => ${formatValue(ctx, item, depth)}`);
  }
  if (size > limit) output.push(more(size - limit));
  ctx.indentationLvl -= 2;
  return output;
}

/** What an iterator has yet to give; pairs is whether that is entries. */
function formatIterator(ctx, value, depth, head) {
  const preview = previewIterator(value);
  if (preview === undefined) return ['<items unknown>'];
  const [pairs, ...items] = preview;
  const step = pairs ? 2 : 1;
  const count = items.length / step;
  const limit = limited(ctx, count);
  const output = [];
  if (pairs) head.braces[0] = head.braces[0].replace(/ Iterator] {$/, ' Entries] {');
  ctx.indentationLvl += 2;
  for (let i = 0; i < limit; i++) {
    const texts = items.slice(i * step, (i + 1) * step).map((item) => formatValue(ctx, item, depth));
    output.push(pairs ? layOut(ctx, texts, '', ['[', ']'], LISTED, depth, undefined) : texts[0]);
  }
  ctx.indentationLvl -= 2;
  if (count > limit) output.push(more(count - limit));
  return output;
}

const formatWeak = (ctx) => [ctx.stylize('<items unknown>', 'special')];

function formatArrayBuffer(ctx, value) {
  const bytes = new Uint8Array(value);
  const limit = Math.min(Math.max(0, ctx.maxArrayLength), bytes.length);
  let text = '';
  for (let i = 0; i < limit; i++) text += `${i ? ' ' : ''}${bytes[i].toString(16).padStart(2, '0')}`;
  const left = bytes.length - limit;
  if (left > 0) text += ` ... ${left} more byte${left > 1 ? 's' : ''}`;
  return [`${ctx.stylize('[Uint8Contents]', 'special')}: <${text}>`];
}

function formatPromise(ctx, value, depth) {
  const details = promiseDetails(value);
  if (details === undefined) return [];
  const [state, result] = details;
  if (state === 'pending') return [ctx.stylize('<pending>', 'special')];
  ctx.indentationLvl += 2;
  const text = formatValue(ctx, result, depth);
  ctx.indentationLvl -= 2;
  return [state === 'rejected' ? `${ctx.stylize('<rejected>', 'special')} ${text}` : text];
}

function formatProxy(ctx, [target, handler], depth, format) {
  if (ctx.depth !== null && depth > ctx.depth) return ctx.stylize('Proxy [Array]', 'special');
  ctx.indentationLvl += 2;
  const parts = [format(ctx, target, depth + 1), format(ctx, handler, depth + 1)];
  ctx.indentationLvl -= 2;
  return layOut(ctx, parts, '', ['Proxy [', ']'], LISTED, depth + 1, undefined);
}

/** "[Number: 3]" of a boxed primitive; the characters of a String are no properties. */
function boxedBase(s, type) {
  const { ctx, value } = s;
  if (type === 'String') s.keys = s.keys.slice(value.length);
  let base = `[${type}`;
  if (type !== s.name) base += s.name === null ? ' (null prototype)' : ` (${s.name})`;
  base += `: ${formatPrimitive((text) => text, globalThis[type].prototype.valueOf.call(value), ctx)}]`;
  if (s.tag !== '' && s.tag !== s.name) base += ` [${s.tag}]`;
  if (s.keys.length > 0 || ctx.stylize === undefined) return base;
  return ctx.stylize(base, type.toLowerCase());
}

module.exports = {
  formatArray, formatTypedArray, formatSet, formatMap, formatIterator, formatWeak, formatArrayBuffer, formatPromise,
  formatProxy, boxedBase, mapSize, setSize, typedLength, none,
};
