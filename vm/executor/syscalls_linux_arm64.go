package executor

import "golang.org/x/sys/unix"

// auditArch is this architecture in a seccomp filter.
const auditArch = unix.AUDIT_ARCH_AARCH64

// archCalls are further calls that an executor needs here: none.
var archCalls []uint32
