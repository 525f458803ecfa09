package main

import (
	"strings"
	"testing"
)

func TestSplitList(t *testing.T) {
	for text, want := range map[string]string{
		"a":                           "a",
		"a,b:1,[::1]:2":               "a|b:1|[::1]:2",
		"exec:pick a,b":               "exec:pick a,b",
		"a,dns:b,exec:pick c,d,dns:e": "a|dns:b|exec:pick c,d,dns:e",
		"a,,b":                        "a||b",
		"":                            "",
	} {
		if got := strings.Join(splitList(text), "|"); got != want {
			t.Errorf("splitList(%q) = %s, want %s", text, got, want)
		}
	}
}
