// Package proc runs a child process that its parent fully owns: a connection to it, the end of its whole tree,
// and one exact account of how it ended.
//
// Start puts the child into a process group of its own (a job object on Windows), gives it only the environment
// that Config names, and, if asked, one end of a stream connection, which the child picks up with ChildConn. Wait
// may be called by any number of goroutines; the process itself is waited for once, by a goroutine that Start
// starts and that ends with the process.
//
// A child learns of its parent's death by end of file on the connection. One that may be too busy to look is started
// with EndWithParent: Linux ends it with the thread that forked, so a thread of ours is kept for it as long as it lives.
//
// What a child writes to standard error is kept, the first and the last KiB of it, so that a crash can be named
// after the fact and a chatty child costs no memory. The package never retries, restarts or interprets: that is its
// callers' business.
package proc
