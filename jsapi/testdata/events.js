// Discovery events, late listeners, messages and the events of a task, in order.
// want: early 1
// want: late 1
// want: once 1
// want: same true
// want: master seen by worker true
// want: received square
// want: configured square
// want: progress 0.5 square
// want: log hello from task
// want: complete 49
// want: task sees taskReceived square
// want: to worker: { n: 1 } true
// want: to master: Map(1) { 'k' => 2n } true
// want: from task: 'inside'
// want: reserved: ERR_RESERVED_EVENT
// want: left string
const { createMaster, createWorker } = require('supercluster');
const worker = createWorker({ isolation: 'vm', slots: 1, data: { a: 1 } });
const master = createMaster();
let seen = 0;
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));

master.on('workerAvailable', (w) => {
  if (++seen === 1) console.log('early', w.data.a);
});

(async () => {
  const [first] = await once(master, 'workerAvailable');
  master.on('workerAvailable', (w) => console.log('late', w.data.a));
  const [again] = await once(master, 'workerAvailable');
  console.log('once', again.data.a);
  console.log('same', first === again);
  const [m] = await once(worker, 'masterAvailable');
  console.log('master seen by worker', m.id === master.id);

  const taken = once(worker, 'taskReceived');
  master.on('workerTaskReceived', (w, task) => console.log('received', task.name));
  master.on('workerTaskConfigComplete', (w, task) => console.log('configured', task.name));
  master.on('workerProgress', (w, f, task) => console.log('progress', f, task.name));
  master.on('taskLog', (w, task, { stream, text }) => console.log('log', text.trim()));
  master.on('workerTaskComplete', (w, task) => console.log('complete', task.result.data));
  await master.run(function square(n) {
    task.setProgress(0.5);
    console.log('hello from task');
    return n * n;
  }, [7]);
  const [, task] = await taken;
  console.log('task sees taskReceived', task.name);

  const got = once(worker, 'news');
  master.msgTo(first, 'news', { n: 1 });
  const [data, sender] = await got;
  console.log('to worker:', data, sender === m);
  const answer = once(master, 'answer');
  worker.sendToMaster('answer', new Map([['k', 2n]]));
  const [reply, from] = await answer;
  console.log('to master:', reply, from === first);
  const inside = once(master, 'note');
  master.removeAllListeners('workerTaskReceived').removeAllListeners('workerTaskConfigComplete').removeAllListeners('workerTaskComplete');
  await master.run(() => { task.sendToMaster('note', 'inside'); });
  const [note] = await inside;
  console.log('from task:', JSON.stringify(note).replace(/"/g, "'"));
  try { master.msgToAll('workerAvailable', 1); } catch (err) { console.log('reserved:', err.code); }

  const gone = once(master, 'workerUnavailable');
  worker.leave();
  console.log('left', typeof (await gone)[0]);
  await master.leave();
})();
