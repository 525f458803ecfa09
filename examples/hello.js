// A function runs on a worker, and its result comes back.
//
//   sc run --local examples/hello.js
//
// Prints: hello from a worker: 6 × 7 = 42

const { createMaster } = require('supercluster');

const master = createMaster();

function multiply(a, b) {
  return `hello from a worker: ${a} × ${b} = ${a * b}`;
}

master.run(multiply, [6, 7]).then((text) => {
  console.log(text);
  return master.leave();
});
