package cluster

import (
	"runtime/metrics"
	"time"
)

// usage is what the node's process takes.
type usage struct {
	cpu        time.Duration
	memory     int64 // bytes
	goroutines int
}

// goMemory is what Go's runtime holds of the system, in bytes.
func goMemory() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 || s[1].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}
