/** What the flags of node before a script change: process.execArgv says them. */

/** The value of --name=value or --name value; undefined without it. */
function valueOf(flags, name) {
  const at = flags.findLastIndex((flag) => flag === name || flag.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return flags[at] === name ? flags[at + 1] ?? '' : flags[at].slice(name.length + 1);
}

/** Sets what the flags ask of process. */
function apply(process) {
  const flags = process.execArgv;
  const on = (name) => flags.includes(name);
  if (on('--no-deprecation')) process.noDeprecation = true;
  if (on('--throw-deprecation')) process.throwDeprecation = true;
  if (on('--trace-deprecation')) process.traceDeprecation = true;
  if (on('--trace-warnings')) process.traceProcessWarnings = true;
  const title = valueOf(flags, '--title');
  if (title !== undefined) process.title = title;
  const limit = valueOf(flags, '--stack-trace-limit');
  if (limit !== undefined) Error.stackTraceLimit = Number(limit);
  if (on('--expose-gc') || on('--expose_gc')) {
    Object.defineProperty(globalThis, 'gc', { value: () => {}, writable: true, configurable: true, enumerable: false });
  }
}

/** How rejections that nobody handled are dealt with: throw, strict, warn, warn-with-error-code or none. */
const rejectionMode = (process) => valueOf(process.execArgv, '--unhandled-rejections')?.replace(/-codes$/, '-code') ?? 'throw';

module.exports = { apply, rejectionMode, valueOf };
