package proc

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// SpawnConfig says what Spawn starts.
type SpawnConfig struct {
	File     string     // of the program; without a separator it is looked up in the PATH of Env
	Args     []string   // with the program's name in front
	Env      []string   // the whole environment as KEY=value
	Dir      string     // working directory; "" is the parent's
	Files    []*os.File // the child's descriptors from 0 on; nil is a closed one
	Detached bool       // a session of its own, which outlives the parent's
	UID, GID int        // -1: the parent's
}

// Spawned is a child that lives on its own: its end is reported, nothing of it is ended with it. All methods are safe
// for concurrent use.
type Spawned struct {
	process *os.Process
	done    chan struct{}
	code    int // these are set before done is closed
	signal  syscall.Signal
}

// Spawn starts a program as a shell would: no group, no limits, and its descendants go on when it ends. The error is
// that of the system, such as ENOENT. The caller closes its own copies of Files.
//
// One goroutine waits for the child, as long as that lives: nothing else can tell when a process ends.
func Spawn(cfg SpawnConfig) (*Spawned, error) {
	path, err := lookUp(cfg)
	if err != nil {
		return nil, err
	}
	p, err := os.StartProcess(path, cfg.Args, &os.ProcAttr{Dir: cfg.Dir, Env: append([]string{}, cfg.Env...), Files: cfg.Files, Sys: spawnAttributes(cfg)})
	if err != nil {
		return nil, err
	}
	s := &Spawned{process: p, done: make(chan struct{})}
	go s.wait()
	return s, nil
}

func (s *Spawned) wait() {
	defer close(s.done)
	ps, err := s.process.Wait()
	if err != nil {
		s.code = -1
		return
	}
	s.code, s.signal = ps.ExitCode(), signalOf(ps)
}

// Pid is the number of the process.
func (s *Spawned) Pid() int { return s.process.Pid }

// Done is closed when the process has ended.
func (s *Spawned) Done() <-chan struct{} { return s.done }

// Ended waits for Done and returns the exit status, or the signal that ended the process, which is 0 if none did.
func (s *Spawned) Ended() (code int, signal syscall.Signal) {
	<-s.done
	return s.code, s.signal
}

// Signal sends sig to the process alone. It returns os.ErrProcessDone if that has ended.
func (s *Spawned) Signal(sig syscall.Signal) error {
	if runtime.GOOS == "windows" && sig != 0 {
		return s.process.Kill()
	}
	return s.process.Signal(sig)
}

// lookUp finds the program as execvp(3) does, in the child's own PATH and from its own directory.
func lookUp(cfg SpawnConfig) (string, error) {
	if cfg.Dir != "" {
		if info, err := os.Stat(cfg.Dir); err != nil || !info.IsDir() {
			return "", syscall.ENOENT
		}
	}
	if strings.ContainsRune(cfg.File, filepath.Separator) || runtime.GOOS == "windows" && strings.ContainsAny(cfg.File, `/:`) {
		if cfg.Dir != "" && !filepath.IsAbs(cfg.File) {
			return runnable(filepath.Join(cfg.Dir, cfg.File))
		}
		return runnable(cfg.File)
	}
	err := error(syscall.ENOENT)
	for _, dir := range filepath.SplitList(searchPath(cfg.Env)) {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(cfg.Dir, dir)
		}
		path, problem := runnable(filepath.Join(dir, cfg.File))
		if problem == nil {
			return path, nil
		}
		if problem == error(syscall.EACCES) {
			err = problem
		}
	}
	return "", err
}

// searchPath is the PATH of an environment, or the system's usual one.
func searchPath(env []string) string {
	for _, entry := range env {
		key, value, _ := strings.Cut(entry, "=")
		if key == "PATH" || runtime.GOOS == "windows" && strings.EqualFold(key, "PATH") {
			return value
		}
	}
	if runtime.GOOS == "windows" {
		return os.Getenv("PATH")
	}
	return "/usr/local/bin:/bin:/usr/bin"
}

// runnable returns path, on Windows with the ending that makes it a program, if it may be executed.
func runnable(path string) (string, error) {
	if runtime.GOOS == "windows" {
		for _, ending := range []string{"", ".exe", ".com"} {
			if info, err := os.Stat(path + ending); err == nil && !info.IsDir() && (ending != "" || filepath.Ext(path) != "") {
				return path + ending, nil
			}
		}
		return "", syscall.ENOENT
	}
	info, err := os.Stat(path)
	switch {
	case os.IsPermission(err):
		return "", syscall.EACCES
	case err != nil:
		return "", syscall.ENOENT
	case info.IsDir(), info.Mode()&fs.FileMode(0o111) == 0:
		return "", syscall.EACCES
	}
	return path, nil
}
