package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"supercluster/vm/value"
)

// maxShown is how many failed lines are printed one by one.
const maxShown = 20

// mapResult is what became of one line.
type mapResult struct {
	line   inputLine
	worker string // its id
	took   time.Duration
	text   *string // what is to be printed; nil for nothing
	value  []byte  // as it travels; nil if it failed
	failed *value.Error
}

// A mapOutput prints results, in the order in which they come or in that of
// their lines.
type mapOutput struct {
	env   *environment
	opts  *mapping
	json  bool
	w     *bufio.Writer
	logs  *taskPrinter
	shown int // failures

	next int                // the line that is to be printed next with --keep-order
	kept map[int]*mapResult // results that came before it; nil for lines that are left out
}

func newMapOutput(env *environment, opts *mapping, json bool) *mapOutput {
	return &mapOutput{
		env: env, opts: opts, json: json, w: bufio.NewWriterSize(env.stdout, 64<<10),
		logs: newTaskPrinter(env.stderr), next: 1, kept: make(map[int]*mapResult),
	}
}

// held is how many results wait for earlier ones.
func (o *mapOutput) held() int { return len(o.kept) }

// skip says that a line has no result.
func (o *mapOutput) skip(seq int) {
	if o.opts.keepOrder {
		o.kept[seq] = nil
		_ = o.release() // an error stays in the writer
	}
}

func (o *mapOutput) result(r mapResult) error {
	if !o.opts.keepOrder {
		return o.print(&r)
	}
	o.kept[r.line.seq] = &r
	return o.release()
}

// release prints what is in order.
func (o *mapOutput) release() error {
	for {
		r, ok := o.kept[o.next]
		if !ok {
			return nil
		}
		delete(o.kept, o.next)
		o.next++
		if r == nil {
			continue
		}
		if err := o.print(r); err != nil {
			return err
		}
	}
}

// flush prints what is left, in order though lines between are missing.
func (o *mapOutput) flush() error {
	for len(o.kept) > 0 {
		if _, ok := o.kept[o.next]; !ok {
			o.next++
			continue
		}
		if err := o.release(); err != nil {
			return err
		}
	}
	if o.shown > maxShown {
		fmt.Fprintf(o.env.stderr, "sc: map: … and %s more that failed\n", count(o.shown-maxShown, "line"))
	}
	return o.w.Flush()
}

func (o *mapOutput) print(r *mapResult) error {
	if r.failed != nil {
		o.failure(r)
	}
	switch {
	case o.json:
		return o.object(r)
	case r.failed != nil || r.text == nil:
		return nil
	case o.opts.pipe && strings.HasSuffix(*r.text, "\n"):
		o.w.WriteString(*r.text)
	case o.opts.tag:
		for line := range strings.Lines(*r.text + "\n") {
			o.w.WriteString(r.line.text + "\t" + line)
		}
	default:
		o.w.WriteString(*r.text)
		o.w.WriteByte('\n')
	}
	if o.w.Buffered() == 0 || !o.opts.keepOrder && isTerminal(o.env.stdout) {
		return o.w.Flush()
	}
	return nil
}

// failure says on stderr which line failed and why.
func (o *mapOutput) failure(r *mapResult) {
	if o.shown++; o.shown > maxShown {
		return
	}
	name := fmt.Sprintf("line %d", r.line.seq)
	if !o.opts.pipe {
		name += fmt.Sprintf(" (%s)", visible(printable(r.line.text), 40))
	}
	where := ""
	if r.worker != "" {
		where = " on worker " + shortWorker(r.worker)
	}
	fmt.Fprintf(o.env.stderr, "sc: map: %s%s: %s\n", name, where, printable(r.failed.Error()))
}

// object prints a result as JSON.
func (o *mapOutput) object(r *mapResult) error {
	type failure struct {
		Code    string `json:"code,omitempty"`
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	v := struct {
		V       int             `json:"v"`
		Seq     int             `json:"seq"`
		Input   string          `json:"input"`
		Worker  string          `json:"worker,omitempty"`
		Seconds float64         `json:"seconds"`
		Value   json.RawMessage `json:"value,omitempty"`
		Error   *failure        `json:"error,omitempty"`
	}{V: 1, Seq: r.line.seq, Input: r.line.text, Worker: r.worker, Seconds: r.took.Seconds()}
	if r.failed != nil {
		v.Error = &failure{r.failed.Code, r.failed.Name, r.failed.Message}
	} else if text, err := value.ToJSON(r.value); err == nil {
		v.Value = text
	}
	enc := json.NewEncoder(o.w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// mapText is what a value prints: strings as they are, undefined nothing, what
// else there is as JSON.
func mapText(encoded []byte) (*string, error) {
	if encoded == nil {
		return nil, nil
	}
	r := value.NewReader(encoded, value.Limits{})
	switch r.Type() {
	case value.Str:
		text := r.Str()
		return &text, r.End()
	case value.Ext:
		if r.PeekExt() == value.KindUndefined {
			return nil, nil
		}
	}
	text, err := value.ToJSON(encoded)
	if err != nil {
		return nil, errBadResult
	}
	s := string(text)
	return &s, nil
}

// toValidText replaces what is no UTF-8, as reading a file as text does.
func toValidText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
