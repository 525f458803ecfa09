package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A halt says when a map ends before its lines do, as GNU parallel's --halt.
type halt struct {
	text    string
	now     bool   // running lines end, too
	what    string // "fail", "success" or "done"; empty means never
	count   int    // so many
	percent int    // or so many of a hundred, of those that have ended; zero means count
}

// minHaltPercent is how many lines must have ended before a percentage says
// something, as with GNU parallel.
const minHaltPercent = 3

func (h *halt) String() string { return h.text }

// Set implements flag.Value: "never", "now,fail=1", "soon,fail=10%", "now,success=1", "soon,done=5".
func (h *halt) Set(text string) error {
	*h = halt{text: text}
	if text == "never" {
		return nil
	}
	when, rest, ok := strings.Cut(text, ",")
	what, number, isEqual := strings.Cut(rest, "=")
	if !ok || !isEqual || when != "now" && when != "soon" || what != "fail" && what != "success" && what != "done" {
		return fmt.Errorf("not never, or now or soon, a comma, and fail, success or done with a number: now,fail=1")
	}
	n, err := strconv.Atoi(strings.TrimSuffix(number, "%"))
	if err != nil || n < 1 || strings.HasSuffix(number, "%") && n > 100 {
		return fmt.Errorf("%q is no number of lines, such as 1 or 10%%", number)
	}
	h.now, h.what, h.count = when == "now", what, n
	if strings.HasSuffix(number, "%") {
		h.percent, h.count = n, 0
	}
	return nil
}

// reached reports whether that many lines that ended well and badly are the
// end.
func (h *halt) reached(good, bad int) bool {
	n := 0
	switch h.what {
	case "fail":
		n = bad
	case "success":
		n = good
	case "done":
		n = good + bad
	default:
		return false
	}
	if h.percent > 0 {
		return good+bad >= minHaltPercent && n*100 >= h.percent*(good+bad)
	}
	return n >= h.count
}
