// Functions as they travel (vm.Function): their text, made into programs that real node runs.
'use strict';

const vm = require('node:vm');
const { Reader } = require('node_reader');

/** What the source of a function is, by number. */
const KIND = { METHOD: 1, CLASS: 2, MODULE: 3, BUILTIN: 4, GLOBAL: 5, REQUIRE: 6, INSTANCE: 7 };

const PLAIN_NAME = /^[A-Za-z_$][\w$]{0,99}$/;
const IDENTIFIER = /^[\p{L}_$][\p{L}\p{Nd}\p{Nl}\p{Mn}\p{Mc}\p{Pc}$]*$/u;
const MAX_PLACE = 1 << 20;

/**
 * @param {Uint8Array} bytes what vm.Function.Encode gave
 * @param {boolean} [parts] whether it may have parts
 * @returns {{source: string, name: string, file: string, line: number, column: number, kind: number, strict: boolean,
 *   names: string[], parts: object[]}}
 */
function decodeFunction(bytes, parts = true) {
  const r = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (r.array() !== 9) r.fail('function with another number of fields');
  const f = { source: r.string(), name: r.string(), file: r.string(), line: r.count(), column: r.count(), kind: r.count() };
  const strict = r.head();
  if (strict !== 0xc2 && strict !== 0xc3) r.fail('no boolean');
  f.strict = strict === 0xc3;
  f.names = [];
  for (let n = r.array(); n > 0; n--) f.names.push(r.string());
  r.leave();
  f.parts = [];
  for (let n = r.array(); n > 0; n--) f.parts.push(decodeFunction(r.bin(), false));
  r.leave();
  r.leave();
  r.end();
  if (f.line > MAX_PLACE || f.column > MAX_PLACE || f.kind > KIND.INSTANCE || (!parts && f.parts.length > 0)) r.fail('function out of bounds');
  // Names stand in the glue around the source, and must not break out of it.
  const bad = f.kind === KIND.REQUIRE ? undefined : f.names.find((name) => !IDENTIFIER.test(name));
  if (bad !== undefined) r.fail(`captured name ${JSON.stringify(bad)}`);
  return f;
}

/** Tells whether the program's value is a function of the captured values, and not the function itself. */
const wrapped = (f) => f.names.length > 0 || (f.strict && f.kind !== KIND.CLASS);

/** What stands around the source; see vm.Function. */
function glue(f) {
  if (f.kind === KIND.MODULE) return ['(function(exports,require,module){', '})'];
  let [before, after] = ['(', ')'];
  if (f.kind === KIND.METHOD) [before, after] = ['({', '})'];
  else if (PLAIN_NAME.test(f.name) && f.name !== '__proto__') [before, after] = [`({${f.name}:`, '})'];
  if (!wrapped(f)) return [before, after];
  const head = `(function(${f.names.join()}){${f.strict ? '"use strict";' : ''}`;
  if (f.kind === KIND.CLASS) return [`${head}return${before}`, `${after}})`];
  const set = f.names.map((name, i) => `${name}=arguments[${i}];`).join('');
  return [`${head}return[${before}`, `${after},function(){${set}}]})`];
}

/** @returns {vm.Script} a program whose lines and columns are those of the function's own file */
function compile(f) {
  if (f.kind >= KIND.BUILTIN) throw new SyntaxError(`a function of kind ${f.kind} is no code`);
  const [before, after] = glue(f);
  return new vm.Script(`${before}\n${' '.repeat(f.column)}${f.source}\n${after}`, {
    filename: f.file || 'task.js', lineOffset: Math.max(f.line, 1) - 2,
  });
}

/** Takes the function out of the literal around it and gives it its name. */
function unwrap(f, value) {
  let fn = value;
  if (typeof fn !== 'function' && Object(fn) === fn) fn = fn[Object.getOwnPropertyNames(fn)[0]];
  if (typeof fn !== 'function') throw new TypeError('what was sent is no function');
  if (f.kind !== KIND.CLASS && fn.name !== f.name) {
    Object.defineProperty(fn, 'name', { value: f.name, writable: false, enumerable: false, configurable: true });
  }
  return fn;
}

/**
 * Runs the function's program.
 * @param {Array} [args] the captured values of a class
 * @returns {{fn: Function, set: ?Function}} set takes the captured values, if there are any
 */
function bind(f, args = []) {
  const value = compile(f).runInThisContext();
  if (!wrapped(f)) return { fn: unwrap(f, value), set: undefined };
  const made = value(...args);
  if (f.kind === KIND.CLASS) return { fn: unwrap(f, made), set: undefined };
  return { fn: unwrap(f, made[0]), set: made[1] };
}

exports.KIND = KIND;
exports.decodeFunction = decodeFunction;
exports.compile = compile;
exports.bind = bind;
