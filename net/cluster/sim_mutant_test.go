package cluster

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// mutants are faults that were planted in the source, one at a time; the simulation must find each of them.
var mutants = []struct {
	name, file string
	edits      [][2]string // from, to; each must be there once
}{
	{"callback twice", "scheduler.go", [][2]string{
		{"	o.Attempts = int(t.attempt)\n	s.note(t, &o)", "	o.Attempts = int(t.attempt)\n	if o.Attempts > 1 {\n		s.emit(effect{kind: effectDone, t: t, outcome: &o})\n	}\n	s.note(t, &o)"},
	}},
	{"result of an attempt that was given up", "scheduler_peer.go", [][2]string{
		{"t == nil || t.at != r || t.attempt != attempt", "t == nil || t.at == nil"},
	}},
	{"second run of a task that may run once", "scheduler_peer.go", [][2]string{
		{"	case t.once(p):\n", "	case t.once(p) && t.attempt > 1:\n"},
	}},
	{"no end of losses", "scheduler_peer.go", [][2]string{{"t.losses >= maxLosses", "t.losses > maxLosses"}}},
	{"one retry too many", "scheduler_peer.go", [][2]string{{"m.Err != nil && t.failures < t.spec.Retries", "m.Err != nil && t.failures <= t.spec.Retries"}}},
	{"retry that RetryIf refused", "scheduler.go", [][2]string{{"	if again {\n", "	if again || t.failures > 0 {\n"}}},
	{"one task more than the credit", "remote.go", [][2]string{{"return free + r.ahead()", "return free + r.ahead() + 1"}}},
	{"one task more than slots", "intake.go", [][2]string{{"for in.running < in.slots {", "for in.running <= in.slots {"}}},
	{"attempt that starts again when it is sent again", "intake.go", [][2]string{
		{"	if j := o.jobs[key]; j != nil {\n		if", "	if j := o.jobs[key]; j != nil && j.state != jobRuns {\n		if"},
	}},
	{"result that is not acknowledged when it comes late", "scheduler_peer.go", [][2]string{
		{"	s.send(r.s, &wire.Ack{ID: m.ID, Attempt: m.Attempt})\n	t := s.live(r, m.ID, m.Attempt)\n	if t == nil {\n		return\n	}\n",
			"	t := s.live(r, m.ID, m.Attempt)\n	if t == nil {\n		return\n	}\n	s.send(r.s, &wire.Ack{ID: m.ID, Attempt: m.Attempt})\n"},
	}},
	{"result that is not kept for a lost master", "intake.go", [][2]string{
		{"	default:\n		for o.kept > maxKept", "	default:\n		in.remove(j)\n		for o.kept > maxKept"},
	}},
	{"worker that does not report after a cut", "intake.go", [][2]string{
		{"	in.send(x, &st)\n	in.report(o)\n	in.schedule(now)", "	in.send(x, &st)\n	in.schedule(now)"},
	}},
	{"nothing sent again on a link that replaces another", "scheduler_peer.go", [][2]string{
		{"		case t.state == Sent:\n			s.send(x, t.message(true))", "		case t.state == Sent && t.attempt > 1:\n			s.send(x, t.message(true))"},
	}},
	{"running task that is called back", "intake.go", [][2]string{
		{"j.state == jobRuns && code != codeRevoked", "j.state == jobRuns"},
	}},
	{"cancel that a running task does not hear", "intake.go", [][2]string{
		{"	case j.state == jobRuns && code != codeRevoked:\n		in.end(j, code, why)\n", ""},
	}},
	{"resources that are not given back", "intake.go", [][2]string{{"	in.free.add(j.needs, 1)\n", ""}}},
	{"resources that are not looked at", "resources.go", [][2]string{{"blocked := !in.free.cover(j.needs)", "blocked := false"}}},
	{"tasks of a dead master that run on", "intake.go", [][2]string{
		{"orphanGrace   = 30 * time.Second ", "orphanGrace   = 30 * time.Hour "},
	}},
	{"task for a worker that takes none", "remote.go", [][2]string{
		{"return !r.closed && !r.suspect && !r.full }", "return !r.suspect && !r.full }"},
	}},
	{"task at a worker that its query does not select", "scheduler.go", [][2]string{
		{"	t.mayRun[r] = may\n	if may && ", "	t.mayRun[r] = true\n	if "},
	}},
}

// rare are those that take many seeds to find, or tell little that the others do not: too long for every day.
var rare = []string{
	"no end of losses",
	"attempt that starts again when it is sent again",
	"result that is not kept for a lost master",
	"result that is not acknowledged when it comes late",
	"nothing sent again on a link that replaces another",
	"running task that is called back",
	"resources that are not given back",
	"one task more than slots",
	"tasks of a dead master that run on",
	"cancel that a running task does not hear",
}

// TestMutants plants each fault in a copy of the source and runs the simulation on it, which must fail.
func TestMutants(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it builds this package anew for each fault")
	}
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			if slices.Contains(rare, m.name) && os.Getenv("SC_LONG") == "" {
				t.Skip("SC_LONG=1 plants this one, too")
			}
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			bin := buildMutant(t, m.file, m.edits)
			out, err := exec.Command(bin, "-test.run=^TestSimulation$", "-test.v", "-sim.seeds=1000").CombinedOutput()
			if err == nil {
				t.Fatalf("nothing was found in 1000 seeds:\n%s", out)
			}
			found := regexp.MustCompile(`seed \d+: .*`).FindString(string(out))
			if found == "" {
				t.Fatalf("the simulation failed, and not by its checker: %v\n%.2000s", err, out)
			}
			t.Log(found)
		})
	}
}

// buildMutant builds this package's tests with edits to a file.
func buildMutant(t *testing.T, file string, edits [][2]string) string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for _, e := range edits {
		if n := strings.Count(text, e[0]); n != 1 {
			t.Fatalf("%s has %q %d times, want once: bring the fault up to date", file, e[0], n)
		}
		text = strings.Replace(text, e[0], e[1], 1)
	}
	dir := t.TempDir()
	abs, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	mutant, overlay, bin := filepath.Join(dir, file), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "mutant.exe")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {abs: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{mutant: []byte(text), overlay: list} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-o", bin, "-overlay", overlay, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}
