//go:build unix && !linux

package nodepkg

import (
	"context"
	"strconv"
	"strings"
	"syscall"
	"time"

	"supercluster/pkg/proc"
)

// endProcesses ends all processes whose command line names the folder at path. What has left its process group and
// does not name it is not found here.
func endProcesses(path string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var out limitedBuffer
	p, err := proc.Start(proc.Config{Path: "/bin/ps", Args: []string{"-axo", "pid=,command="}, Stdout: &out})
	if err != nil {
		return
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
	}
	p.Wait()
	for line := range strings.Lines(out.String()) {
		number, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(number); err == nil && pid > 1 && strings.Contains(command, path+"/") {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		}
	}
}
