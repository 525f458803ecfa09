package nodepool

import "golang.org/x/sys/unix"

// auditArch is this architecture in a seccomp filter.
const auditArch = unix.AUDIT_ARCH_X86_64

// archDenied are further calls that are refused here.
var archDenied = []uint32{unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_USELIB}
