// Cases of ES modules. supercluster runs them elsewhere, node here: the lines are the same.
import harness from './harness.js';
import twice, { below, limit, Box, file, count, more } from './lib/second.mjs';
import * as second from './lib/second.mjs';
import helper from './lib/helper.js';
import { square } from './lib/inner.js';
import path, { join } from 'node:path';
import * as util from 'util';
import { EventEmitter } from 'events';

const { run, cases } = harness;
const num = 42;
let live = 1;
export const exported = (x) => x + num;
export function declared(x) { return x * live; }
export class Thing { v = num; get() { return this.v + live; } }
export default function main(x) { return exported(x); }

const list = [
  ['default import', () => run(() => twice(3))],
  ['default import itself', () => run(twice, 3)],
  ['named import', () => run((x) => below(x), 5)],
  ['constant import', () => run(() => limit)],
  ['class import', () => run(() => new Box(1).get())],
  ['namespace import', () => run(() => second.below(2) + second.limit + second.default(1))],
  ['namespace keys', () => run(() => Object.keys(second).length)],
  ['import that imports', () => run(() => file('/a/b.txt'))],
  ['live import', () => run(() => [count, more(), typeof more])],
  ['CommonJS import', () => run(() => helper.scale(2))],
  ['named CommonJS import', () => run(() => square(2))],
  ['builtin', () => run(() => path.dirname('/a/b') + join('c', 'd'))],
  ['builtin namespace', () => run(() => util.format('%d', num))],
  ['builtin class', () => run(() => new EventEmitter().listenerCount('x'))],
  ['own export', () => run(() => exported(1))],
  ['own exported function', () => run(declared, 3)],
  ['own exported class', () => run(() => new Thing().get())],
  ['own default', () => run(main, 1)],
  ['strict', () => run(function () { return this === undefined && num; })],
  ['strict helper', () => { function f() { return this; } return run(() => f() === undefined); }],
  ['import()', () => run(async () => (await import('./lib/second.mjs')).limit + num)],
  ['import() of builtin', () => run(async () => (await import('path')).basename('/x/y'))],
  ['for await', () => { async function* g() { yield num; } return run(async () => { for await (const x of g()) return x; }); }],
  ['using', () => run(() => { const out = []; { const o = { out, done: () => out.push(num) }; o.done(); } return out; })],
  ['await at the top', () => run(() => later)],
];
const later = await Promise.resolve('later');
await cases(list);
