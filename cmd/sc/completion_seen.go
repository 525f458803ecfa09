package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What was seen of a cluster is kept for completion for seenFor, so that Tab
// after 'sc ls tasks' offers what that has listed: maxSeen of them, in a file
// of at most maxSeenBytes that only this user can read.
const (
	seenFor      = 2 * time.Minute
	maxSeen      = 2000
	maxSeenBytes = 1 << 20
)

// The kinds of what is seen.
const (
	seenWorker = "worker"
	seenTask   = "task"
)

// seen is an id, as sc prints it, that a look has found.
type seen struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id"`
	Meaning string    `json:"meaning"`
	Ended   bool      `json:"ended,omitempty"` // of a task
	At      time.Time `json:"at"`
}

// seenFile is where what is seen with these settings is kept, or "".
func seenFile(s *settings) string {
	dir := cacheDir()
	if dir == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q", s.cluster, s.broadcastPort, s.trackers))
	return filepath.Join(filepath.Dir(dir), "seen", fmt.Sprintf("%x.json", sum[:8]))
}

// remember keeps what was found now, and returns that with what was found just
// before, of one kind and by id. It is a convenience: a file that cannot be
// read or written is none.
func remember(s *settings, found []seen, kind string) []seen {
	now, path := time.Now(), seenFile(s)
	all := make(map[string]seen)
	for _, e := range loadSeen(path) {
		if age := now.Sub(e.At); age >= 0 && age < seenFor {
			all[e.Kind+e.ID] = e
		}
	}
	for _, e := range found {
		e.At = now
		all[e.Kind+e.ID] = e
	}
	var list []seen
	for _, e := range all {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b seen) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	list = list[:min(len(list), maxSeen)]
	if len(found) > 0 && path != "" {
		saveSeen(path, list)
	}
	list = slices.DeleteFunc(list, func(e seen) bool { return e.Kind != kind })
	slices.SortFunc(list, func(a, b seen) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func loadSeen(path string) (list []seen) {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSeenBytes))
	if err != nil || json.Unmarshal(text, &list) != nil {
		return nil
	}
	for i := range list { // a file may hold anything
		list[i].ID, list[i].Meaning = visible(list[i].ID, sureTask), visible(list[i].Meaning, 120)
	}
	return list
}

// saveSeen puts a whole file in the place of the one before.
func saveSeen(path string, list []seen) {
	text, err := json.Marshal(list)
	if err != nil || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(path), "seen-*.tmp")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if err = cmp.Or(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
}
