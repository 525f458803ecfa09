/** Runs an operation of fs_ops.js: at once, or beside the script, where ['await', promise] waits for a promise. */
const native = require('fs_native');

/** The result of a generator whose native operations are run at once. */
function runSync(steps) {
  let step = steps.next();
  while (!step.done) {
    let result;
    try {
      const [name, ...args] = step.value;
      result = name === 'await' ? args[0] : native.sync[name](...args);
    } catch (err) {
      step = steps.throw(err);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

/** The same as a promise. What is wrong with the arguments throws before there is one. */
function runAsync(steps) {
  const first = steps.next();
  return first.done ? Promise.resolve(first.value) : follow(steps, first);
}

async function follow(steps, first) {
  let step = first;
  while (!step.done) {
    let result;
    try {
      const [name, ...args] = step.value;
      result = await (name === 'await' ? args[0] : native.async[name](...args));
    } catch (err) {
      step = steps.throw(err);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

module.exports = { runSync, runAsync };
