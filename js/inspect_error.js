/** How inspect writes errors: the stack, with the class name made good, then cause, errors and own properties. */
const { brand } = require('types');
const { prefix } = require('inspect_names');
const native = binding || {};

const FRAMES = '\n    at';

/** A frame of goja, `\tat f (file:1:2(3))`, in the form of V8. */
function cleanLine(line) {
  const found = /^\s*at (.*?)\(\d+\)\)?$/.exec(line);
  if (!found) return line.replace(/^\t+at /, '    at ');
  return `    at ${found[1].includes('(') ? `${found[1]})` : found[1]}`;
}

/** The stack as V8 writes it, in the user's own source lines where the host can tell them. */
function cleanStack(stack) {
  const text = native.mapStack ? native.mapStack(stack) : stack;
  if (!text.includes('\tat ')) return text;
  return text.replace(/\n+$/, '').split('\n').map((line) => (line.startsWith('\tat ') ? cleanLine(line) : line)).join('\n');
}

function stackOf(err) {
  return err.stack ? cleanStack(String(err.stack)) : Error.prototype.toString.call(err);
}

/** Keys whose text stands in the stack already are not listed again. */
function dropShown(ctx, keys, err, stack) {
  if (ctx.showHidden) return;
  for (const name of ['name', 'message', 'stack']) {
    const at = keys.indexOf(name);
    if (at !== -1 && (typeof err[name] !== 'string' || stack.includes(err[name]))) keys.splice(at, 1);
  }
}

/** Puts class and tag in the place of the name at the start of a stack where they say more. */
function improve(stack, constructor, name, tag) {
  let length = name.length;
  const after = stack[length];
  if (constructor !== null && !(name.endsWith('Error') && stack.startsWith(name)
    && (after === undefined || after === ':' || after === '\n'))) return stack;
  let fallback = 'Error';
  if (constructor === null) {
    const start = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n\s+at)/.exec(stack) || /^([a-z_A-Z0-9-]*Error)$/.exec(stack);
    fallback = (start && start[1]) || '';
    length = fallback.length;
    fallback = fallback || 'Error';
  }
  const head = prefix(constructor, tag, fallback).slice(0, -1);
  if (name === head) return stack;
  if (!head.includes(name)) return `${head} [${name}]${stack.slice(length)}`;
  return length === 0 ? `${head}: ${stack}` : `${head}${stack.slice(length)}`;
}

/** Where the longest run of frames that both stacks share begins in a, and how long it is. */
function overlap(a, b) {
  for (let i = 0; i < a.length - 3; i++) {
    const at = b.indexOf(a[i]);
    if (at === -1) continue;
    const rest = b.length - at;
    if (rest <= 3) continue;
    let length = 1;
    const most = Math.min(a.length - i, rest);
    while (length < most && a[i + length] === b[at + length]) length += 1;
    if (length > 3) return { length, offset: i };
  }
  return { length: 0, offset: 0 };
}

/** The frames, without those that stand in the cause's stack as well. */
function framesOf(ctx, err, text) {
  const frames = text.split('\n');
  if (brand(err.cause) !== 'Error') return frames;
  const cause = stackOf(err.cause);
  const start = cause.indexOf(FRAMES);
  if (start === -1) return frames;
  const { length, offset } = overlap(frames, cause.slice(start + 1).split('\n'));
  if (length > 3) {
    const skipped = length - 2;
    frames.splice(offset + 1, skipped, ctx.stylize(`    ... ${skipped} lines matching cause stack trace ...`, 'undefined'));
  }
  return frames;
}

const OWN_FRAME = /\((?:node:|native)|^\s+at (?:node:|native)/;

/** Greys what is not the user's: frames of builtin modules, the working directory in file names. */
function colourFrame(ctx, line) {
  if (OWN_FRAME.test(line)) return ctx.stylize(line, 'undefined');
  const dir = typeof process === 'object' && process.cwd ? process.cwd() : '';
  const at = dir.length > 1 ? line.indexOf(`${dir}/`) : -1;
  if (at < 0) return line;
  const open = line[at - 1] === '(' ? 1 : 0;
  const head = `${line.slice(0, at - open)}${ctx.stylize(line.slice(at - open, at + dir.length + 1), 'undefined')}`;
  const rest = line.slice(at + dir.length + 1);
  return open && rest.endsWith(')') ? `${head}${rest.slice(0, -1)}${ctx.stylize(')', 'undefined')}` : head + rest;
}

/**
 * @param {Error} err
 * @param {?string} constructor
 * @param {string} tag
 * @param {object} ctx
 * @param {Array} keys the properties to list; those that the text shows are taken out, hidden ones worth showing added
 */
function formatError(err, constructor, tag, ctx, keys) {
  const name = err.name === null || err.name === undefined ? 'Error' : String(err.name);
  let stack = stackOf(err);
  dropShown(ctx, keys, err, stack);
  if ('cause' in err && !keys.includes('cause')) keys.push('cause');
  if (Array.isArray(err.errors) && !keys.includes('errors')) keys.push('errors');
  stack = improve(stack, constructor, name, tag);
  const at = err.message ? stack.indexOf(err.message) : -1;
  const start = stack.indexOf(FRAMES, at === -1 ? 0 : at + String(err.message).length);
  if (start === -1) {
    stack = `[${stack}]`;
  } else {
    let lines = framesOf(ctx, err, stack.slice(start + 1));
    if (ctx.colors) lines = lines.map((line) => colourFrame(ctx, line));
    stack = `${stack.slice(0, start)}\n${lines.join('\n')}`;
  }
  return ctx.indentationLvl === 0 ? stack : stack.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
}

module.exports = { formatError, cleanStack };
