// Package prom writes metrics in Prometheus's text format, which scrapers of
// other systems read as well: https://prometheus.io/docs/instrumenting/exposition_formats/.
//
// A Page is filled by one goroutine, family by family; it holds nothing between two pages, so what is not written is gone.
package prom

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ContentType is that of a page.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Page is a page of metrics. The zero Page is empty.
type Page struct {
	buf  bytes.Buffer
	name string // of the family that is written
}

// Bytes returns what was written.
func (p *Page) Bytes() []byte { return p.buf.Bytes() }

// Counter begins a family of values that only grow; its name ends in "_total".
func (p *Page) Counter(name, help string) { p.begin(name, help, "counter") }

// Gauge begins a family of values that go up and down.
func (p *Page) Gauge(name, help string) { p.begin(name, help, "gauge") }

// Histogram begins a family of counted values.
func (p *Page) Histogram(name, help string) { p.begin(name, help, "histogram") }

func (p *Page) begin(name, help, kind string) {
	p.name = name
	p.buf.WriteString("# HELP " + name + " " + helpEscapes.Replace(help) + "\n# TYPE " + name + " " + kind + "\n")
}

// The text format has these escapes and no others; what is no UTF-8 is replaced before.
var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// Value writes a value of the family, with labels as name, value, name, value.
func (p *Page) Value(v float64, labels ...string) { p.sample("", v, labels) }

// Bucketed writes one histogram of the family: counts holds how many values were up to each of bounds and above the one before,
// and at the end those above all; sum is all values added up.
func (p *Page) Bucketed(bounds []float64, counts []uint64, sum float64, labels ...string) {
	total := uint64(0)
	for i, n := range counts {
		total += n
		bound := math.Inf(1)
		if i < len(bounds) {
			bound = bounds[i]
		}
		p.sample("_bucket", float64(total), append(slices.Clone(labels), "le", format(bound)))
	}
	p.sample("_sum", sum, labels)
	p.sample("_count", float64(total), labels)
}

func (p *Page) sample(suffix string, v float64, labels []string) {
	p.buf.WriteString(p.name + suffix)
	for i := 0; i+1 < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		p.buf.WriteString(sep + labels[i] + `="` + labelEscapes.Replace(strings.ToValidUTF8(labels[i+1], "\uFFFD")) + `"`)
	}
	if len(labels) > 1 {
		p.buf.WriteByte('}')
	}
	p.buf.WriteString(" " + format(v) + "\n")
}

// format writes a number as the format wants it: as Go does, with +Inf, -Inf and NaN.
func format(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
