/** postMessageToThread: a message to any thread of the process by its number, heard there as process's workerMessage. */
const { codes } = require('errors');
const { validateNumber } = require('validators');
const messaging = require('messaging');
const native = require('thread_native');

/**
 * @param {number} threadId
 * @param {*} value
 * @param {Array|number} [transferList] or the timeout
 * @param {number} [timeout] milliseconds
 * @returns {Promise<void>} fulfilled when the other thread has heard it
 */
async function postMessageToThread(threadId, value, transferList = undefined, timeout = undefined) {
  let list = transferList;
  let limit = timeout;
  if (typeof transferList === 'number' && timeout === undefined) {
    list = undefined;
    limit = transferList;
  }
  if (limit !== undefined) validateNumber(limit, 'timeout', 0);
  if (threadId === native.id) throw new codes.ERR_WORKER_MESSAGING_SAME_THREAD();
  const answer = await new Promise((resolve) => {
    const timer = limit === undefined ? undefined : setTimeout(resolve, limit, 'TIMEOUT');
    native.send(threadId, value, messaging.transferables(list), (text) => {
      clearTimeout(timer);
      resolve(text);
    });
  });
  if (answer !== '') throw new codes[`ERR_WORKER_MESSAGING_${answer}`]();
}

/** Hands a message to the listeners of this thread: '' if one heard it, else what went wrong. */
function hear(value, source) {
  try {
    return process.emit('workerMessage', value, source) ? '' : 'FAILED';
  } catch {
    return 'ERRORED';
  }
}

module.exports = { postMessageToThread, hear };
