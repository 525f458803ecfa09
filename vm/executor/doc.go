// Package executor runs tasks in child processes, so that nothing that task code does can end or slow its worker.
//
// The path of one task: Pool.Execute takes an idle child, or waits its turn for one; it writes a task frame to the
// child's connection and reads frames until the result, on its caller's goroutine. In the child, Serve hands the task
// to a Runner (vm.Engine), whose Host calls become frames that the parent passes on to its own Host, in order and
// before the result. A child runs one task at a time, each in a fresh runtime. Code and arguments are forwarded as
// they came and are parsed in the child only; code that a child already holds is not sent to it again.
//
// A task ends in one of four ways: it returns or throws; its timeout or the end of the caller's context stops it (an
// interrupt frame, a grace of 250 ms, SIGKILL for the child and its group); the child dies of it (memory, stack); or
// the Pool ends. In each case Execute returns exactly one Result, whose error is a JavaScript error with one of the
// codes below. A child that was lost is replaced at once;
// children that cannot even start are retried ever more slowly.
//
// The parent holds, for each child, a read buffer of 32 KiB and the frame in hand: at most 256 MiB, growing as bytes
// arrive whatever length the child claims. The child holds at most 256 KiB of output that the parent has not
// read, and one frame more: then the task waits, so a slow reader slows the task and costs no memory.
//
// Before it runs anything, a child gives up what it does not need, each step as far as the system allows it; what is
// in force Pool.Confinement lists. On Linux: namespaces of its own without a network; memory beyond its budget, core
// dumps, files that grow and descriptors (setrlimit); the user root, for nobody; every file (Landlock, in builds
// without cgo); new privileges, and all system calls but those that a runtime without a host needs (seccomp): it can open, connect,
// execute, fork, trace and signal nothing. On Windows a job object bounds memory and processes; on macOS the limits
// of setrlimit hold. Everywhere: no environment, the root as working directory, no key. A task is thus held by the
// engine, which gives it nothing of the host, and by the kernel, should the engine fail.
//
// Limits: a task may take its timeout, what Config.Limits says, and 64 MiB of native
// stack. A function that ended three executors within ten minutes is refused for as long (ERR_TASK_QUARANTINED); ends
// by a cancellation, or by somebody else's signal, do not count, and no other task is lost with a child, as there is
// but one in it. A spare child makes good for the one that is being replaced. InProcess runs tasks in this process
// instead, without any of this.
package executor
