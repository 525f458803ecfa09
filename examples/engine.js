// sc run --local=2 examples/engine.js
//
// A loop on both engines: goja, in its sandbox, and node, in a warm process of the worker. It prints, of each, the
// value and how long the fastest of five calls took.
const { createMaster } = require('supercluster');

const master = createMaster();

function collatz(limit) {
  let longest = 0;
  for (let start = 1; start < limit; start++) {
    let steps = 0;
    for (let n = start; n !== 1; n = n % 2 === 0 ? n / 2 : 3 * n + 1) steps++;
    longest = Math.max(longest, steps);
  }
  return longest;
}

(async () => {
  for (const engine of /** @type {const} */ (['goja', 'node', 'auto'])) {
    let best = Infinity;
    let value;
    for (let i = 0; i < 5; i++) {
      const began = performance.now();
      value = await master.run(collatz, [30000], { engine });
      best = Math.min(best, performance.now() - began);
    }
    console.log(`${engine}: ${value} steps, ${best.toFixed(0)} ms`);
  }
  await master.leave();
})();
