package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpFitsATerminal holds every help text to 80 columns.
func TestHelpFitsATerminal(t *testing.T) {
	var text bytes.Buffer
	printOverview(&text)
	for _, c := range commands() {
		printHelp(&text, c)
	}
	for _, t := range topics() {
		t.write(&text)
	}
	for line := range strings.Lines(text.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		why, text, want string
	}{
		{"fits", "one two", "one two"},
		{"breaks between words", "one two three", "one two|three"},
		{"a word too long", "one extraordinary two", "one|extraordinary|two"},
		{"nothing", "", ""},
	} {
		if got := strings.Join(wrap(c.text, 8), "|"); got != c.want {
			t.Errorf("%s: wrap(%q) = %q, want %q", c.why, c.text, got, c.want)
		}
	}
}
