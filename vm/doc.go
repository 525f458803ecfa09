// Package vm runs JavaScript: scripts on a Loop, tasks in an Engine. It also turns functions and values into bytes.
//
// The path of a task: at the master FunctionOf takes a function's text, its place and its form out of a runtime,
// Function.Encode and Encode make bytes of it and of its arguments. Wherever it is to run, Engine.Run makes a fresh
// runtime, compiles the function once per Function.Hash, decodes the arguments, calls, waits for the promise that
// may come back, and encodes what it settled to. Back at the master Decode makes a value of those bytes.
//
// A Loop is one goroutine that owns one runtime: timers, posted functions, immediates, ticks, promise jobs, in
// Node's order (https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick). Only Post, Ref and
// Exit's effect reach it from other goroutines; everything else belongs to the goroutine that called Run. Each task
// has a Loop of its own, so nothing of one task is seen by the next.
//
// Limits: JavaScript calls nest MaxStack deep; the number of slow host functions at once is bounded; programs are
// kept in a cache of bounded size. What goja cannot bound (memory, one endless native call) is the business of
// package executor, which runs an Engine in a child process.
//
// The package never opens a file or a socket, never reads the environment, and never prints: what a task logs goes
// to its Host. No Go value but functions and plain data is put into a runtime, since goja would show every exported
// method of it to the code inside.
package vm
