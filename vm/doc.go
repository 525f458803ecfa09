// Package vm runs JavaScript: scripts on a Loop, tasks in an Engine. It also turns functions and values into bytes.
//
// The path of a task: at the master FunctionOf takes a function's text, its place and its form out of a runtime,
// Function.Encode and Encode make bytes of it and of its arguments. Wherever it is to run, Engine.Run makes a fresh
// runtime, compiles the function once per Function.Hash, decodes the arguments, calls, waits for the promise that
// may come back, and encodes what it settled to. Back at the master Decode makes a value of those bytes.
//
// What a function captures travels beside its code (capture.go): Function.Names are the variables, Function.Env their
// values, with JoinEnv before the arguments of each task. In Env a function is a container of KindFunction that holds
// the number of its code (0 is the function itself, others count Function.Parts from 1), then its own captures, then
// perhaps what it has beyond its code: own properties, those of its prototype, and the class that inherits from. So
// functions may refer to each other in circles, share objects, and send their code once a worker. Among arguments, where
// there are no parts, a function is its code and, if it captures something, its Env. KeepCaptures says who knows captures.
//
// What JavaScript finds beyond the language, Globals and the Engine give it: see there. It is written in JavaScript
// where that will do (js/prelude_*.js) and made when it is first used, since most tasks use none of it.
//
// A Loop is one goroutine that owns one runtime: timers, posted functions, immediates, ticks, promise jobs, in
// Node's order (https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick). Only Post and
// Ref may be called from other goroutines; everything else belongs to the goroutine that called Run. Each task
// has a Loop of its own, so nothing of one task is seen by the next.
//
// Limits: JavaScript calls nest 10000 deep in scripts and 4000 in tasks; 64 slow host functions run at once; programs
// are kept in a cache of 1000. What goja cannot bound (memory, one endless native call) is the business of package
// executor, which runs an Engine in a child process.
//
// The package never opens a file or a socket, never reads the environment, and never prints: what a task logs goes
// to its Host. No Go value but functions and plain data is put into a runtime, since goja would show every exported
// method of it to the code inside.
package vm
