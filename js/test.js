/**
 * The module "node:test": tests and suites, run in order once the script has been read, reported as TAP on stdout.
 * The exit code is 1 if one failed. Concurrency, snapshots, coverage and the command-line runner are not here.
 */
const { codes } = require('errors');
const { run, Test } = require('test_run');

const root = new Test({ name: '<root>', parent: null });
let current = root; // the suite whose body is being read
let planned = false;

/** Starts the run when the script has been read. */
function plan() {
  if (planned) return;
  planned = true;
  setImmediate(async () => {
    const passed = await run(root);
    if (!passed) process.exitCode = 1;
  });
}

/** name, options and fn in any of the forms that node takes. */
function parse(name, options, fn) {
  if (typeof name === 'function') return { name: name.name || '<anonymous>', options: {}, fn: name };
  if (name !== null && typeof name === 'object') return { name: options?.name || '<anonymous>', options: name, fn: options };
  if (typeof options === 'function') return { name, options: {}, fn: options };
  return { name: name || fn?.name || '<anonymous>', options: options ?? {}, fn };
}

function declare(kind, extra) {
  return (...args) => {
    const { name, options, fn } = parse(...args);
    const test = current.add({ name, ...options, ...extra, fn, suite: kind === 'suite' });
    plan();
    if (kind !== 'suite') return current === root ? test.promise : undefined;
    if (!fn || test.skip) return undefined;
    const outer = current;
    current = test;
    try {
      const made = fn(test.context());
      if (made && typeof made.then === 'function') test.body = made;
    } catch (err) {
      test.error = err;
    } finally {
      current = outer;
    }
    return undefined;
  };
}

function kind(name) {
  const fn = declare(name, {});
  fn.skip = declare(name, { skip: true });
  fn.todo = declare(name, { todo: true });
  fn.only = declare(name, { only: true });
  return fn;
}

const test = kind('test');
const it = kind('test');
const describe = kind('suite');

function hook(name) {
  return (fn, options = {}) => {
    if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', 'Function', fn);
    current.hooks[name].push({ fn, options });
    plan();
  };
}

const hooks = { before: hook('before'), after: hook('after'), beforeEach: hook('beforeEach'), afterEach: hook('afterEach') };

module.exports = Object.assign(test, {
  test, it, describe, suite: describe, ...hooks, skip: test.skip, todo: test.todo, only: test.only,
});
Object.defineProperty(test, 'mock', { get: () => require('test_mock').mock, enumerable: true, configurable: true });
for (const name of ['run', 'snapshot']) {
  Object.defineProperty(test, name, { get: () => { throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`node:test ${name}`); }, configurable: true });
}
