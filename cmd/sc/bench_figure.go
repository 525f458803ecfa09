package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// figureSchema is the version of what 'sc bench --all --json' prints: it grows
// when a field changes its meaning or goes, not when one is added.
const figureSchema = 1

// A suiteFigure is one line of the suite: the median of several runs and, if it
// was measured against something, the median of the ratios of run by run.
type suiteFigure struct {
	Schema int     `json:"schema"`
	Name   string  `json:"name"`
	Unit   string  `json:"unit,omitempty"`
	Value  float64 `json:"value"` // the median
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Runs   int     `json:"runs"`
	// Against names what was measured in turn with it, Baseline is the median of
	// that, and Ratio how many times as much the figure is.
	Against  string  `json:"against,omitempty"`
	Baseline float64 `json:"baseline,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"`
	// Goal and Aim are ratios, or values where nothing is measured against; zero if
	// there is none. More says that more is better.
	Goal float64 `json:"goal,omitempty"`
	Aim  float64 `json:"aim,omitempty"`
	More bool    `json:"more,omitempty"`
	// Missing says why there is no value.
	Missing string `json:"missing,omitempty"`
}

// newFigure makes a figure of what each run gave, and of what that was measured
// against, run by run; base may be nil.
func newFigure(name, unit string, values, base []float64) suiteFigure {
	f := suiteFigure{Schema: figureSchema, Name: name, Unit: unit, Runs: len(values)}
	f.Value, f.Min, f.Max = median(values), slices.Min(values), slices.Max(values)
	if base != nil {
		ratios := make([]float64, len(values))
		for i := range values {
			ratios[i] = values[i] / base[i]
		}
		f.Baseline, f.Ratio = median(base), median(ratios)
	}
	return f
}

// median is the middle of the values, or the mean of both middle ones.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// met says what became of the goals: "aim", "goal", "missed", or "" if there are
// none.
func (f *suiteFigure) met() string {
	got := f.Value
	if f.Against != "" {
		got = f.Ratio
	}
	reached := func(goal float64) bool {
		if f.More {
			return got >= goal
		}
		return got <= goal
	}
	switch {
	case f.Goal == 0 || f.Missing != "":
		return ""
	case reached(f.Aim):
		return "aim"
	case reached(f.Goal):
		return "goal"
	}
	return "missed"
}

// A figurePrinter writes figures as they come: a table for people, or an object
// a line.
type figurePrinter struct {
	out  io.Writer
	json bool
}

func (p figurePrinter) head() {
	if !p.json {
		fmt.Fprintf(p.out, "%-52s %12s %-8s %23s  %s\n", "figure", "median", "", "min to max", "ratio, and the goal for it")
	}
}

func (p figurePrinter) print(f suiteFigure) error {
	if p.json {
		line, err := json.Marshal(struct {
			V int `json:"v"` // as all of sc's JSON has it; Schema is from before
			suiteFigure
		}{1, f})
		if err == nil {
			_, err = fmt.Fprintf(p.out, "%s\n", line)
		}
		return err
	}
	if f.Missing != "" {
		_, err := fmt.Fprintf(p.out, "%-52s not measured: %s\n", f.Name, f.Missing)
		return err
	}
	var end strings.Builder
	if f.Against != "" {
		fmt.Fprintf(&end, "%s times %s (%s)", digits(f.Ratio), f.Against, digits(f.Baseline))
	}
	if met := f.met(); met != "" {
		bound := "at most"
		if f.More {
			bound = "at least"
		}
		fmt.Fprintf(&end, "; goal %s %s, aim %s: %s", bound, digits(f.Goal), digits(f.Aim), met)
	}
	_, err := fmt.Fprintf(p.out, "%-52s %12s %-8s %23s  %s\n",
		f.Name, digits(f.Value), f.Unit, digits(f.Min)+" to "+digits(f.Max), strings.TrimPrefix(end.String(), "; "))
	return err
}

// digits writes a number with about three digits that count.
func digits(v float64) string {
	switch {
	case v >= 100 || v == 0:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
