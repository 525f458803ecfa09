package nodepool

import "golang.org/x/sys/unix"

// auditArch is this architecture in a seccomp filter.
const auditArch = unix.AUDIT_ARCH_AARCH64

// archDenied are further calls that are refused here: none.
var archDenied []uint32
