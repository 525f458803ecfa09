// Package cluster holds a cluster's masters and workers in plain Go: who is there, who runs what, and until when.
//
// # The path of a task
//
// [Master.Submit] puts a [Spec] into the master's queue. As soon as a worker has credit the task becomes an attempt: a
// wire.Task on the link to that worker. The [Worker] takes it into its own queue, which is shared fairly among masters,
// gives it a slot and calls its [Executor]. What the task logs, reports or sends goes back on the link as it happens;
// the result is kept by the worker until the master has acknowledged it. Then the master calls Spec.OnDone, exactly
// once, whatever happened on the way.
//
// # State machines
//
// All decisions are taken by plain values that know neither sockets, clocks nor goroutines: the scheduler (a master's
// tasks and workers), the intake (a worker's tasks and masters), the pair (which of two nodes dials, and which link
// stays) and the window (messages in order, no faster than they are consumed). An input is a method call with the time
// in it; the outputs are effects, carried out in order by whoever gave the input, after the mutex was released. So a
// test of a decision needs no network, and nothing waits for a network while it decides.
//
// # Who may call what
//
// All exported methods are safe for concurrent use. Callbacks (the On… fields) come in order, one at a time for each
// master or worker, never under a lock; they may call any method but must not block: other tasks wait meanwhile.
//
// # Limits
//
// Tasks start by priority; 10 s of waiting are worth one of it. A worker gives slots to its masters in turn, by the time
// that each has used. One that is drained hands back at once what has not begun, and goes when the rest has ended.
//
// A link that was quiet for 3 s gets no new work, at 6 s it is lost. A task survives the loss of 3 workers. A pair of
// nodes has at most 256 messages or 1 MiB under way that were not consumed, and queues 16 MiB behind them. A worker
// keeps results that nobody acknowledged for 5 minutes and 64 MiB a master, and a cache of 64 MiB of code.
//
// Large values that arguments refer to travel once to each worker, which keeps 512 MiB of them; a master holds them as
// long as a task of its own does.
//
// # Questions
//
// A [Console] asks another node what it runs, why, and what that printed, and tells it to cancel or to drain; who asks is
// linked to it as any master is. A node answers members of its cluster only, with at most 1000 tasks at a time.
//
// # Messages
//
// Masters and workers are linked to each other only. The first message to a node of the same role, or on the event bus,
// has the mesh link the sender to nodes of all roles from then on ([Mesh.Reach]); so each message takes one link, is in
// order with all others of its sender and is paced by its receiver. A [Tracker] takes part in that alone.
//
// The package never parses code, nor decodes arguments or results: they are bytes.
package cluster
