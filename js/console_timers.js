/** console.count and console.time. */

const warn = (message) => process.emitWarning(message);
const name = (label) => (label === undefined ? 'default' : `${label}`);

function count(w, label) {
  const key = name(label);
  const n = (w.counts.get(key) || 0) + 1;
  w.counts.set(key, n);
  w.print(false, [`${key}: ${n}`]);
}

function countReset(w, label) {
  const key = name(label);
  if (!w.counts.delete(key)) warn(`Count for '${key}' does not exist`);
}

const two = (n) => String(n).padStart(2, '0');

/** Milliseconds as node shows them: 12.345ms, 1.234s, 1:23.456 (m:ss.mmm), 1:02:03 (h:mm:ss). */
function duration(ms) {
  if (ms < 1000) return `${Number(ms.toFixed(3))}ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(3)}s`;
  if (ms < 3600000) {
    const [seconds, rest] = ((ms % 60000) / 1000).toFixed(3).split('.');
    return `${Math.floor(ms / 60000)}:${two(seconds)}.${rest} (m:ss.mmm)`;
  }
  const total = Math.floor(ms / 1000);
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)} (h:mm:ss)`;
}

function time(w, label) {
  const key = name(label);
  if (w.timers.has(key)) warn(`Label '${key}' already exists for console.time()`);
  else w.timers.set(key, process.hrtime());
}

function elapsed(w, key, method) {
  const start = w.timers.get(key);
  if (start === undefined) {
    warn(`No such label '${key}' for console.${method}()`);
    return undefined;
  }
  const [seconds, nanoseconds] = process.hrtime(start);
  return duration(seconds * 1e3 + nanoseconds / 1e6);
}

function timeEnd(w, label) {
  const key = name(label);
  const text = elapsed(w, key, 'timeEnd');
  if (text === undefined) return;
  w.timers.delete(key);
  w.print(false, ['%s: %s', key, text]);
}

function timeLog(w, label, args) {
  const key = name(label);
  const text = elapsed(w, key, 'timeLog');
  if (text !== undefined) w.print(false, ['%s: %s', key, text, ...args]);
}

module.exports = { count, countReset, time, timeEnd, timeLog, duration };
