// Package jsapi is the bridge between a script and the cluster: what
// require('supercluster') gives, JavaScript values in, Go calls out.
//
// # The path of a call
//
// master.run(fn, args) begins in js/supercluster_master.js, which reads the
// arguments and calls the native half here: the function and its arguments
// become bytes (package vm), the bytes a cluster.Spec, and net/cluster sees to
// the rest. What net/cluster reports arrives on goroutines of its own, is
// posted to the script's vm.Loop, and there becomes events, and at last the
// settling of a promise.
//
// # Goroutines
//
// A [Session] is used on the loop's goroutine, but for Run and what its doc
// comment says. Nothing here touches the runtime from anywhere else. Goroutines
// are started by Session.Run alone, which waits for all of them.
//
// # What it never does
//
// It does not decide where a task runs (net/cluster), run one (vm/executor),
// or print: what a person should read goes to [Settings].
package jsapi
