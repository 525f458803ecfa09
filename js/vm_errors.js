/** What the native half of vm needs of JavaScript. */

const decorated = new WeakSet();

/** A SyntaxError as node shows it: file and line, the line itself, a mark below it. */
function syntaxError(file, code, message, line, column) {
  const placed = /(?:^|: )Line (\d+):(\d+) ([^]*)$/.exec(message);
  if (placed) return syntaxError(file, code, placed[3].replace(/ \(and \d+ more errors\)$/, ''), Number(placed[1]), Number(placed[2]));
  const known = { 'Unexpected end of input': 'Unexpected end of input', 'Unexpected token ILLEGAL': 'Invalid or unexpected token' };
  const text = known[message] ?? message.replace(/^Unexpected token (\S+)$/, "Unexpected token '$1'").replace(/^Line \d+:\d+ /, '');
  const err = new SyntaxError(text);
  const shown = code.split('\n')[line - 1] ?? '';
  const frames = String(err.stack).split('\n').slice(1).join('\n');
  Object.defineProperty(err, 'stack', {
    value: `${file}:${line}\n${shown}\n${' '.repeat(Math.max(0, column - 1))}^\n\nSyntaxError: ${text}\n${frames}`,
    writable: true, configurable: true,
  });
  return err;
}

/** Whether object has a property that takes no value. */
function isReadOnly(object, name) {
  for (let o = object; o !== null; o = Object.getPrototypeOf(o)) {
    const desc = Object.getOwnPropertyDescriptor(o, name);
    if (desc !== undefined) return 'value' in desc ? !desc.writable : desc.set === undefined;
  }
  return !Object.isExtensible(object);
}

/** Puts file, line and a mark below it before the stack of an error that a program threw; once. */
function decorate(err, file, text, line, column) {
  try {
    if (!(err instanceof Error) || typeof err.stack !== 'string' || decorated.has(err)) return;
    decorated.add(err);
    const statement = text.lastIndexOf('throw ', column); // where node has its mark
    const at = statement >= 0 ? statement : Math.max(0, column - 1);
    const stack = `${file}:${line}\n${text}\n${' '.repeat(at)}^\n\n${err.stack}`;
    Object.defineProperty(err, 'stack', { value: stack, writable: true, configurable: true });
  } catch {
    // what cannot be written to keeps its stack
  }
}

module.exports = { syntaxError, decorate, isReadOnly };
