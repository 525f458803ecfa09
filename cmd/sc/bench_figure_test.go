package main

import (
	"strings"
	"testing"
)

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		name         string
		values, base []float64
		set          func(*suiteFigure)
		want, met    string
	}{
		{"without a goal", []float64{3, 1, 2}, nil, func(*suiteFigure) {}, "2.00 ms", ""},
		{"an even number of runs", []float64{1, 2, 3, 10}, nil, within(2, 1), "2.50 ms", "missed"},
		{"a value at its aim", []float64{4}, nil, within(8, 4), "4.00 ms", "aim"},
		{"a value at its goal", []float64{5}, nil, within(8, 4), "5.00 ms", "goal"},
		{"the median of ratios, not the ratio of medians", []float64{10, 20, 30}, []float64{10, 1, 30}, against("it", 1.1, 1), "1.00 times it (10.0)", "aim"},
		{"more is better", []float64{5}, []float64{10}, against("it", .5, .8), "0.500 times it (10.0)", "goal"},
		{"less than asked", []float64{4}, []float64{10}, against("it", .5, .8), "0.400 times it (10.0)", "missed"},
		{"nothing there", []float64{0.01}, nil, func(f *suiteFigure) { f.Missing = "no node" }, "not measured: no node", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFigure("figure", "ms", c.values, c.base)
			c.set(&f)
			if got := f.met(); got != c.met {
				t.Errorf("met %q, want %q", got, c.met)
			}
			var out strings.Builder
			if err := (figurePrinter{out: &out}).print(f); err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(text, c.want) {
				t.Errorf("printed %q, want %q in it", text, c.want)
			}
		})
	}
}
