/** How node:test runs what was declared. */
const { validateFunction } = require('validators');

/** A test, or a suite of them. */
class Test {
  constructor({ name, parent, fn = undefined, skip = false, todo = false, only = false, timeout = Infinity, signal = undefined, suite = false }) {
    Object.assign(this, { name: String(name), parent, fn, skip, todo, only, timeout, signal, suite });
    this.children = [];
    this.ran = 0; // children that were reported
    this.hooks = { before: [], after: [], beforeEach: [], afterEach: [] };
    this.error = undefined;
    this.body = undefined; // of a suite whose function is async
    this.lines = [];
    this.promise = new Promise((resolve) => { this.settle = resolve; });
  }

  add(options) {
    const child = new Test({ ...options, parent: this });
    this.children.push(child);
    return child;
  }

  get path() { return this.parent?.parent ? `${this.parent.path} > ${this.name}` : this.name; }

  /** What the test's function is given. */
  context() {
    if (this.made) return this.made;
    const test = this;
    const controller = new AbortController();
    this.controller = controller;
    this.made = {
      name: this.name,
      fullName: this.path,
      signal: controller.signal,
      assert: require('assert'),
      test: (name, options, fn) => {
        const [settings, body] = typeof name === 'function' ? [{ name: name.name }, name]
          : typeof options === 'function' ? [{ name }, options] : [{ name, ...options }, fn];
        const child = test.add({ name: settings.name || '<anonymous>', ...settings, fn: body });
        test.pending = (test.pending ?? Promise.resolve()).then(() => runOne(child));
        return child.promise;
      },
      diagnostic: (text) => test.lines.push(String(text)),
      skip: (why) => { test.skip = why ?? true; },
      todo: (why) => { test.todo = why ?? true; },
      runOnly: () => {},
      plan: (count) => { test.wanted = count; },
      before: (fn) => test.hooks.before.push({ fn }),
      after: (fn) => test.hooks.after.push({ fn }),
      beforeEach: (fn) => test.hooks.beforeEach.push({ fn }),
      afterEach: (fn) => test.hooks.afterEach.push({ fn }),
    };
    Object.defineProperty(this.made, 'mock', { get: () => { test.mocks ??= require('test_mock').tracker(); return test.mocks; } });
    return this.made;
  }
}

/** Calls fn, which may take a callback besides its context, within the timeout. */
function call(fn, context, { timeout = Infinity, signal = undefined } = {}) {
  validateFunction(fn, 'fn');
  return new Promise((resolve, reject) => {
    let timer;
    if (Number.isFinite(timeout)) timer = setTimeout(() => reject(new Error(`test timed out after ${timeout}ms`)), timeout);
    const end = (settle) => (value) => { clearTimeout(timer); settle(value); };
    signal?.addEventListener('abort', () => end(reject)(signal.reason ?? new Error('The test was aborted')), { once: true });
    if (signal?.aborted) return end(reject)(signal.reason);
    try {
      if (fn.length > 1) fn.call(context, context, (err) => (err ? end(reject)(err) : end(resolve)()));
      else Promise.resolve(fn.call(context, context)).then(end(resolve), end(reject));
    } catch (err) {
      end(reject)(err);
    }
    return undefined;
  });
}

async function runHooks(list, context) {
  for (const { fn, options } of list) await call(fn, context, options);
}

const chain = (test) => (test ? [...chain(test.parent), test] : []);

/** Runs a test or suite with all below it, reports it, and tells whether it passed. */
async function runOne(test) {
  const begin = performance.now();
  const context = test.context();
  const around = chain(test.parent);
  if (!test.skip) {
    try {
      if (test.error !== undefined) throw test.error;
      if (test.suite) await test.body;
      await runHooks(test.suite ? test.hooks.before : [], context);
      if (!test.suite) for (const outer of around) await runHooks(outer.hooks.beforeEach, context);
      if (!test.suite && test.fn) await call(test.fn, context, test);
      await runChildren(test);
      await test.pending;
    } catch (err) {
      test.error = err ?? new Error(`test failed with ${err}`);
    }
    try {
      if (!test.suite) for (const outer of around.reverse()) await runHooks(outer.hooks.afterEach, context);
      await runHooks(test.hooks.after, context);
    } catch (err) {
      test.error ??= err;
    }
    test.mocks?.restoreAll();
    test.controller.abort();
  }
  const failed = test.children.filter((child) => child.failed).length;
  if (test.error === undefined && failed > 0) test.error = new Error(`${failed} subtest${failed > 1 ? 's' : ''} failed`);
  test.failed = test.error !== undefined && !test.todo;
  report(test, performance.now() - begin);
  test.settle();
  return !test.failed;
}

async function runChildren(test) {
  const only = test.children.some((child) => child.only) && process.execArgv.includes('--test-only');
  for (const child of [...test.children]) if (test.suite && (!only || child.only)) await runOne(child);
}

/** Writes the lines of TAP, version 13, of a test; those below it were written before. */
function report(test, ms) {
  const indent = '    '.repeat(chain(test.parent).length - 1);
  test.parent.ran += 1;
  const say = (text) => process.stdout.write(`${indent}${text}\n`);
  if (test.children.length > 0) say(`    1..${test.children.length}`);
  const mark = test.skip ? ` # SKIP${typeof test.skip === 'string' ? ` ${test.skip}` : ''}` : test.todo ? ` # TODO${typeof test.todo === 'string' ? ` ${test.todo}` : ''}` : '';
  say(`${test.error === undefined ? 'ok' : 'not ok'} ${test.parent.ran} - ${test.name.replace(/[#\\]/g, '\\$&')}${mark}`);
  say(`  ---\n${indent}  duration_ms: ${ms.toFixed(3)}`);
  if (test.error !== undefined) {
    const text = require('util').inspect(test.error);
    say(`  error: |-\n${text.split('\n').map((line) => `${indent}    ${line}`).join('\n')}`);
  }
  say('  ...');
  for (const line of test.lines) say(`# ${line}`);
}

/** Runs all tests of the script; true if none failed. */
async function run(root) {
  process.stdout.write('TAP version 13\n');
  let error;
  const count = { pass: 0, fail: 0, skipped: 0, todo: 0 };
  try {
    await runHooks(root.hooks.before, root.context());
    for (let i = 0; i < root.children.length; i += 1) {
      const test = root.children[i];
      const ok = await runOne(test);
      count[test.skip ? 'skipped' : test.todo ? 'todo' : ok ? 'pass' : 'fail'] += 1;
    }
    await runHooks(root.hooks.after, root.context());
  } catch (err) {
    error = err;
  }
  process.stdout.write(`1..${root.children.length}\n# tests ${root.children.length}\n${Object.entries(count).map(([name, n]) => `# ${name} ${n}\n`).join('')}`);
  if (error !== undefined) throw error;
  return count.fail === 0;
}

module.exports = { Test, run };
