package main

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"supercluster/jsapi"
)

// Bounds of the records of runs.
const (
	maxRecordTasks = 100_000  // with a line of their own; those that come later are counted
	maxRecordBytes = 64 << 20 // of one record
	maxRuns        = 50       // records kept; the oldest go first
	maxRunsBytes   = 256 << 20
	maxErrorText   = 500 // bytes of a failure's message
	// flushEvery is how much of a record is lost at most if its process is killed.
	flushEvery = time.Second
)

// recordVersion is "v" of a record's first line. A reader refuses others.
const recordVersion = 1

// recordHead is the first line of a record. Times of the other lines are
// milliseconds since Began.
type recordHead struct {
	V       int       `json:"v"`
	Kind    string    `json:"kind"` // "run"
	Run     string    `json:"run"`
	Script  string    `json:"script"` // the file's name
	Began   time.Time `json:"began"`
	Version string    `json:"version"` // of sc
	System  string    `json:"system"`
}

// recordTask is a task that has ended.
type recordTask struct {
	Kind     string   `json:"kind"` // "task"
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty"`
	Worker   string   `json:"worker,omitempty"`
	Addr     string   `json:"addr,omitempty"`
	Calls    int      `json:"calls"`
	Failed   int      `json:"failed,omitempty"`
	Attempts int      `json:"attempts"`
	Asked    float64  `json:"asked"`
	Began    *float64 `json:"began,omitempty"` // nil if it never had a slot
	Ended    float64  `json:"ended"`
	Code     string   `json:"code,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// recordEnd is the last line of a record whose process was not killed.
type recordEnd struct {
	Kind  string  `json:"kind"` // "end"
	Ended float64 `json:"ended"`
	Exit  int     `json:"exit"`
	// Tasks and Calls count all, Failed the calls that failed; Left counts the
	// tasks that have no line, Running those that had not ended.
	Tasks   int `json:"tasks"`
	Calls   int `json:"calls"`
	Failed  int `json:"failed"`
	Left    int `json:"left,omitempty"`
	Running int `json:"running,omitempty"`
}

// A recorder writes the record of a run. A nil recorder writes nothing. Its
// methods may be called from any goroutine.
type recorder struct {
	run   string
	began time.Time

	mu      sync.Mutex // guards what follows
	file    *os.File
	out     *bufio.Writer
	bytes   int
	flushed time.Time
	end     recordEnd
	err     error // the first; nothing is written after it
}

// stateDir is where what sc remembers is kept, or "" if this account has no
// such place: after the XDG base directory specification where that holds.
func stateDir(env *environment) string {
	if dir := env.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "supercluster")
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return ""
		}
		return filepath.Join(dir, "supercluster", "state")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "supercluster")
}

// runsDir is where records of runs are kept.
func runsDir(env *environment) (string, error) {
	dir := stateDir(env)
	if dir == "" {
		return "", &exitError{code: exitConfig, err: errors.New("record: this account has no folder to keep records in"), hint: "set HOME or XDG_STATE_HOME"}
	}
	return filepath.Join(dir, "runs"), nil
}

// recordName is the name of a run's file.
func recordName(run string) string { return run + ".jsonl" }

// newRecorder begins a record of a script, and removes old ones.
func newRecorder(env *environment, script string) (*recorder, error) {
	dir, err := runsDir(env)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &exitError{code: exitConfig, err: fmt.Errorf("record: %w", err)}
	}
	pruneRuns(dir)
	id := make([]byte, 4)
	_, _ = rand.Read(id) // it does not fail
	r := &recorder{run: hex.EncodeToString(id), began: time.Now()}
	if r.file, err = os.OpenFile(filepath.Join(dir, recordName(r.run)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, &exitError{code: exitConfig, err: fmt.Errorf("record: %w", err)}
	}
	r.out, r.flushed, r.end.Kind = bufio.NewWriter(r.file), r.began, "end"
	r.line(recordHead{
		V: recordVersion, Kind: "run", Run: r.run, Script: filepath.Base(script), Began: r.began.UTC().Round(time.Millisecond),
		Version: version, System: runtime.GOOS + "/" + runtime.GOARCH,
	})
	return r, nil
}

// pruneRuns makes room for one record more. What cannot be removed stays.
func pruneRuns(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	type file struct {
		name string
		size int64
		at   time.Time
	}
	var files []file
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(e.Name(), ".jsonl") {
			files = append(files, file{e.Name(), info.Size(), info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return b.at.Compare(a.at) })
	total := int64(0)
	for i, f := range files {
		if total += f.size; i >= maxRuns-1 || total > maxRunsBytes {
			_ = os.Remove(filepath.Join(dir, f.name)) // somebody else did, or may
		}
	}
}

// since is a time in milliseconds since the run began, to a microsecond.
func (r *recorder) since(t time.Time) float64 { return float64(t.Sub(r.began).Microseconds()) / 1000 }

// line writes one line; mu is held, or nobody else has r yet.
func (r *recorder) line(v any) {
	text, err := json.Marshal(v)
	if r.err == nil && err == nil {
		_, err = r.out.Write(append(text, '\n'))
	}
	r.bytes += len(text) + 1
	if r.err == nil {
		r.err = err
	}
}

// task takes a task that has ended.
func (r *recorder) task(t jsapi.TaskRecord) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end.Tasks++
	r.end.Calls += t.Calls
	r.end.Failed += t.Failed
	if r.end.Tasks-r.end.Left > maxRecordTasks || r.bytes > maxRecordBytes {
		r.end.Left++
		return
	}
	line := recordTask{
		Kind: "task", ID: t.ID, Name: cut(t.Name), Worker: t.Worker, Addr: t.Addr, Calls: t.Calls, Failed: t.Failed,
		Attempts: t.Attempts, Asked: r.since(t.Asked), Ended: r.since(t.Ended), Code: t.Code, Error: cut(t.Error),
	}
	if !t.Began.IsZero() {
		began := r.since(t.Began)
		line.Began = &began
	}
	r.line(line)
	if now := time.Now(); now.Sub(r.flushed) > flushEvery {
		r.flushed = now
		_ = r.out.Flush() // the error stays in out
	}
}

// cut shortens a text to what a record has room for.
func cut(text string) string {
	if len(text) <= maxErrorText {
		return text
	}
	return strings.ToValidUTF8(text[:maxErrorText], "") + "…"
}

// close writes the end, of a run that ends with that code while so many tasks
// had not ended.
func (r *recorder) close(exit, running int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end.Ended, r.end.Exit, r.end.Running = r.since(time.Now()), exit, running
	r.line(r.end)
	if err := errors.Join(r.err, r.out.Flush(), r.file.Close()); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}

// finish ends the record of a run that ends with err, and says how to see it.
// The loop has ended, so the script is nobody else's.
func (r *recorder) finish(env *environment, h *host, err error) error {
	if r == nil {
		return err
	}
	if failed := r.close(exitCode(err), len(h.script.Running())); failed != nil {
		env.say("%v", failed)
		return err // the run's own outcome counts
	}
	env.say("recorded as %s; 'sc report %s' makes a page of it", r.run, r.run)
	return err
}
