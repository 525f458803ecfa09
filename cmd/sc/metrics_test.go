package main

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scrape is the script command "scrape PORT PATTERN...": it asks for the
// metrics of a process of the script until each pattern fits a line of them,
// and checks that they keep to the format.
func scrape(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: scrape PORT PATTERN...")
	}
	var patterns []*regexp.Regexp
	for _, p := range args[1:] {
		patterns = append(patterns, regexp.MustCompile("(?m)"+p))
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		page, err := getMetrics("http://127.0.0.1:" + args[0] + "/metrics")
		missing := ""
		for _, p := range patterns {
			if err == nil && !p.MatchString(page) {
				missing = p.String()
			}
		}
		if err == nil && missing == "" {
			if err := checkMetrics(page); err != nil {
				ts.Fatalf("%v in:\n%s", err, page)
			}
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("after 20 s: error %v, no line like %s in:\n%s", err, missing, page)
		}
	}
}

func getMetrics(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if got, want := resp.Header.Get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8"; got != want {
		return "", fmt.Errorf("Content-Type is %q, want %q", got, want)
	}
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

// What lines of the text format look like:
// https://prometheus.io/docs/instrumenting/exposition_formats/.
var (
	metricLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$`)
	labelList  = regexp.MustCompile(`^\{([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(,|\}$))+$`)
	helpLine   = regexp.MustCompile(`^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*$`)
	typeLine   = regexp.MustCompile(`^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$`)
)

// checkMetrics reads a page as a scraper would: each family has its HELP and
// TYPE once and before its values, no value is there twice, a counter is named
// and valued as one, and the buckets of a histogram grow up to its count.
func checkMetrics(page string) error {
	helped, kinds, seen := make(map[string]bool), make(map[string]string), make(map[string]bool)
	family, bucket := "", -1.0
	if !strings.HasSuffix(page, "\n") {
		return fmt.Errorf("the last line does not end")
	}
	for i, line := range strings.Split(strings.TrimSuffix(page, "\n"), "\n") {
		fail := func(why string) error { return fmt.Errorf("line %d, %q: %s", i+1, line, why) }
		if m := helpLine.FindStringSubmatch(line); m != nil {
			if helped[m[1]] {
				return fail("a second HELP")
			}
			helped[m[1]] = true
			continue
		}
		if m := typeLine.FindStringSubmatch(line); m != nil {
			if family = m[1]; kinds[family] != "" || !helped[family] {
				return fail("a second TYPE, or one without HELP")
			}
			kinds[family], bucket = m[2], -1
			continue
		}
		m := metricLine.FindStringSubmatch(line)
		if m == nil || m[2] != "" && !labelList.MatchString(m[2]) {
			return fail("no line of the format")
		}
		name, labels := m[1], m[2]
		v, err := strconv.ParseFloat(m[3], 64)
		suffix := strings.TrimPrefix(name, family)
		switch kind := kinds[family]; {
		case err != nil:
			return fail("no number")
		case seen[name+labels]:
			return fail("a value that is there already")
		case !strings.HasPrefix(name, family) || kind == "" || (kind == "histogram") == (suffix == ""):
			return fail("a value of no family, or of another")
		case kind == "counter" && (!strings.HasSuffix(name, "_total") || v < 0 || math.IsNaN(v)):
			return fail("no counter")
		case suffix == "_bucket" && v < bucket, suffix == "_count" && v != bucket:
			return fail("buckets that do not add up")
		}
		seen[name+labels] = true
		switch {
		case suffix == "_bucket":
			bucket = v
		case suffix == "_count":
			bucket = -1
		}
	}
	return nil
}

func TestCheckMetrics(t *testing.T) {
	const good = "# HELP a_total Help.\n# TYPE a_total counter\na_total{x=\"1\",y=\"\\\"\"} 2\na_total{x=\"2\",y=\"\"} 0\n" +
		"# HELP h Help.\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
	if err := checkMetrics(good); err != nil {
		t.Errorf("a good page: %v", err)
	}
	for _, c := range []struct{ why, old, new string }{
		{"no end", "h_count 2\n", "h_count 2"},
		{"HELP twice", "# HELP h", "# HELP a_total"},
		{"no HELP", "# HELP h Help.\n", ""},
		{"unknown type", "counter", "number"},
		{"a label without quotes", "x=\"1\"", "x=1"},
		{"a quote that is not escaped", "\\\"", "\""},
		{"a value twice", "x=\"2\",y=\"\"", "x=\"1\",y=\"\\\"\""},
		{"no number", "} 0\n", "} none\n"},
		{"another family's value", "h_sum", "g_sum"},
		{"a counter that fell below zero", "} 0\n", "} -1\n"},
		{"buckets that shrink", "le=\"1\"} 1", "le=\"1\"} 3"},
		{"a count that is not the last bucket", "h_count 2", "h_count 3"},
	} {
		if err := checkMetrics(strings.Replace(good, c.old, c.new, 1)); err == nil {
			t.Errorf("%s: no error", c.why)
		}
	}
}
