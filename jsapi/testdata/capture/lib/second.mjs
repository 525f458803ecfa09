import { square } from './inner.js';
import path, { basename } from 'node:path';
export const limit = 8;
export let count = 0;
export function more() { count++; return count; }
export function below(x) { return Math.min(square(x), limit); }
export class Box { #v; constructor(v) { this.#v = v; } get() { return this.#v + limit; } }
export const file = (p) => basename(p) + path.extname(p);
export default (x) => square(x) + 1;
