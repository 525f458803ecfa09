package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A topic is something to read that is no command.
type topic struct {
	name, short string
	text        string
	print       func(w io.Writer) // instead of text
}

// topics lists what 'sc help' can say beside the commands, in its order.
func topics() []topic {
	return []topic{
		{name: "targets", short: "which workers a task is for", text: targetsHelp},
		{name: "values", short: "what may travel, and how it arrives", text: valuesHelp},
		{name: "errors", short: "error codes and what to do about them", text: errorsHelp},
		{name: "exit-codes", short: "what sc ends with", text: exitCodesHelp},
		{name: "settings", short: "flags, environment, sc.json, units", print: printSettings},
		{name: "discovery", short: "how nodes find each other", text: discoveryHelp},
		{name: "security", short: "who may do what, keys, what is promised", text: securityHelp},
		{name: "sandbox", short: "what a task may do, and its limits", text: sandboxHelp},
		{name: "engines", short: "what runs functions: goja or node", text: enginesHelp},
		{name: "json", short: "what --json prints", text: jsonHelp},
		{name: "metrics", short: "what --metrics serves", text: metricsHelp},
	}
}

func findTopic(name string) (topic, bool) {
	for _, t := range topics() {
		if t.name == name {
			return t, true
		}
	}
	return topic{}, false
}

func (t topic) write(w io.Writer) {
	if t.print != nil {
		t.print(w)
		return
	}
	fmt.Fprint(w, t.text)
}

