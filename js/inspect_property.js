/** How inspect writes one property: `name: value`, `[Symbol(x)]: value`, `[hidden]: value`, getters by name. */
const { formatPrimitive, quote, escapeUnits } = require('inspect_primitive');
const { stringWidth } = require('string_width');
const { PLAIN, ELEMENT } = require('inspect_layout');

/** A getter: its name, and what it gives if the option says so. */
function formatGetter(ctx, desc, depth, holder) {
  const label = desc.set === undefined ? 'Getter' : 'Getter/Setter';
  const special = (text) => ctx.stylize(text, 'special');
  const wanted = ctx.getters === true || (ctx.getters === 'get' && desc.set === undefined)
    || (ctx.getters === 'set' && desc.set !== undefined);
  if (!wanted) return special(`[${label}]`);
  try {
    const value = desc.get.call(holder);
    ctx.indentationLvl += 2;
    let text;
    if (value !== null && typeof value === 'object') {
      text = `${special(`[${label}]`)} ${require('inspect').formatValue(ctx, value, depth)}`;
    } else {
      text = `${special(`[${label}:`)} ${formatPrimitive(ctx.stylize, value, ctx)}${special(']')}`;
    }
    ctx.indentationLvl -= 2;
    return text;
  } catch (err) {
    return `${special(`[${label}:`)} <Inspection threw (${err.message})>${special(']')}`;
  }
}

function formatName(ctx, key, desc) {
  if (typeof key === 'symbol') return `[${ctx.stylize(escapeUnits(key.toString(), 39), 'symbol')}]`;
  if (key === '__proto__') return "['__proto__']";
  if (desc.enumerable === false) return `[${escapeUnits(key, 39)}]`;
  if (/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)) return ctx.stylize(key, 'name');
  return ctx.stylize(quote(key), 'string');
}

/**
 * @param {object} ctx
 * @param {object} value the object that has the property
 * @param {number} depth
 * @param {string|symbol} key
 * @param {number} type PLAIN, ELEMENT (an array's element: no name) or LISTED (a property of an array)
 * @param {object} [known] its descriptor
 * @param {object} [holder] what a getter is called on
 */
function formatProperty(ctx, value, depth, key, type, known, holder = value) {
  const desc = known || Object.getOwnPropertyDescriptor(value, key)
    || { value: value[key], configurable: true, enumerable: true };
  let text;
  let gap = ' ';
  if (desc.value !== undefined) {
    const step = ctx.compact !== true || type !== PLAIN ? 2 : 3;
    ctx.indentationLvl += step;
    text = require('inspect').formatValue(ctx, desc.value, depth);
    if (step === 3 && ctx.breakLength < stringWidth(text, ctx.colors)) gap = `\n${' '.repeat(ctx.indentationLvl)}`;
    ctx.indentationLvl -= step;
  } else if (desc.get !== undefined) {
    text = formatGetter(ctx, desc, depth, holder);
  } else {
    text = desc.set === undefined ? ctx.stylize('undefined', 'undefined') : ctx.stylize('[Setter]', 'special');
  }
  return type === ELEMENT ? text : `${formatName(ctx, key, desc)}:${gap}${text}`;
}

module.exports = { formatProperty };
