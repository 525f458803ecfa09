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
// codes below. A child that was lost is replaced at once; children that cannot even start are retried ever more slowly.
//
// The parent holds, for each child, a read buffer of 32 KiB and the frame in hand: at most 256 MiB, growing as bytes
// arrive whatever length the child claims. The child holds at most 256 KiB of output that the parent has not
// read, and one frame more: then the task waits, so a slow reader slows the task and costs no memory.
//
// Before it runs anything, a child gives up what it does not need: memory beyond its budget, core dumps, files,
// descriptors, environment and working directory. InProcess runs tasks in this process instead, without any of this.
package executor
