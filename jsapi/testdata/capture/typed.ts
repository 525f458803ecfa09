// Cases of TypeScript, which node does not run: what they print is in typed.out.
import harness = require('./harness');
const { run, cases } = harness;

enum Colour { Red, Green = 5, Blue }
const enum Size { S = 1, L = 3 }
namespace Geometry { export const unit = 2; export function area(x: number): number { return x * x * unit; } }
interface Point { x: number; y?: number }
type Pair<T> = [T, T];
abstract class Animal { constructor(protected readonly name: string, private age = 3) {} abstract sound(): string; describe(): string { return `${this.name} ${this.sound()} ${this.age}`; } }
class Dog extends Animal { sound(): string { return 'woof'; } }
const num: number = 42;
const pair: Pair<number> = [1, 2];
function generic<T extends { length: number }>(x: T): number { return x.length + num; }
function overload(x: string): string;
function overload(x: number): number;
function overload(x: any): any { return x; }
const opt = (p: Point): number => p.x + (p.y ?? num);
let count = 0;
const bump = (): number => (count += 1);

cases([
  ['enum', () => run(() => [Colour.Green, Colour[6], Colour.Red])],
  ['const enum', () => run(() => Size.L)],
  ['namespace', () => run((x: number) => Geometry.area(x), 3)],
  ['class', () => run(() => new Dog('rex').describe())],
  ['instance', () => { const d = new Dog('max'); return run(() => d.describe()); }],
  ['generic', () => run(() => generic('abc') + generic<number[]>([1]))],
  ['overload', () => run(() => [overload('a'), overload(1)])],
  ['tuple', () => run((): number => pair[0] + pair[1])],
  ['interface', () => run((p: Point): number => opt(p), { x: 1 } as Point)],
  ['non-null', () => run(() => pair!.length + (num as any as number))],
  ['satisfies', () => run(() => ({ x: num } satisfies Point).x)],
  ['shared', () => run(() => [bump(), bump(), count])],
  ['async', () => run(async (x: number): Promise<number> => x + num, 1)],
  ['async generator', () => { async function* g(): AsyncGenerator<number> { yield num; yield 1; } return run(async () => { let s = 0; for await (const x of g()) s += x; return s; }); }],
  ['text', () => run(() => declared.length)],
] as any);
function declared(a: number, b: string): void {}