// printSettings is the topic "settings", with the keys that there are.
func printSettings(w io.Writer) {
	fmt.Fprint(w, settingsHelp)
	known := settingFlags()
	var keys []string
	for key := range known {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	fmt.Fprint(w, "\nKeys:\n\n")
	for _, key := range keys {
		f := known[key]
		placeholder, text := flag.UnquoteUsage(f)
		if placeholder != "" && strings.EqualFold(placeholder, "value") {
			placeholder = ""
		}
		const indent = 22
		name := key
		for i, line := range wrap(text, 79-indent) {
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(w, "  %-*s%s\n", indent-2, name, line)
		}
	}
}

const exitCodesHelp = `Exit codes of sc:

    0  all is well
    1  the script threw
    2  the command line is wrong
    3  a setting is wrong
    4  no worker in time
    5  some tasks failed
    6  the time given was not enough
   77  trust: refused, or the wrong key
    8  no tracker could be reached
    9  the other side speaks no version of ours
   10  a fault of sc itself
  130  ended by SIGINT, 143 by SIGTERM

A script's own process.exit(n) or process.exitCode wins. An error that a
script does not catch ends it with 4 if its code is ERR_NO_WORKER, 5 if it is
ERR_TASKS_FAILED, 6 if a task's time was up, 77 if a key was missing, else 1.
`

const targetsHelp = `Examples, in a script:

  master.sendTaskTo(null, fn)                     the least loaded worker
  master.sendTaskTo(worker, fn)                   this one, by object or id
  master.sendTaskTo([a, b], fn)                   these
  master.sendTaskTo({ gpu: true }, fn)            whose data has gpu: true
  master.sendTaskTo({ mem: { $gte: 8 } }, fn)     a query, see below
  master.sendTaskTo((data, w) => w.slots > 2, fn) a predicate, run here
  master.run(fn, [1], { where: { zone: 'a' } })   one of those it selects

What a worker says of itself is its data, { data: … } of createWorker or
'sc worker --data'. What is known of its host stands under "$":

  { '$.cpus': { $gt: 2 }, '$.os': 'linux' }

A query is MongoDB's, on data:

  $eq $ne $gt $gte $lt $lte $in $nin $exists $type $mod $regex $options
  $size $all $elemMatch $not $and $or $nor

with dotted paths, as in { 'disk.free': { $gt: 100 } }. A query that selects
nobody fails with ERR_NO_WORKER, and says what was asked and what is there.
'sc ls workers --json' prints the data and the host of every worker.
`

const valuesHelp = `What travels, as argument, result, captured variable or message:

  undefined, null, booleans, strings, BigInt, numbers (NaN, ±Infinity, -0)
  Date, RegExp, Map, Set, ArrayBuffer, typed arrays, DataView, Buffer
  Error, with message, stack, cause, errors and its own properties
  arrays, holes included, and plain objects in the order of their keys
  cycles and references that are shared
  functions in arguments, with what they use from around them

They arrive as structuredClone keeps them. A symbol, a promise, a proxy or an
object of the host is an error that names its path:

  args[0].items[3].socket: a Socket cannot be sent

Arguments and captured variables over 64 KB travel once to each worker by
themselves; master.put(value) does so by hand. 'sc check FILE' lists what the
functions of a script capture, without running anything.
`

const errorsHelp = `Every error has a code, err.code, whose meaning never changes.

  ERR_NO_WORKER          nobody fits the target; see 'sc help targets'
  ERR_WORKER_LOST        its worker was lost, three times if it may run again
  ERR_UNKNOWN_OUTCOME    its worker was lost; it may have had an effect there
  ERR_NOT_STARTED        its worker was lost before it began: send it again
  ERR_TASK_TIMEOUT       longer than timeout; the worker has ended it
  ERR_QUEUE_TIMEOUT      no worker began it within queueTimeout
  ERR_CANCELLED          cancelled by its sender, a signal or 'sc cancel'
  ERR_TASK_MEMORY        more memory than a task may have
  ERR_TASK_CPU           more processor time than a task may have
  ERR_TASK_STACK         the stack overflowed, which a task cannot catch
  ERR_TASK_OUTPUT        more output than a task may make
  ERR_TASK_KILLED        its executor ended, by itself or by the system
  ERR_TASK_QUARANTINED   it has killed executors before: no worker runs it
  ERR_TASK_RESULT        its result cannot travel; see 'sc help values'
  ERR_TASKS_FAILED       some of several failed: err.errors, err.results
  ERR_NOT_SENDABLE       function or arguments cannot travel
  ERR_TOO_LARGE          it does not fit into a message: use master.put
  ERR_RESOURCES          the worker does not have what the task needs
  ERR_BACKPRESSURE       too many tasks wait at this master
  ERR_KEY_REQUIRED       the worker does this for holders of its key only
  ERR_PEER_UNTRUSTED     not sent to a worker that does not hold the key
  ERR_WRONG_KEY          the other side holds the key of another cluster
  ERR_ROLE_DENIED        the token is not good for that role
  ERR_KEY_REVOKED        the token was revoked, has expired, or was replaced
  ERR_KEY_BAD            a key that was named cannot be used as it is
  ERR_QUOTA              guests use as much as they may
  ERR_LEFT               the node has left the cluster

An error that a task throws arrives as an Error of the same name, with its
stack in your own lines, the worker, the task, and the place it was sent from.
`

const discoveryHelp = `Examples:

  sc worker                          on the same network: nothing to set
  sc tracker                         on a host that all can reach, and then
  sc worker --tracker=HOST           workers,
  sc run --tracker=HOST master.js    and masters of any network
  sc ls                              who is there
  sc doctor                          what keeps nodes from each other

Without a tracker, nodes announce themselves by UDP broadcast on port 44201,
once a second (more slowly in large clusters), and connect by QUIC on a UDP
port that is free. Nodes of other clusters (--cluster) are not seen.

A tracker is an HTTP server on TCP port 44201. --tracker may be repeated: any
one suffices. It may be a source of addresses, too:

  dns:NAME  srv:NAME  k8s:SERVICE  exec:COMMAND  file:PATH  https:URL

for clouds without broadcast. Firewalls must let UDP pass between nodes, both
port 44201 and the ports that nodes listen on, which --port fixes.

Behind a NAT nothing has to be set: the side that can dials the other one. A
port that the NAT forwards is told by --advertise=ADDRESS:PORT. Where neither
side can be dialled, the tracker relays, on UDP port 44202, what it cannot read;
'sc ls' then says "relay".
`

const sandboxHelp = `Tasks run in executors, child processes of the worker: one task at a time, each
in a fresh VM, so that nothing of one is seen by the next, and nothing that a
task does ends its worker.

A task has the language, timers, console, Buffer, URL, TextEncoder,
structuredClone, AbortController, performance, crypto's randomness and hashes,
pure modules (path, util, events, url, querystring, assert, string_decoder)
and its own task. It has no file, network, process or environment.

Each task ends alone, with a clear error, when it passes a limit:

  time       { timeout } of the task     ERR_TASK_TIMEOUT
  memory     512 MB                      ERR_TASK_MEMORY
  output     64 MB                       ERR_TASK_OUTPUT
  stack                                  ERR_TASK_STACK
  a crash of its executor                ERR_TASK_KILLED

A function that keeps killing executors is quarantined. On Linux, executors
are confined by the system as well; 'sc doctor' lists what is in force here.
--isolation=vm runs tasks in the worker's own process, without all this: it is
for masters that are trusted.
`

const settingsHelp = `Examples:

  sc worker --cluster=lab --slots=2            flags, before all else
  SC_CLUSTER=lab SC_SLOTS=2 sc worker          then the environment
  echo '{"cluster": "lab", "slots": 2}' >sc.json; sc worker

A setting is looked for in this order, and the first place that has it counts:

  1. the flag
  2. SC_ and its name: --broadcast-port is SC_BROADCAST_PORT
  3. sc.json in this folder or the nearest above: "broadcastPort"
  4. config.json in the user's configuration folder, with the same keys
     (Linux: ~/.config/supercluster, macOS: ~/Library/Application Support/…)
  5. the default

An unknown key is an error, exit code 3. sc.json comes with a project, and may
not grant its tasks more than their user did, nor name a command to run.

Durations have a unit: 500ms, 30s, 1m30s. Sizes, too: 64KB, 512MB, 2GB, in
steps of 1024. Lists are arrays in files and have commas in the environment,
where a source "exec:COMMAND" comes last: it may have commas of its own.

  NO_COLOR=1       no colours            FORCE_COLOR=1   colours in any case
  CI=true          no bars, nothing that redraws, whatever stderr is
`

const jsonHelp = `--json prints one JSON object a line, UTF-8, for programs. A key is never
renamed and never changes its meaning; new ones may come, so ignore those that
you do not know. "v" is 1, and will be another number if that must be broken.
sc eval prints the value alone.

  sc ls, sc ls workers, sc ls masters
    v, id, role, addr, path ("direct", "relay" or "none"), version, pid,
    available, slots, running, data, host
  sc ls runs
    v, run, script, began, ended, tookMs, exit, tasks, calls, failed
  sc explain, sc cancel
    those of sc ls tasks, and summary, workers; or gone, tookMs
  sc drain
    v, worker, draining, running, queued
  sc ls tasks
    v, id, name, state, code, master, worker, attempts, priority, ageMs, waitMs,
    runMs
  sc top --once --json
    v, kind ("worker" or "function"), and of a worker: id, slots, running,
    queued, done, failed, rate, cpuSeconds, memory, draining; of a function:
    name, and tasks by state
  sc map
    v, seq, input, worker, seconds, and value, or error: {code, name, message}
  sc bench
    v, name, value, unit
  sc bench --all
    v, schema, name, unit, value (the median), min, max, runs, and what there is
    of against, baseline, ratio, goal, aim, more, missing
  sc cache
    v, kind ("tree", "mirror", "npm" or "kept"), name, path, repository, ref,
    commit, bytes, used
  sc doctor
    v, check, status ("ok", "warn", "fail", "skip"), found, mend
  sc logs
    v, worker, task, name, stream ("" for text from before), text
`
