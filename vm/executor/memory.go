package executor

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// watchTime is the time between two looks at what a running task takes. One costs about 10 µs.
	watchTime = 20 * time.Millisecond
	// MinMemory is the least that Limits.Memory can be, in bytes.
	MinMemory = 64 << 20
	maxStack  = 64 << 20 // bytes; a deeper recursion in native code ends the child
	// headroom is what the hard limit leaves, in bytes, to the runtime beyond what a task may hold, so that steady
	// growth meets the watch first, which names the amount and need not end the child.
	headroom = 64 << 20
	// childProcs is the number of threads that run Go code in a child at once. With a second one each task would wake
	// it, which doubles the cost of a short task; the one still hears the stop frame while a task keeps it busy, as the
	// runtime takes it away every 10 ms.
	childProcs = 1
)

// sample stops the running task if it holds more memory than it may or took too much processor time, and tells the
// parent, which ends the child if the task does not heed that. Otherwise it looks again later.
func (c *server) sample() {
	c.mu.Lock()
	run, began, memory, cpu := c.run, c.began, c.runMemory, c.runCPU
	c.mu.Unlock()
	if run == 0 {
		return
	}
	rep := report{kind: kindAlarm, run: run}
	if used := heapBytes(); int64(used) > memory {
		rep.used = used
		c.stop(run, fmt.Errorf("out of memory: %d bytes in use, limit %d", used, memory))
	} else if took := tookOver(cpu, began); took > 0 {
		rep.used, rep.cpu = uint64(took), true
		c.stop(run, fmt.Errorf("%v of processor time, limit %v", took, cpu))
	} else {
		c.watch.Reset(watchTime)
		return
	}
	c.out.put(nil, &rep)
}

// tookOver is the processor time taken since this process had taken began, if that is more than the limit; else 0.
func tookOver(limit, began time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	if took := cpuTime() - began; took > limit {
		return took
	}
	return 0
}

// freeMemory gives back what a large task left behind, after its result was sent.
func freeMemory(limit int64) {
	if int64(heapBytes()) > limit/8 {
		debug.FreeOSMemory()
	}
}

// heapBytes is the memory that objects take, with those not yet swept.
func heapBytes() uint64 {
	s := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s[:])
	return s[0].Value.Uint64()
}
