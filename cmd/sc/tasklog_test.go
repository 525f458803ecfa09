package main

import (
	"bytes"
	"strings"
	"testing"

	"supercluster/jsapi"
)

// TestTaskPrinter: each line of a task has its worker, its function and its
// number before it; on a terminal a worker keeps its colour, and nothing that
// a task prints changes the terminal's.
func TestTaskPrinter(t *testing.T) {
	ada := jsapi.TaskLog{Worker: "adalovelace", Task: "0123456789", Name: "weigh", Stream: "stdout", Text: "one\ntwo\x1b[31m\n"}
	alan := jsapi.TaskLog{Worker: "alanturing1", Task: "abcdef0123", Text: "three"}
	printed := func(colors bool, logs ...jsapi.TaskLog) string {
		var b bytes.Buffer
		p := &taskPrinter{w: &b, colors: colors}
		for _, l := range logs {
			p.print(l)
		}
		return b.String()
	}
	want := "[adalove weigh#0123] one\n[adalove weigh#0123] two\ufffd[31m\n[alantur task#abcd] three\n"
	if got := printed(false, ada, alan); got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	got := printed(true, ada, alan, ada)
	lines := strings.Split(got, "\n")
	color := func(line string) string { before, _, _ := strings.Cut(line, "["+"a"); return before }
	if color(lines[0]) == "" || color(lines[0]) != color(lines[1]) || color(lines[0]) != color(lines[3]) {
		t.Errorf("the colour of a worker changes: %q", got)
	}
	if color(lines[0]) == color(lines[2]) {
		t.Errorf("two workers have the same colour: %q", got)
	}
	if !strings.Contains(lines[0], "]\x1b[0m one") {
		t.Errorf("the colour does not end after the prefix: %q", lines[0])
	}
}
