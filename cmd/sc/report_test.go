package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"supercluster/jsapi"
)

// recordedTasks are n tasks of five functions on w workers with two slots, all
// of which are busy all the time; each seventh task fails.
func recordedTasks(n, w int) []recordTask {
	tasks := make([]recordTask, n)
	for i := range tasks {
		began := float64(i / (2 * w) * 10)
		tasks[i] = recordTask{
			Kind: "task", ID: fmt.Sprintf("%032x", i), Name: fmt.Sprintf("f%d", i%5), Worker: fmt.Sprintf("worker-%d", i%w),
			Calls: 1, Attempts: 1, Began: &began, Ended: began + 10,
		}
		if i%7 == 6 {
			tasks[i].Failed, tasks[i].Code, tasks[i].Error = 1, "ERR_</script>", "Error: <img src=http://evil.example>"
		}
	}
	return tasks
}

// streamOf reads what a page's script draws.
func streamOf(t *testing.T, page string) (lanes [][2]json.RawMessage) {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the page has no data")
	}
	var data struct {
		Lanes [][2]json.RawMessage `json:"lanes"`
	}
	if err := json.Unmarshal([]byte(m[1]), &data); err != nil {
		t.Fatalf("the page's data: %v", err)
	}
	return data.Lanes
}

func pageOf(t *testing.T, tasks []recordTask, end *recordEnd) string {
	t.Helper()
	run := recordedRun{head: recordHead{V: 1, Kind: "run", Run: "3f9a", Script: "a <b>.js", Began: time.Unix(1, 0)}, end: end}
	var page bytes.Buffer
	if err := newReport(run, tasks).writePage(&page, time.Unix(2, 0)); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// TestReportPage holds a page to its bounds, whatever it is of, and to asking
// nobody for anything.
func TestReportPage(t *testing.T) {
	for _, c := range []struct {
		tasks, workers, lanes, maxBytes int
	}{{0, 1, 0, 30 << 10}, {1, 1, 1, 30 << 10}, {10_000, 3, 6, 1 << 20}, {100_000, 3, 6, 2 << 20}, {30_000, 1000, maxLanes, 2 << 20}} {
		why := fmt.Sprintf("%d tasks on %d workers", c.tasks, c.workers)
		page := pageOf(t, recordedTasks(c.tasks, c.workers), &recordEnd{Kind: "end", Tasks: c.tasks, Calls: c.tasks})
		if len(page) > c.maxBytes {
			t.Errorf("%s: a page of %d bytes, limit %d", why, len(page), c.maxBytes)
		}
		if c.tasks == 0 {
			if !strings.Contains(page, "No task ran.") || strings.Contains(page, "<script") {
				t.Errorf("%s: the page is %s", why, page)
			}
		} else if lanes := streamOf(t, page); len(lanes) != c.lanes {
			t.Errorf("%s: %d lanes, want %d", why, len(lanes), c.lanes)
		}
		if m := regexp.MustCompile(`(?i)(src|href|action)\s*=\s*"(?:[^d"]|d[^a"])[^"]*"|url\(|@import|<img|<link rel="style|fetch\(|XMLHttp|a <b>`).FindString(page); m != "" {
			t.Errorf("%s: the page holds %q", why, m)
		}
		if n := strings.Count(page, "</script>"); n != strings.Count(page, "<script") {
			t.Errorf("%s: %d ends of scripts", why, n)
		}
	}
	if page := pageOf(t, recordedTasks(3, 1), nil); !strings.Contains(page, "has no end: it goes on, or was killed") {
		t.Errorf("a run without an end: %s", page)
	}
	if page := pageOf(t, recordedTasks(3, 1), &recordEnd{Kind: "end", Exit: 5, Running: 2}); !strings.Contains(page, "ended with exit code 5 while 2 tasks had not ended") {
		t.Errorf("a run that was interrupted: %s", page)
	}
}

// TestReportLanes: tasks at the same time are in lanes of their own, tasks one
// after the other in one, also if the master heard of them a little late.
func TestReportLanes(t *testing.T) {
	task := func(from, to float64) recordTask {
		return recordTask{Kind: "task", ID: "1", Worker: "w", Calls: 1, Began: &from, Ended: to}
	}
	for _, c := range []struct {
		why   string
		tasks []recordTask
		lanes int
	}{
		{"one after the other", []recordTask{task(0, 10), task(10, 20), task(30, 40)}, 1},
		{"heard late", []recordTask{task(0, 10), task(9, 20)}, 1},
		{"at the same time", []recordTask{task(0, 10), task(5, 20)}, 2},
		{"short ones at the same time", []recordTask{task(0, 1), task(0.1, 1)}, 2},
		{"never begun", []recordTask{{Kind: "task", ID: "1", Worker: "w"}}, 0},
	} {
		if r := newReport(recordedRun{}, c.tasks); len(r.lanes) != c.lanes {
			t.Errorf("%s: %d lanes, want %d", c.why, len(r.lanes), c.lanes)
		}
	}
}

// TestRecord: what is written can be read, is bounded, and old records go.
func TestRecord(t *testing.T) {
	state := t.TempDir()
	env := &environment{getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] }}
	dir := filepath.Join(state, "supercluster", "runs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range maxRuns + 5 {
		path := filepath.Join(dir, fmt.Sprintf("old%d.jsonl", i))
		if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(i+1), 0)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := newRecorder(env, "/somewhere/a.js")
	if err != nil {
		t.Fatal(err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != maxRuns {
		t.Errorf("%d records, want %d", len(names), maxRuns)
	}
	if _, err := os.Stat(filepath.Join(dir, "old0.jsonl")); err == nil {
		t.Error("the oldest record is still there")
	}
	long := strings.Repeat("x", 10*maxErrorText)
	for range maxRecordTasks + 10 {
		r.task(jsapi.TaskRecord{ID: "1", Name: long[:10], Calls: 2, Failed: 1, Asked: r.began, Began: r.began, Ended: r.began.Add(time.Millisecond), Error: long})
	}
	if err := r.close(5, 1); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, recordName(r.run))
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxRecordBytes+maxRecordLine {
		t.Errorf("the record: %v, %d bytes, limit %d", err, info.Size(), maxRecordBytes)
	}
	run, tasks, err := readRecord(path)
	want := recordEnd{Kind: "end", Exit: 5, Tasks: maxRecordTasks + 10, Calls: 2 * (maxRecordTasks + 10), Failed: maxRecordTasks + 10, Running: 1}
	if err != nil || run.end == nil {
		t.Fatalf("readRecord: %+v, %v", run, err)
	}
	if want.Left, want.Ended = run.end.Left, run.end.Ended; *run.end != want || want.Left < 10 || len(tasks) != want.Tasks-want.Left {
		t.Errorf("the record ends with %+v after %d tasks, want %+v", *run.end, len(tasks), want)
	}
	if got := tasks[0]; got.Failed != 1 || len(got.Error) > maxErrorText+len("…") || *got.Began != 0 || got.Ended != 1 {
		t.Errorf("the first task is %+v", got)
	}
}

