//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// die ends this process by sig, so that who waits for it sees the signal and no exit code, as with node. It returns
// where a signal has no default action: to the first process of a container, or if whoever started us ignores it.
func die(sig os.Signal) {
	s, ok := sig.(syscall.Signal)
	if !ok || os.Getpid() == 1 || signal.Ignored(s) {
		return
	}
	signal.Reset(s)
	if syscall.Kill(os.Getpid(), s) == nil {
		time.Sleep(time.Second) // the signal arrives on another thread
	}
}
