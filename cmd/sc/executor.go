package main

import (
	"context"
	"os"
	"runtime"

	"supercluster/pkg/proc"
	"supercluster/vm"
	"supercluster/vm/executor"
)

// executorCommand is the hidden first argument that makes sc an executor: a
// child of a worker, in which tasks run.
const executorCommand = "__exec"

// executorArgs is the command line that starts an executor.
func executorArgs() []string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return []string{self, executorCommand}
}

// nodeCommand is the hidden first argument that makes sc the launcher of a node
// process, in which tasks run.
const nodeCommand = "__node"

// nodeLauncherArgs is the command line that starts the launcher.
func nodeLauncherArgs() []string {
	return []string{executorArgs()[0], nodeCommand}
}

// serveExecutor runs tasks for the worker at the other end of the connection
// that this process was started with, until that is closed.
func serveExecutor(ctx context.Context) error {
	conn, err := proc.ChildConn()
	if err != nil {
		return usageError("workers start executors by themselves", "%s is not a command: %v", executorCommand, err)
	}
	defer conn.Close()
	return executor.Serve(ctx, conn, executor.ServeConfig{
		NewRunner: func() executor.Runner { return vm.NewEngine(vm.EngineConfig{}) },
	})
}

func coreCount() int { return runtime.NumCPU() }
