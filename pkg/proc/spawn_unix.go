//go:build unix

package proc

import (
	"os"
	"syscall"
)

func spawnAttributes(cfg SpawnConfig) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: cfg.Detached}
	if cfg.UID >= 0 || cfg.GID >= 0 {
		id := func(wanted, own int) uint32 {
			if wanted >= 0 {
				return uint32(wanted)
			}
			return uint32(own)
		}
		attr.Credential = &syscall.Credential{Uid: id(cfg.UID, os.Getuid()), Gid: id(cfg.GID, os.Getgid()), NoSetGroups: true}
	}
	return attr
}

func signalOf(ps *os.ProcessState) syscall.Signal {
	if ws, ok := ps.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal()
	}
	return 0
}
