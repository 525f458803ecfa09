package nodepkg

// endProcesses does nothing: processes are in a job, which ends them with their parent.
func endProcesses(string) {}
