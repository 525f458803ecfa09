package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"supercluster/jsapi"
	"supercluster/jsapi/loader"
	"supercluster/jsapi/node"
	"supercluster/vm"
)

// exitNoHandler is node's status of a script that took process._fatalException
// away: nobody hears of its error.
const exitNoHandler = 6

// runThread runs a worker of worker_threads until it ends or ctx is done, and
// returns its exit status. The thread has a loop, a loader and modules of its
// own; the nodes that its script makes are in the session of the process.
func runThread(ctx context.Context, session *jsapi.Session, t *node.Thread) int {
	loop := vm.NewLoop(vm.LoopConfig{})
	var l *loader.Loader
	n := node.New(t.Config(loop, func(stack string) string { return l.MapStack(stack) }))
	script, err := session.NewScript(loop, n)
	if err != nil {
		t.Failed(n, loop.Runtime().ToValue(fmt.Sprintf("start a thread: %v", err)))
		return exitThrew
	}
	l = loader.New(loader.Config{
		Loop:      loop,
		Builtin:   script.Builtin,
		Stdin:     strings.NewReader(t.Text),
		StdinName: t.Title,
		CacheDir:  cacheDir(),

		GlobalPaths: globalPaths(),
	})
	script.SetSource(l)
	exit, err := loop.Run(ctx, func() error {
		if err := n.Install(); err != nil {
			return err
		}
		return l.Run(t.File)
	})
	switch {
	case exit.Err != nil:
		if exit.Code != exitNoHandler {
			t.Failed(n, exit.Err.Value)
		}
		return exit.Code
	case ctx.Err() != nil:
		return exitThrew
	case err != nil:
		t.Failed(n, vm.Thrown(loop.Runtime(), err))
		return exitThrew
	case exit.Code == exitOK && l.Pending():
		return exitPending
	}
	return exit.Code
}

// globalPaths is where require looks for packages last.
func globalPaths() []string {
	exec, err := os.Executable()
	if err != nil {
		exec = os.Args[0]
	}
	return loader.GlobalPaths(os.Getenv, exec)
}
