// Counts the primes below a limit, a range a task.
//
//   sc run --local=2 examples/primes.ts 200000
//
// Prints: 17984 primes below 200000

import { createMaster } from 'supercluster';

interface Range { from: number; to: number }

function* ranges(limit: number, size: number): Generator<Range> {
  for (let from = 2; from < limit; from += size) {
    yield { from, to: Math.min(from + size, limit) };
  }
}

function countPrimes({ from, to }: Range): number {
  let primes = 0;
  next: for (let n = from; n < to; n++) {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) continue next;
    primes++;
  }
  return primes;
}

const limit = Number(process.argv[2] ?? 200000);
const master = createMaster();
const counts: number[] = await master.map(ranges(limit, 10000), countPrimes);
console.log(`${counts.reduce((sum, n) => sum + n, 0)} primes below ${limit}`);
await master.leave();
