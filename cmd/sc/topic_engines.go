package main

const enginesHelp = `Examples:

  master.run(fn, args, { engine: 'node' })   V8, in a warm process of the worker
  sc worker --engine=goja                    no function leaves goja's sandbox
  sc explain TASK                            what ran it, and why

Functions run on goja, an engine inside sc, in a fresh VM each. Loops are 10 to
130 times faster on node's V8, if the worker has node, version 20 or later:

  goja   never leaves the sandbox
  node   in a node process; only workers that have one get the task, and only
         of masters that hold the cluster's key
  auto   on goja at first; a function moves to node, once, when its calls took
         100 ms of processor time on goja in all, and 4 ms each on average

A task says which, else the worker does ({ engine } of createWorker, --engine);
auto is the default of both. Values, errors, the object task and console are
the same on both engines.

A node process serves one master, and one task at a time, each in a context of
its own. It has no file, network, process or environment, whatever --allow-…
gives to goja: a function that has such permissions and mentions require,
fetch, process, globalThis, eval or Function is not moved. On Linux it is held
by the system as well, as executors are. It ends with its task at a limit, when
the task changed what tasks have in common, a minute after its last task, and
with its master or its worker.

An infinite loop, a result that is too large and too much memory end with the
errors that 'sc help sandbox' lists.
`
