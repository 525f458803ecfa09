package grant

import "os"

// signals are those that a task may send to its programs: here all end them.
var signals = map[string]os.Signal{"SIGKILL": os.Kill, "SIGTERM": os.Kill, "SIGINT": os.Kill, "SIGQUIT": os.Kill}

func signalName(text string) string { return text }

// systemVariables are what no program can do without.
var systemVariables = []string{"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR"}
