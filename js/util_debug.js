/** util.debuglog, util.getCallSites and util.parseEnv. */
const { validateString, validateInteger, validateObject } = require('validators');

/** The sections that NODE_DEBUG names, in upper case; "*" stands for anything. */
function enabled(section) {
  const list = String(process.env.NODE_DEBUG ?? '').toUpperCase().split(/[\s,]+/).filter(Boolean);
  return list.some((name) => new RegExp(`^${name.replace(/[|\\{}()[\]^$+?.]/g, '\\$&').replace(/\*/g, '.*')}$`).test(section));
}

function debuglog(section, callback = undefined) {
  const name = String(section).toUpperCase();
  let on;
  const log = (...args) => {
    if (on === undefined) {
      on = enabled(name);
      callback?.(log);
    }
    if (on) process.stderr.write(`${name} ${process.pid}: ${require('format').format(...args)}\n`);
  };
  Object.defineProperty(log, 'enabled', { get: () => (on ??= enabled(name)), enumerable: true, configurable: true });
  return log;
}

/** The calls around, the nearest first. */
function getCallSites(count = 10, options = undefined) {
  if (typeof count === 'object') [count, options] = [10, count];
  validateInteger(count, 'frameCount', 1, 200);
  if (options !== undefined) validateObject(options, 'options');
  const sites = [];
  for (const line of String(new Error().stack).split('\n').slice(2)) {
    const m = /^\s+at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/.exec(line);
    if (m) sites.push({ functionName: m[1] ?? '', scriptId: '0', scriptName: m[2], lineNumber: +m[3], columnNumber: +m[4], column: +m[4] });
  }
  return sites.slice(0, count);
}

/** The variables of a text in the form of .env files. */
function parseEnv(content) {
  validateString(content, 'content');
  const result = Object.create(null);
  const line = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^#\r\n]*))/gm;
  for (const [, name, double, single, back, plain] of content.matchAll(line)) {
    result[name] = double !== undefined ? double.replace(/\\n/g, '\n') : single ?? back ?? plain.trim();
  }
  return result;
}

module.exports = { debuglog, debug: debuglog, getCallSites, parseEnv };
