// A task that is a repository: made here, cloned by exec, and forked where it was cloned (needs git):  sc run repo-task.js
// Prints: greeting of clone: hello, cluster; git's own error has code 128
const { exec, fork } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { promisify } = require('util');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'repo-'));
const sh = (command, cwd) => promisify(exec)(command, { cwd });

async function main() {
  const origin = path.join(root, 'origin');
  fs.mkdirSync(path.join(origin, 'lib'), { recursive: true });
  fs.writeFileSync(path.join(origin, 'package.json'), JSON.stringify({ name: 'greet', main: 'index.js' }));
  fs.writeFileSync(path.join(origin, 'lib', 'greet.js'), 'module.exports = (who) => `hello, ${who}`;\n');
  fs.writeFileSync(path.join(origin, 'index.js'), `const { main } = require('./package.json');
const greet = require('./lib/greet');
process.on('message', (who) => process.send({ main, text: greet(who), dir: process.cwd() }));\n`);
  await sh('git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -q -m first', origin);
  await sh('git clone -q origin clone', root);

  const dir = path.join(root, 'clone');
  const worker = fork(path.join(dir, 'index.js'), [], { cwd: dir });
  worker.send('cluster');
  const answer = await new Promise((resolve) => worker.once('message', resolve));
  worker.disconnect();
  const failed = await sh('git clone -q nothing-here other', root).catch((err) => err);
  console.log(`greeting of ${path.basename(answer.dir)}: ${answer.text}; git's own error has code ${failed.code}`);
}

main().finally(() => fs.rmSync(root, { recursive: true, force: true }));
