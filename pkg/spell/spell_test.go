package spell

import "testing"

func TestNearest(t *testing.T) {
	options := []string{"port", "bindTo", "broadcast", "tracker", "slots"}
	for _, c := range []struct{ why, word, want string }{
		{"two letters swapped", "prot", "port"},
		{"a letter missing", "traker", "tracker"},
		{"a letter too many", "slotss", "slots"},
		{"other case", "bindto", "bindTo"},
		{"nothing alike", "colour", ""},
		{"the word itself", "slots", "slots"},
		{"empty", "", ""},
	} {
		if got := Nearest(c.word, options); got != c.want {
			t.Errorf("%s: Nearest(%q) = %q, want %q", c.why, c.word, got, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"abc", "abc", 0},
		{"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
