// A task that is a file: written to a folder, run there by a forked child within a domain, taken away:  sc run file-task.js
// Prints: ran in work: sum 6; threw: caught by the domain: no numbers; file left: false
const { fork } = require('child_process');
const domain = require('domain');
const fs = require('fs');
const os = require('os');
const path = require('path');

const TASK = `module.exports = (numbers, done) => setTimeout(() => {
  if (numbers.length === 0) throw new Error('no numbers');
  done(null, numbers.reduce((a, b) => a + b));
}, 1);`;

function child() {
  process.chdir(process.env.TASK_DIR);
  const task = require(path.resolve('task.js'));
  process.on('message', (numbers) => {
    const d = domain.create();
    d.on('error', (err) => process.send({ error: `caught by the domain: ${err.message}` }));
    d.run(() => task(numbers, (err, sum) => process.send({ sum, dir: path.basename(process.cwd()) })));
  });
  process.send('ready');
}

function main() {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'task-'));
  const dir = path.join(root, 'work');
  const file = path.join(dir, 'task.js');
  fs.mkdirSync(dir);
  fs.writeFile(file, TASK, (err) => {
    if (err) throw err;
    const worker = fork(__filename, [], { env: { ...process.env, TASK_DIR: dir } });
    const said = [];
    worker.on('message', (m) => {
      if (m === 'ready') return worker.send([1, 2, 3]);
      if (!m.error) {
        said.push(`ran in ${m.dir}: sum ${m.sum}`);
        return worker.send([]);
      }
      said.push(`threw: ${m.error}`);
      worker.disconnect();
    });
    worker.on('exit', () => fs.unlink(file, () => {
      console.log(`${said.join('; ')}; file left: ${fs.existsSync(file)}`);
      fs.rmSync(root, { recursive: true });
    }));
  });
}

if (process.send) child();
else main();
