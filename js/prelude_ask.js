/**
 * What a task with permissions asks of its worker, which checks and does it: binding.ask(operation, …arguments) gives
 * the result, binding.askLater a promise of it. Arguments and results are texts, numbers, booleans, bytes
 * and arrays. run and later do the same for a generator that yields [operation, …arguments].
 */
const { ask, askLater } = binding;

/** Bytes that one request carries. */
const CHUNK = 65536;

/** The result of a generator whose requests are waited for. */
function run(steps) {
  let step = steps.next();
  while (!step.done) {
    let result;
    try {
      result = ask(...step.value);
    } catch (err) {
      step = steps.throw(err);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

/** The same as a promise. */
async function later(steps) {
  let step = steps.next();
  while (!step.done) {
    let result;
    try {
      result = await askLater(...step.value);
    } catch (err) {
      step = steps.throw(err);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

/** The bytes of a view, or of a text in UTF-8. */
function bytesOf(data) {
  if (typeof data === 'string') return require('buffer').Buffer.from(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

module.exports = { ask, askLater, run, later, bytesOf, CHUNK };
