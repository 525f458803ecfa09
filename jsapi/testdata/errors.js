// What failures look like to a script.
// want: task: TypeError bad E_BAD 7 root true
// want: its worker true, its task fails
// want: stack script.js:LINE true true
// want: callback: boom [ undefined ] 1
// want: several: ERR_TASKS_FAILED 1 of 2 workers failed true
// want: timeout: ERR_TASK_TIMEOUT
// want: queue: ERR_QUEUE_TIMEOUT
// want: cancel: ERR_CANCELLED
// want: signal: ERR_CANCELLED
// want: thrown value: ERR_TASK_THROWN 42
// want: args: run: argument 2 (args) must be an array of arguments, an object of options, or a callback, not a value of type number
// want: object result: { exitCode: 0, data: 3 }
// want: package: ERR_INVALID_ARG_VALUE
// want: singleton true true
const { createMaster, createWorker } = require('supercluster');
const master = createMaster();
const other = createWorker({ isolation: 'vm', slots: 1, data: { other: true } });

(async () => {
  await new Promise((resolve) => master.on('workerAvailable', () => { if (master.peers().length === 2) resolve(); }));
  function fails() {
    const err = new TypeError('bad', { cause: new Error('root') });
    err.code = 'E_BAD';
    err.amount = 7;
    throw err;
  }
  await master.run(fails).catch((err) => {
    console.log('task:', err.name, err.message, err.code, err.amount, err.cause.message, err instanceof TypeError);
    console.log(`its worker ${master.peers().includes(err.worker)}, its task ${err.task.name}`);
    const line = /at fails .*script\.js:(\d+)/.exec(err.stack);
    console.log('stack script.js:LINE', Number(line[1]) > 20, /--- sent from ---[\s\S]*script\.js/.test(err.stack));
  });
  await new Promise((resolve) => master.sendTaskTo(null, () => { throw new Error('boom'); }, (err, results) => {
    console.log('callback:', err.message, results, err.errors.length);
    resolve();
  }));
  await master.sendTaskToAll(() => { if (task.worker.data.other) throw new Error('no'); return 1; }).catch((err) => {
    console.log('several:', err.code, err.message.split(':')[0], err.results.includes(1));
  });
  const code = (what) => (err) => console.log(`${what}: ${err.code}`);
  await master.run(() => { for (;;); }, { timeout: 100 }).catch(code('timeout'));
  const [busy] = master.peers().filter((p) => p.data.other);
  const blocker = master.sendTaskTo(busy, () => new Promise((r) => setTimeout(r, 400)));
  await master.sendTaskTo(busy, () => 1, { queueTimeout: 50 }).catch(code('queue'));
  await blocker;
  const handle = master.run(() => { for (;;); });
  handle.once('state', function wait(name) { if (name === 'started') handle.cancel(); else handle.once('state', wait); });
  await handle.catch(code('cancel'));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  await master.run(() => { for (;;); }, { signal: controller.signal }).catch(code('signal'));
  await master.run(() => { throw 42; }).catch((err) => console.log('thrown value:', err.code, err.cause));
  try { master.run(() => 1, 5); } catch (err) { console.log('args:', err.message); }
  const { exitCode, data } = (await master.sendTaskTo(null, { name: 'add', run: { function: (a, b) => a + b, args: [1, 2] } }))[0];
  console.log('object result:', { exitCode, data });
  try { master.sendTaskTo(null, { package_json: {}, run: { file: 'x' } }); } catch (err) { console.log('package:', err.code); }
  console.log('singleton', createMaster() === master, createMaster({ join: false }) !== master);
  await Promise.all([master.leave(), other.leave()]);
})();
