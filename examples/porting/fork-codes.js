// Children of one script by argument, each with its time and its way to end:  sc run fork-codes.js
// Prints: fine: done, code 0; throws: code 1; slow: timed out, SIGKILL; picky: code 42
const cp = require('child_process');
const path = require('path');

const WAYS = {
  fine: () => process.send('done', () => process.disconnect()),
  throws: () => { throw new Error('as it was told'); },
  slow: () => setInterval(() => {}, 1000),
  picky: () => process.exit(42),
};

function start(way) {
  return new Promise((resolve) => {
    const child = cp.fork(path.join(__dirname, path.basename(__filename)), [way], { silent: true });
    const said = [];
    let timer;
    child.on('message', (text) => {
      if (text !== 'up') return said.push(text);
      child.send('go');
      if (way === 'slow') {
        timer = setTimeout(() => {
          said.push('timed out');
          child.kill('SIGKILL');
        }, 20);
      }
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve(`${way}: ${[...said, signal || `code ${code}`].join(', ')}`);
    });
  });
}

if (process.argv[2]) {
  process.once('message', () => WAYS[process.argv[2]]());
  process.send('up');
} else {
  Promise.all(Object.keys(WAYS).map(start)).then((ends) => console.log(ends.join('; ')));
}
