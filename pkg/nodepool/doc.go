// Package nodepool runs inline functions in warm node processes, as package executor runs them in our own engine: for
// those that V8 runs many times faster.
//
// The way of a task through [Pool.Execute]: it gets an idle process that has served the same master before, or one that
// has served nobody, or a new one; its code, arguments and captures go there as they came; what it says meanwhile comes
// back as frames, in order, and its result last. A process runs one task at a time, each in a context of V8's own that was
// made ahead of need (package js, node_pool.js), and serves one master in its life. It is ended when a task ran out
// of time, memory or output, changed something that contexts have in common, or left something running; when its master
// is gone, when it was idle for a minute, and, by the kernel, when the worker dies (Linux, Windows).
//
// # What keeps a task from the host
//
// A task sees the language, timers, console, the classes of the web and Node's pure modules, as in our own engine, and
// nothing that opens, connects or executes. Should it break out of its context, it is in a process with an empty
// environment, whose node denies it files, processes and addons (--permission) and which has given up, before it
// became node, each as far as the system allows: namespaces of its own without a network, memory beyond its budget, the
// user root, every file but node's own libraries (Landlock), and the system calls of sockets, processes and
// administration (seccomp). [Launch] does that; what is in force [Pool.Confinement] lists. A node without permissions,
// before version 20, is not used at all. There are no grants: a function that needs files or the network belongs in our
// own engine, and tasks of guests do, too; both are the caller's to decide.
//
// # Limits
//
// A task may take its timeout, what Config.Limits says, and a stack of 1 MB. The processor time of a task is kept on
// Linux alone. Every method may be called from any goroutine; the goroutines of the package are those of Run and of the
// calls that wait.
package nodepool
