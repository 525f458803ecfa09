// How node_encode.js writes errors: name, message, stack, and all own properties that can be sent.
'use strict';

/** The properties that constructors of errors make without showing them in a loop. */
const HIDDEN = ['cause', 'errors'];

function property(o, key) {
  try { return o[key]; } catch { return undefined; }
}

/** The file of the program that this is a part of; see NodeProgram. */
const own = typeof __filename === 'string' ? __filename : 'node_main.js';

/** Leaves out the frames of node and of the program around the task. */
function cleanStack(stack) {
  if (!stack.includes('node:') && !stack.includes(`${own}:`)) return stack;
  const part = own.startsWith('sc:') ? 'node:' : 'node:internal/'; // in a warm process all of node's is around the task
  return stack.split('\n').filter((line) => !(/^\s*at /.test(line) && (line.includes(part) || line.includes(`${own}:`)))).join('\n');
}

function message(e, o) {
  const m = property(o, 'message');
  const own = Object.hasOwn(o, 'message');
  if (typeof m === 'string' && (own || m.length > 0)) return e.string(m);
  if (!own || m === undefined) return e.w.nil();
  let text = '[a message that cannot be shown]';
  try { text = String(m); } catch { /* as it is */ }
  return e.string(text);
}

/** Encodes those of the properties that can be sent, as a map: an Error without its socket is worth more than none. */
function sendable(e, o, keys) {
  const { Writer } = require('node_writer');
  const { lossy, step } = require('node_encode');
  const outer = e.w;
  e.w = new Writer();
  let kept = 0;
  for (const key of keys) {
    if (lossy(key)) continue;
    const { w: { length }, numbers, depth, path: { length: steps } } = e;
    try {
      e.w.string(key);
      e.at(step(key), o[key]);
      kept++;
    } catch (err) {
      if (e.w.length > e.maxBytes) throw err;
      e.w.truncate(length);
      for (const [object, n] of e.seen) if (n >= numbers) e.seen.delete(object);
      e.numbers = numbers;
      e.depth = depth;
      e.path.length = steps;
    }
  }
  const inner = e.w;
  e.w = outer;
  e.w.map(kept);
  e.w.raw(inner.bytes());
  e.size();
}

exports.error = (e, o) => {
  e.number(o);
  e.nested(2, () => {
    e.w.begin(8, 5);
    const name = property(o, 'name');
    e.string(typeof name === 'string' && name !== '' ? name : 'Error');
    message(e, o);
    const stack = property(o, 'stack');
    if (typeof stack === 'string') e.string(cleanStack(stack));
    else e.w.nil();
    let shown = [];
    try { shown = Object.keys(o); } catch { /* none */ }
    shown = shown.filter((key) => key !== 'name' && key !== 'message' && key !== 'stack');
    sendable(e, o, HIDDEN.filter((key) => !shown.includes(key) && Object.hasOwn(o, key)));
    sendable(e, o, shown);
  });
};
exports.cleanStack = cleanStack;
