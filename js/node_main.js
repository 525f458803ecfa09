// What runs first in a node process of a package task: it hears what is to be done, gives the task its module, and
// either lets node run the file that it was started with, or calls a function.
'use strict';

const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const link = require('node_link');
const { encode } = require('node_encode');
const { decode } = require('node_decode');
const { cleanStack } = require('node_encode_error');
const { Functions, splitEnv } = require('node_decode_function');
const { makeTask, makeModule } = require('node_task');
const { installGlobals } = require('node_globals');

/** The names under which a task finds its module. */
const NAMES = new Set(['supercluster', 'sc:supercluster', 'nnet']);

function codedError(code, message) {
  const err = new Error(message);
  err.code = code;
  return err;
}

/** Sends what was thrown; something that is no Error becomes the cause of one. */
function sendError(thrown) {
  let err = thrown;
  if (!(Object(thrown) === thrown && typeof thrown.message === 'string' && typeof thrown.stack === 'string')) {
    let text = 'something that cannot be shown';
    try { text = String(thrown); } catch { /* as it is */ }
    err = codedError('ERR_TASK_THROWN', text);
    Object.defineProperty(err, 'cause', { value: thrown, configurable: true, writable: true });
  }
  link.send('error', new Uint8Array(encode(err, { path: 'error' })));
}

/** Lets require find the module; what a package in node_modules asks for is its own affair. */
function hookRequire(api) {
  const load = Module._load;
  Module._load = function _load(request, parent, isMain) {
    if (!NAMES.has(request)) return load.call(this, request, parent, isMain);
    const below = parent && parent.filename && parent.filename.split(path.sep).includes('node_modules');
    if (below && request === 'supercluster') {
      try { return load.call(this, request, parent, isMain); } catch { /* there is none */ }
    }
    return api;
  };
}

/** Finds the file that a package is loaded by. */
function mainOf(dir) {
  const require = Module.createRequire(path.join(dir, 'task.js'));
  try { return require.resolve(dir); } catch (err) {
    let name;
    try { ({ name } = require(path.join(dir, 'package.json'))); } catch { /* none */ }
    try { return require.resolve(name); } catch {
      throw codedError('ERR_PACKAGE_FILE', `the package has no main file to take a function from: ${err.message}; name it in run.file`);
    }
  }
}

/** import(), which our own engine, that looks at this file too, cannot parse. */
const importModule = new Function('url', 'return import(url);');

/** Takes an export out of a module, which may be CommonJS. */
async function exported(file, name) {
  const ns = await importModule(pathToFileURL(file));
  const inner = ns.default;
  const value = Object.hasOwn(ns, name) ? ns[name] : Object(inner) === inner ? inner[name] : undefined;
  const shown = path.relative(process.cwd(), file);
  if (value === undefined) {
    const there = [...new Set([...Object.keys(ns), ...Object.keys(Object(inner))])].filter((k) => k !== 'module.exports');
    throw codedError('ERR_PACKAGE_EXPORT', `${shown} has no export ${JSON.stringify(name)}; it has ${there.slice(0, 20).join(', ') || 'none'}`);
  }
  if (typeof value !== 'function') {
    throw codedError('ERR_PACKAGE_EXPORT', `the export ${JSON.stringify(name)} of ${shown} is no function but of type ${typeof value}`);
  }
  return value;
}

/** Calls the function that the task is, and ends the process with its result. */
async function call(job, task, functions) {
  const { env, args } = splitEnv(job.args);
  let fn;
  if (job.code.length > 0) fn = functions.make(job.code, env);
  else fn = await exported(job.file || mainOf(job.dir), job.export);
  task.args = args.length > 0 ? decode(args, { functions }) : [];
  const value = await fn.apply(undefined, task.args);
  let encoded;
  try { encoded = encode(value, { path: 'result' }); } catch (err) {
    if (err.code === 'ERR_VALUE') err.code = 'ERR_TASK_RESULT';
    throw err;
  }
  link.send('result', new Uint8Array(encoded));
  process.exit(0);
}

function main() {
  const [, job] = link.receive();
  const functions = new Functions(Module.createRequire(path.join(process.cwd(), 'task.js')));
  const { task, abort } = makeTask(job);
  const api = makeModule(task);
  process[Symbol.for('supercluster')] = api; // for the ES module of that name
  hookRequire(api);
  link.listen(([what, reason]) => { if (what === 'abort') abort(reason); });
  process.on('uncaughtExceptionMonitor', (err) => sendError(err));
  if (job.mode === 'file') {
    const { args } = splitEnv(job.args);
    task.args = args.length > 0 ? decode(args, { functions }) : [];
    return; // node goes on with the file
  }
  installGlobals({ task, require: functions.require, importing: functions.importing(functions.require) });
  let over = false;
  process.on('beforeExit', () => {
    if (!over) sendError(codedError('ERR_TASK_UNSETTLED', 'the promise that the function returned can never settle: nothing is pending'));
    process.exit(1);
  });
  call(job, task, functions).catch((err) => {
    over = true;
    sendError(err);
    if (err && err.stack) process.stderr.write(`${cleanStack(String(err.stack))}\n`);
    process.exit(1);
  });
}

main();