// TestReadRecord: a record that was cut off is read as far as it goes, and
// what is none is refused by name.
func TestReadRecord(t *testing.T) {
	const head = `{"v":1,"kind":"run","run":"3f9a","script":"a.js","began":"2026-01-02T03:04:05Z"}` + "\n"
	const task = `{"kind":"task","id":"1","calls":1,"attempts":1,"asked":0,"began":1,"ended":2}` + "\n"
	for _, c := range []struct {
		why, text, wantErr string
		tasks              int
		ended              bool
	}{
		{"whole", head + task + task + `{"kind":"end","ended":3,"exit":0}` + "\n", "", 2, true},
		{"cut off", head + task + task[:20], "", 1, false},
		{"of a later version", strings.Replace(head, `"v":1`, `"v":2`, 1), "1: a record of version 2; this sc reads version 1", 0, false},
		{"something else", "hello\n", "1: not the record of a run", 0, false},
		{"empty", "", "it is empty", 0, false},
	} {
		path := filepath.Join(t.TempDir(), "3f9a.jsonl")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		run, tasks, err := readRecord(path)
		if c.wantErr != "" {
			if err == nil || !strings.Contains(err.Error(), c.wantErr) {
				t.Errorf("%s: error %v, want %q", c.why, err, c.wantErr)
			}
			continue
		}
		if err != nil || len(tasks) != c.tasks || (run.end != nil) != c.ended {
			t.Errorf("%s: %d tasks, end %v, error %v", c.why, len(tasks), run.end, err)
		}
		if peeked, err := peekRecord(path); err != nil || (peeked.end != nil) != c.ended {
			t.Errorf("%s: peekRecord: %+v, %v", c.why, peeked, err)
		}
	}
}
