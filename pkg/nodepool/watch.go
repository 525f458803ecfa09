package nodepool

import (
	"fmt"
	"time"
)

// watchTime is how often the processor time of a task is looked at.
const watchTime = 20 * time.Millisecond

// watch stops the task of that run once it took more processor time than it may. What it returns ends that, and waits
// until it has.
func (x *process) watch(run int64, cfg *Config) (end func()) {
	began, ok := cpuTime(x.proc.Pid())
	if !ok {
		return func() {}
	}
	over, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		ticker := time.NewTicker(watchTime)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
			}
			now, ok := cpuTime(x.proc.Pid())
			if took := now - began; ok && took > cfg.Limits.CPU {
				x.stop(run, &cause{codeCPU, fmt.Sprintf("took %v of processor time, limit %v", took.Round(time.Millisecond), cfg.Limits.CPU), true}, cfg.Grace)
				return
			}
		}
	}()
	return func() {
		close(over)
		<-gone
	}
}
