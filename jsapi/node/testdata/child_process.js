'use strict';
// Child processes: output, input, ends, errors; the synchronous ones. Forking is tested with the command itself.
const cp = require('child_process');
const { promisify } = require('util');

const wait = (emitter, event) => new Promise((resolve) => { emitter.once(event, (...args) => resolve(args)); });

(async () => {
  const cat = cp.spawn('sh', ['-c', 'cat; echo err >&2; exit 3']);
  let out = '';
  let err = '';
  cat.stdout.setEncoding('utf8').on('data', (d) => { out += d; });
  cat.stderr.on('data', (d) => { err += d; });
  console.log(typeof cat.pid, cat.spawnfile, cat.spawnargs.length, cat.exitCode, cat.stdio.length);
  cat.stdin.end('through cat\n');
  cat.on('exit', (...how) => console.log('exit', how));
  console.log('close', await wait(cat, 'close'));
  console.log([out, err], cat.exitCode, cat.signalCode);

  const missing = cp.spawn('no-such-program', ['a']);
  const [enoent] = await wait(missing, 'error');
  console.log(enoent.code, enoent.syscall, enoent.path, enoent.spawnargs, enoent.message, missing.pid);
  const [badCwd] = await wait(cp.spawn('sh', [], { cwd: '/no/such/folder' }), 'error');
  console.log(badCwd.code, badCwd.message);

  const sleeper = cp.spawn('sleep', ['60']);
  console.log(sleeper.kill(), sleeper.killed);
  console.log(await wait(sleeper, 'exit'), sleeper.kill());
  const timed = cp.spawn('sleep', ['60'], { timeout: 20, killSignal: 'SIGKILL' });
  console.log(await wait(timed, 'exit'));
  const controller = new AbortController();
  const aborted = cp.spawn('sleep', ['60'], { signal: controller.signal });
  setImmediate(() => controller.abort());
  console.log((await wait(aborted, 'error'))[0].name);

  console.log(await promisify(cp.exec)('echo $((40+2)); echo "$X" >&2', { env: { ...process.env, X: 'env' } }));
  await promisify(cp.exec)('echo partly; exit 5').catch((e) => console.log(e.code, e.killed, e.signal, e.cmd, [e.stdout, e.message]));
  await promisify(cp.execFile)('sh', ['-c', 'yes | head -c 5000'], { maxBuffer: 100 }).catch((e) => console.log(e.code, e.stdout.length));
  console.log(await promisify(cp.execFile)('printf', ['%s-', 'a', 'b'], { encoding: 'buffer' }));

  console.log(cp.execSync('echo sync; exit 0', { encoding: 'utf8' }), cp.execFileSync('cat', { input: 'given' }).toString());
  const result = cp.spawnSync('sh', ['-c', 'echo out; echo err >&2; exit 7']);
  console.log(result.status, result.signal, String(result.stdout), String(result.stderr), result.error, result.output.length);
  console.log(cp.spawnSync('sh', ['-c', 'kill -TERM $$']).signal, cp.spawnSync('sleep', ['60'], { timeout: 20 }).error.code);
  const none = cp.spawnSync('no-such-program');
  console.log(none.error.code, none.error.message, none.status, none.pid, none.output);
  try { cp.execSync('exit 9', { stdio: 'pipe' }); } catch (e) { console.log(e.status, e.message); }
  console.log(cp.spawnSync('echo', ['$HOME'], { shell: false }).stdout.toString(), cp.spawnSync('echo a b', { shell: true, encoding: 'utf8' }).stdout);

  const extra = cp.spawn('sh', ['-c', 'echo three >&3'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  console.log(String((await wait(extra.stdio[3], 'data'))[0]), extra.stdin, extra.stdout);

  for (const bad of [() => cp.spawn(''), () => cp.spawn(5), () => cp.spawn('a', 'b'), () => cp.spawn('a', [], 5), () => cp.spawn('a\0b'), () => cp.spawn('a', { stdio: 'odd' }),
    () => cp.spawn('a', { cwd: 5 }), () => cp.spawn('a', { timeout: -1 }), () => cp.exec(5), () => cp.spawn('a', { killSignal: 'SIGODD' }), () => cp.fork('x', { stdio: ['pipe'] }), () => cp.spawn('a', { detached: 1 })]) {
    try { bad(); console.log('no error'); } catch (e) { console.log(e.name, e.code, e.message.split('\n')[0]); }
  }
})();
