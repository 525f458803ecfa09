package nodepool

import (
	"errors"
	"fmt"
	"strconv"
)

// errLaunch is what a person gets who types the hidden command.
var errLaunch = errors.New("workers start node by themselves")

// launch is what the launcher is told on its command line: memory in bytes, whether to keep files from node, and node's
// own command line, its path first.
type launch struct {
	memory int64
	files  bool
	argv   []string
}

// arguments is the command line of a launch, after that of the launcher.
func (l launch) arguments() []string {
	return append([]string{strconv.FormatInt(l.memory, 10), strconv.FormatBool(l.files)}, l.argv...)
}

// parseLaunch is the inverse of arguments.
func parseLaunch(args []string) (l launch, err error) {
	if len(args) < 3 {
		return l, errLaunch
	}
	if l.memory, err = strconv.ParseInt(args[0], 10, 64); err != nil || l.memory < 0 {
		return l, fmt.Errorf("%w: memory %q", errLaunch, args[0])
	}
	if l.files, err = strconv.ParseBool(args[1]); err != nil {
		return l, fmt.Errorf("%w: files %q", errLaunch, args[1])
	}
	l.argv = args[2:]
	return l, nil
}
