package proc

import (
	"os"
	"syscall"
)

func spawnAttributes(cfg SpawnConfig) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{}
	if cfg.Detached {
		attr.CreationFlags = 0x8 | syscall.CREATE_NEW_PROCESS_GROUP // DETACHED_PROCESS
	}
	return attr
}

func signalOf(*os.ProcessState) syscall.Signal { return 0 }
