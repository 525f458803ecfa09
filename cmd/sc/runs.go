package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"supercluster/pkg/spell"
)

// maxRecordLine bounds a line of a record, in bytes, as it is read.
const maxRecordLine = 64 << 10

// A recordedRun is a record without its tasks.
type recordedRun struct {
	path string
	head recordHead
	end  *recordEnd // nil if it has not ended, or was killed
}

// recordedRuns lists the records in dir, the latest first. Files that are none
// are left out.
func recordedRuns(dir string) ([]recordedRun, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	var list []recordedRun
	for _, path := range names {
		if r, err := peekRecord(path); err == nil {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b recordedRun) int { return b.head.Began.Compare(a.head.Began) })
	return list, nil
}

// peekRecord reads the first and the last line.
func peekRecord(path string) (recordedRun, error) {
	r := recordedRun{path: path}
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer f.Close()
	first, err := bufio.NewReader(io.LimitReader(f, maxRecordLine)).ReadBytes('\n')
	if err != nil {
		return r, fmt.Errorf("%s: no record: %w", path, err)
	}
	if err := r.readHead(first); err != nil {
		return r, err
	}
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	tail := make([]byte, min(info.Size(), 4<<10))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return r, err
	}
	tail = bytes.TrimSuffix(tail, []byte("\n"))
	r.end = readEnd(tail[bytes.LastIndexByte(tail, '\n')+1:])
	return r, nil
}

func (r *recordedRun) readHead(line []byte) error {
	switch err := json.Unmarshal(line, &r.head); {
	case err != nil || r.head.Kind != "run":
		return fmt.Errorf("%s:1: not the record of a run", r.path)
	case r.head.V != recordVersion:
		return fmt.Errorf("%s:1: a record of version %d; this sc reads version %d", r.path, r.head.V, recordVersion)
	}
	return nil
}

// readEnd is the end that a line says, or nil.
func readEnd(line []byte) *recordEnd {
	var end recordEnd
	if json.Unmarshal(line, &end) != nil || end.Kind != "end" {
		return nil
	}
	return &end
}

// readRecord reads a whole record. A last line that was cut off is left out.
func readRecord(path string) (recordedRun, []recordTask, error) {
	r := recordedRun{path: path}
	f, err := os.Open(path)
	if err != nil {
		return r, nil, err
	}
	defer f.Close()
	var tasks []recordTask
	lines := bufio.NewScanner(io.LimitReader(f, 2*maxRecordBytes))
	lines.Buffer(nil, maxRecordLine)
	for n := 1; lines.Scan(); n++ {
		line := lines.Bytes()
		if n == 1 {
			if err := r.readHead(line); err != nil {
				return r, nil, err
			}
			continue
		}
		var t recordTask
		if json.Unmarshal(line, &t) == nil && t.Kind == "task" {
			tasks = append(tasks, t)
		} else if r.end = readEnd(line); r.end != nil {
			return r, tasks, nil
		}
	}
	if r.head.V == 0 && lines.Err() == nil {
		return r, nil, fmt.Errorf("%s: it is empty", path)
	}
	return r, tasks, lines.Err()
}

// findRun is the run whose id begins so, or the latest if nothing is said.
func findRun(dir, prefix string) (recordedRun, error) {
	list, err := recordedRuns(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return recordedRun{}, err
	}
	if len(list) == 0 {
		return recordedRun{}, &exitError{code: exitThrew, err: errors.New("report: no run was recorded"), hint: "'sc run --record FILE' records one; SC_RECORD=true each"}
	}
	if prefix == "" {
		return list[0], nil
	}
	var fits []recordedRun
	var ids []string
	for _, r := range list {
		ids = append(ids, r.head.Run)
		if strings.HasPrefix(r.head.Run, prefix) {
			fits = append(fits, r)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case len(fits) > 1:
		return recordedRun{}, usageError("type more of it", "report: %d runs begin with %q: %s", len(fits), prefix, someRuns(fits))
	}
	hint := "'sc ls runs' lists them"
	if near := spell.Nearest(prefix, ids); near != "" {
		hint = fmt.Sprintf("did you mean 'sc report %s'? %s", near, hint)
	}
	return recordedRun{}, &exitError{code: exitThrew, hint: hint, err: fmt.Errorf("report: no run %q was recorded; there are %s", prefix, someRuns(list))}
}

// someRuns names a few runs.
func someRuns(list []recordedRun) string {
	var names []string
	for _, r := range list[:min(len(list), 5)] {
		names = append(names, r.head.Run+" ("+visible(r.head.Script, 24)+")")
	}
	if len(list) > 5 {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// runJSON is a recorded run as sc ls runs --json prints it.
type runJSON struct {
	V      int       `json:"v"`
	Run    string    `json:"run"`
	Script string    `json:"script"`
	Began  time.Time `json:"began"`
	Ended  bool      `json:"ended"`
	Took   float64   `json:"tookMs,omitempty"`
	Exit   *int      `json:"exit,omitempty"`
	Tasks  int       `json:"tasks"`
	Calls  int       `json:"calls"`
	Failed int       `json:"failed"`
}

// listRuns is sc ls runs.
func listRuns(env *environment, s *settings) error {
	dir, err := runsDir(env)
	if err != nil {
		return err
	}
	list, err := recordedRuns(dir)
	if err != nil {
		return err
	}
	if len(list) == 0 && !s.json {
		env.say("no run was recorded; 'sc run --record FILE' records one")
		return nil
	}
	t := tabwriter.NewWriter(narrow(env.stdout), 0, 8, 2, ' ', 0)
	if !s.json {
		fmt.Fprintln(t, "RUN\tSCRIPT\tBEGAN\tTOOK\tTASKS\tCALLS\tFAILED\tEXIT")
	}
	for _, r := range list {
		j := runJSON{V: 1, Run: r.head.Run, Script: r.head.Script, Began: r.head.Began}
		took, exit := "-", "not ended"
		if e := r.end; e != nil {
			j.Ended, j.Took, j.Exit, j.Tasks, j.Calls, j.Failed = true, e.Ended, &e.Exit, e.Tasks, e.Calls, e.Failed
			took, exit = shortDuration(millis(e.Ended)), fmt.Sprint(e.Exit)
		}
		if s.json {
			if err := printJSON(env, j); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", visible(j.Run, 12), visible(j.Script, 24),
			j.Began.Local().Format("2006-01-02 15:04:05"), took, j.Tasks, j.Calls, j.Failed, exit)
	}
	return t.Flush()
}

// millis is a number of milliseconds as a duration.
func millis(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
