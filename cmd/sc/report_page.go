package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math"
	"strings"
	"time"

	"supercluster/js"
)

// A pageWriter writes HTML; the first error stops it.
type pageWriter struct {
	w   io.Writer
	err error
}

// put writes a format in which the texts among args are escaped.
func (p *pageWriter) put(format string, args ...any) {
	if p.err != nil {
		return
	}
	for i, a := range args {
		switch a := a.(type) {
		case string:
			args[i] = html.EscapeString(printable(a))
		case rawHTML:
			args[i] = string(a)
		}
	}
	_, p.err = fmt.Fprintf(p.w, format, args...)
}

// rawHTML is text that is HTML already, made here.
type rawHTML string

// writePage writes the report as one page that asks for nothing else: its
// policy forbids it to.
func (r *report) writePage(w io.Writer, now time.Time) error {
	p := &pageWriter{w: w}
	style, script := js.Report()
	head := r.run.head
	p.put(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>%s: run %s</title>
<style>
%s</style>
</head>
<body>
<header>
<h1>%s</h1>
<p class="soft">Run <span class="id">%s</span>, begun <time datetime="%s">%s</time>, %s</p>
</header>
<main>
`, head.Script, head.Run, rawHTML(style), head.Script, head.Run, head.Began.UTC().Format(time.RFC3339),
		head.Began.Local().Format("2 January 2006, 15:04:05 MST"), r.ending())
	r.writeTiles(p)
	r.writeStream(p)
	r.writeFunctions(p)
	r.writeWorkers(p)
	r.writeFailures(p)
	p.put("</main>\n<footer class=\"soft\">Made by sc %s (%s) with 'sc report %s' on %s. Times are those of the master that sent the tasks.</footer>\n",
		head.Version, head.System, head.Run, now.Local().Format("2 January 2006, 15:04"))
	if len(r.lanes) > 0 {
		p.put("<script type=\"application/json\" id=\"data\">%s</script>\n<script>\n%s</script>\n", rawHTML(r.streamData()), rawHTML(script))
	}
	p.put("</body>\n</html>\n")
	return p.err
}

// ending says how the run ended.
func (r *report) ending() string {
	e := r.run.end
	switch {
	case e == nil:
		return "whose record has no end: it goes on, or was killed"
	case e.Running > 0:
		return fmt.Sprintf("ended with exit code %d while %s had not ended", e.Exit, count(e.Running, "task"))
	}
	return fmt.Sprintf("ended with exit code %d", e.Exit)
}

func (r *report) writeTiles(p *pageWriter) {
	busy, slots := 0.0, 0
	for _, w := range r.workers {
		busy, slots = busy+w.busy, slots+w.slots
	}
	failedClass := "good"
	if r.failed > 0 {
		failedClass = "bad"
	}
	p.put("<ul class=\"tiles\">\n<li><strong>%s</strong>took</li>\n<li><strong>%d</strong>%s</li>\n<li><strong>%d</strong>calls</li>\n<li><strong class=\"%s\">%d</strong>failed calls</li>\n",
		lengthText(r.took), r.tasks, noun(r.tasks, "task"), r.calls, failedClass, r.failed)
	p.put("<li><strong>%.1f</strong>calls a second</li>\n<li><strong>%d</strong>%s</li>\n<li><strong>%.0f%%</strong>of %s busy</li>\n</ul>\n",
		float64(r.calls)/max(r.took/1000, 0.001), len(r.workers), noun(len(r.workers), "worker"), 100*busy/max(r.took*float64(slots), 0.001), count(slots, "slot"))
	if e := r.run.end; e != nil && e.Left > 0 {
		p.put("<p>The record has room for %d tasks; %d that ended later are counted above and not shown below.</p>\n", maxRecordTasks, e.Left)
	}
}

func (r *report) writeStream(p *pageWriter) {
	p.put("<section aria-labelledby=\"h-stream\">\n<h2 id=\"h-stream\">Task stream</h2>\n")
	if len(r.lanes) == 0 {
		p.put("<p>No task ran.</p>\n</section>\n")
		return
	}
	p.put("<p class=\"soft\">A lane for each slot of each worker, from the first to the last of the run; colours are those of the functions below, and a bar below a task says that it failed.")
	if r.merged {
		p.put(" Tasks that followed one another closely are drawn as one.")
	}
	if r.unlaned > 0 {
		p.put(" %s more had no room.", count(r.unlaned, "worker"))
	}
	p.put("</p>\n")
	p.put(`<div class="tools"><button type="button" id="in" aria-label="Zoom in">+</button><button type="button" id="out" aria-label="Zoom out">−</button><button type="button" id="all">All</button><span class="soft">In the stream: arrows choose a task, + and − zoom, 0 shows all.</span></div>
<div class="stream" id="stream" tabindex="0" role="application" aria-label="Task stream: %s on %s. Arrow keys choose a task." aria-describedby="told">
<canvas id="canvas" role="img" aria-label="Tasks of each worker over time"></canvas>
</div>
<p id="told" role="status" class="soft">Choose a task to read about it.</p>
</section>
`, count(r.tasks, "task"), count(len(r.workers), "worker"))
}

func (r *report) writeFunctions(p *pageWriter) {
	p.put("<section aria-labelledby=\"h-functions\">\n<h2 id=\"h-functions\">Progress by function</h2>\n")
	if len(r.functions) == 0 {
		p.put("<p>No task was sent.</p>\n</section>\n")
		return
	}
	p.put("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-functions\"><table>\n<thead><tr><th scope=\"col\">Function</th><th scope=\"col\">Calls</th><th scope=\"col\">Failed</th><th scope=\"col\" class=\"left\">Outcome</th><th scope=\"col\" class=\"left\">Over time</th><th scope=\"col\">Tasks</th><th scope=\"col\">Median</th><th scope=\"col\">95%%</th><th scope=\"col\">Longest</th><th scope=\"col\">From</th><th scope=\"col\">To</th></tr></thead>\n<tbody>\n")
	for i, f := range r.functions[:min(len(r.functions), maxFunctions)] {
		failedClass := ""
		if f.failed > 0 {
			failedClass = "bad"
		}
		good := 100 * float64(f.calls-f.failed) / float64(max(f.calls, 1))
		p.put("<tr><th scope=\"row\"><span class=\"swatch\" data-function=\"%d\" style=\"background-color:%s\"></span>%s</th><td>%d</td><td class=\"%s\">%d</td>",
			i, functionColor(i), functionName(f.name), f.calls, failedClass, f.failed)
		p.put("<td class=\"left\"><span class=\"bar\" role=\"img\" aria-label=\"%.0f%% went well\"><i class=\"good\" style=\"width:%.1f%%\"></i><i class=\"bad\" style=\"width:%.1f%%\"></i></span></td>", good, good, 100-good)
		p.put("<td class=\"left\">%s</td><td>%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n", f.curveImage(), f.tasks,
			lengthText(f.quantile(.5)), lengthText(f.quantile(.95)), lengthText(f.quantile(1)), lengthText(f.first), lengthText(f.last))
	}
	p.put("</tbody></table></div>\n")
	if more := len(r.functions) - maxFunctions; more > 0 {
		p.put("<p class=\"soft\">%s more had fewer calls.</p>\n", count(more, "function"))
	}
	p.put("<p class=\"soft\">Over time: how many of a function's calls had ended. Median, 95%% and longest are of the time that a task ran, of a map all of its calls together.</p>\n</section>\n")
}

// curveImage draws how many calls had ended at each time.
func (f *reportFunction) curveImage() rawHTML {
	var b strings.Builder
	top := float64(max(f.curve[len(f.curve)-1], 1))
	for i, n := range f.curve {
		fmt.Fprintf(&b, " %d,%.1f", i*2+2, 20-18*float64(n)/top)
	}
	return rawHTML(fmt.Sprintf(`<svg class="curve" width="122" height="22" role="img" aria-label="from %s to %s"><polyline fill="none" stroke="currentColor" stroke-width="1.5" points="0,20%s"/></svg>`,
		html.EscapeString(lengthText(f.first)), html.EscapeString(lengthText(f.last)), b.String()))
}

func (r *report) writeWorkers(p *pageWriter) {
	if len(r.workers) == 0 {
		return
	}
	p.put("<section aria-labelledby=\"h-workers\">\n<h2 id=\"h-workers\">Workers</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-workers\"><table>\n<thead><tr><th scope=\"col\">Worker</th><th scope=\"col\" class=\"left\">Address</th><th scope=\"col\">Slots seen</th><th scope=\"col\">Tasks</th><th scope=\"col\">With failures</th><th scope=\"col\">Busy</th><th scope=\"col\">Of the run</th></tr></thead>\n<tbody>\n")
	for _, w := range r.workers[:min(len(r.workers), maxLanes)] {
		p.put("<tr><th scope=\"row\" class=\"id\">%s</th><td class=\"left\">%s</td><td>%d</td><td>%d</td><td>%d</td><td>%s</td><td>%.0f%%</td></tr>\n",
			shortWorker(w.id), cmp.Or(w.addr, "this process"), w.slots, w.tasks, w.failed, lengthText(w.busy), 100*w.busy/max(r.took*float64(max(w.slots, 1)), 0.001))
	}
	p.put("</tbody></table></div>\n</section>\n")
}

func (r *report) writeFailures(p *pageWriter) {
	p.put("<section aria-labelledby=\"h-failures\">\n<h2 id=\"h-failures\">Failures</h2>\n")
	if len(r.failures) == 0 {
		p.put("<p>None.</p>\n</section>\n")
		return
	}
	p.put("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-failures\"><table>\n<thead><tr><th scope=\"col\">After</th><th scope=\"col\" class=\"left\">Task</th><th scope=\"col\" class=\"left\">Function</th><th scope=\"col\" class=\"left\">Worker</th><th scope=\"col\">Attempts</th><th scope=\"col\">Calls failed</th><th scope=\"col\" class=\"left\">Error</th></tr></thead>\n<tbody>\n")
	for _, t := range r.failures {
		code := ""
		if t.Code != "" && !strings.Contains(t.Error, t.Code) {
			code = t.Code + " "
		}
		p.put("<tr><td>%s</td><td class=\"left id\">%s</td><td class=\"left\">%s</td><td class=\"left id\">%s</td><td>%d</td><td>%d of %d</td><td class=\"text bad\"><code>%s</code>%s</td></tr>\n",
			lengthText(t.Ended), shortTask(t.ID), functionName(t.Name), shortWorker(t.Worker), t.Attempts, t.Failed, t.Calls, code, t.Error)
	}
	p.put("</tbody></table></div>\n")
	if more := r.failedAll - len(r.failures); more > 0 {
		p.put("<p class=\"soft\">%s more failed.</p>\n", count(more, "task"))
	}
	p.put("</section>\n")
}

// streamData is what page.js draws, as JSON in which nothing ends a script.
func (r *report) streamData() string {
	lanes := make([]any, len(r.lanes))
	for i, l := range r.lanes {
		boxes := make([]any, len(l.boxes))
		for j, b := range l.boxes {
			id := ""
			if b.id != "" {
				id = shortTask(b.id)
			}
			boxes[j] = []any{round(b.from), round(b.to), b.function, b.count, b.failed, id}
		}
		lanes[i] = []any{l.worker, boxes}
	}
	functions, workers := make([]string, len(r.functions)), make([]string, len(r.workers))
	for i, f := range r.functions {
		functions[i] = printable(functionName(f.name))
	}
	for i, w := range r.workers {
		workers[i] = shortWorker(w.id)
	}
	text, err := json.Marshal(map[string]any{"took": round(max(r.took, 0.001)), "functions": functions, "workers": workers, "lanes": lanes})
	if err != nil {
		return "{}" // numbers and texts always encode
	}
	return string(text)
}

func round(ms float64) float64 { return math.Round(ms*1000) / 1000 }

func functionName(name string) string { return cmp.Or(name, "(no name)") }

// functionColor tells up to twelve functions apart on light and on dark
// ground; what comes after is grey.
func functionColor(i int) string {
	colors := []string{
		"#3f7fd0", "#d08a2c", "#3f9e6b", "#a05fc4", "#c4557f", "#2f9aa8", "#8a8f2e", "#7a6bd6", "#b5643c", "#5a8f3c", "#c05fb0", "#4c7f9e",
	}
	if i < len(colors) {
		return colors[i]
	}
	return "#7d8594"
}

// lengthText is a number of milliseconds for people, with more digits than
// shortDuration has.
func lengthText(ms float64) string {
	switch {
	case ms < 0.9995:
		return fmt.Sprintf("%.0f µs", ms*1000)
	case ms < 9.995:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 59_995:
		return fmt.Sprintf("%.2f s", ms/1000)
	}
	return shortDuration(millis(ms))
}
