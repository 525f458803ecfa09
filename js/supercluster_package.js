// Reads task objects whose code has dependencies or files of its own, in the forms that they may have.
'use strict';

const { codedError, wrongType } = require('supercluster_errors');

/** The properties of each object; another one is a mistake. */
const KNOWN = {
  task: ['name', 'package_json', 'run', 'deleteWhenDone', 'result', 'id'],
  run: ['file', 'function', 'args', 'cwd'],
  file: ['type', 'name', 'fileName', 'args', 'deleteWhenDone', 'result', 'id'],
  github: ['type', 'name', 'user', 'repo', 'ref', 'dir', 'cmds', 'deleteWhenDone', 'result', 'id'],
  cmds: ['pre', 'cmd', 'post'],
};

/** Tells whether a task object is one that a node process runs. */
function isPackage(task) {
  const { run } = task;
  return task.package_json !== undefined || task.type !== undefined || (run && (run.file !== undefined || typeof run.function === 'string'));
}

/** Reads the package of a task object. @returns {{spec: object, fn: ?Function, args: ?Array}} spec is for native.package */
function readPackage(call, position, task) {
  const name = JSON.stringify(task.name || 'without a name');
  const bad = (what) => codedError('ERR_INVALID_ARG_VALUE', `${call}: task ${name}: ${what}`, TypeError);
  const known = (object, path, list) => {
    const key = Object.keys(object).find((k) => !list.includes(k));
    if (key !== undefined) throw bad(`unknown property "${path}${key}"; there are ${list.join(', ')}`);
  };
  const text = (object, key, path) => {
    const value = object[key];
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string') throw wrongType(call, position, `task.${path}${key}`, 'a string', value);
    return value;
  };
  const plain = (value, path) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrongType(call, position, `task.${path}`, 'an object', value);
    return value;
  };
  const list = (value, path) => {
    if (value !== undefined && !Array.isArray(value)) throw wrongType(call, position, `task.${path}`, 'an array', value);
    return value;
  };
  if (task.deleteWhenDone !== undefined && typeof task.deleteWhenDone !== 'boolean') {
    throw wrongType(call, position, 'task.deleteWhenDone', 'true or false', task.deleteWhenDone);
  }
  const spec = { name: text(task, 'name', ''), keep: task.deleteWhenDone === false };

  if (task.type === 'file') {
    known(task, '', KNOWN.file);
    spec.bundle = text(task, 'fileName', '');
    if (spec.bundle === '') throw bad('fileName is missing');
    return { spec: { ...spec, output: true }, args: list(task.args, 'args') };
  }
  if (task.type === 'github') {
    known(task, '', KNOWN.github);
    const cmds = plain(task.cmds, 'cmds');
    known(cmds, 'cmds.', KNOWN.cmds);
    for (const key of ['user', 'repo']) if (text(task, key, '') === '') throw bad(`${key} is missing`);
    for (const key of KNOWN.cmds) spec[key] = text(cmds, key, 'cmds.');
    if (spec.cmd === '') throw bad('cmds.cmd is missing');
    spec.repository = `https://github.com/${task.user}/${task.repo.replace(/\.git$/, '')}.git`;
    return { spec: { ...spec, output: true, ref: text(task, 'ref', ''), dir: text(task, 'dir', '') } };
  }
  if (task.type !== undefined) throw bad(`unknown type ${JSON.stringify(task.type)}; there are "file" and "github"`);

  known(task, '', KNOWN.task);
  const run = plain(task.run, 'run');
  known(run, 'run.', KNOWN.run);
  const fn = typeof run.function === 'function' ? run.function : undefined;
  const file = text(run, 'file', 'run.');
  if (fn && file !== '') throw bad('run has a file and a function of its own; name an export of the file, or leave one out');
  spec.cwd = text(run, 'cwd', 'run.');
  if (!fn) spec.export = text(run, 'function', 'run.');
  if (!fn && file === '' && !spec.export) throw bad('nothing is to run: it needs run.file or run.function');
  if (task.package_json === undefined) {
    if (file === '') throw bad(`run.function ${JSON.stringify(spec.export)} is the name of an export, but of no file: it needs run.file or package_json`);
    return { spec: { ...spec, bundle: file }, args: list(run.args, 'run.args') };
  }
  const manifest = plain(task.package_json, 'package_json');
  // One that only says where the package is leaves the package.json that is there.
  const says = Object.keys(manifest).some((key) => key !== 'repository' && key !== 'respository');
  try { spec.manifest = says ? JSON.stringify(manifest) : ''; } catch (err) { throw bad(`package_json is no JSON: ${err.message}`); }
  // The document that the project was born from misspells it.
  const repository = manifest.repository ?? manifest.respository;
  if (typeof repository === 'string') spec.repository = repository;
  else if (repository !== undefined) {
    plain(repository, 'package_json.repository');
    spec.repository = text(repository, 'url', 'package_json.repository.');
    spec.ref = text(repository, 'ref', 'package_json.repository.');
    spec.dir = text(repository, 'directory', 'package_json.repository.');
    if (repository.type !== undefined && repository.type !== 'git') throw bad(`a repository of type ${JSON.stringify(repository.type)}; only "git" is known`);
  }
  if (!says && !spec.repository) spec.manifest = '{}';
  if (file !== '' && !spec.repository) throw bad('run.file is a file of a repository, but package_json.repository is missing');
  return { spec: { ...spec, file }, fn, args: list(run.args, 'run.args') };
}

exports.isPackage = isPackage;
exports.readPackage = readPackage;
