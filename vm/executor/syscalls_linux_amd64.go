package executor

import "golang.org/x/sys/unix"

// auditArch is this architecture in a seccomp filter.
const auditArch = unix.AUDIT_ARCH_X86_64

// archCalls are further calls that an executor needs here. The x32 numbers, from 1 << 30 on, are in no list.
var archCalls = []uint32{unix.SYS_EPOLL_WAIT, unix.SYS_POLL, unix.SYS_ARCH_PRCTL, unix.SYS_TIME}
