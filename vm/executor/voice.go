package executor

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"supercluster/vm"
)

// errStopped is why a task that is ending hears nothing of its message.
var errStopped = errors.New("the task was told to end")

// voice is the vm.Host of a task in a child: what the task says becomes frames. It waits while too many are
// pending, until the task is told to stop: from then on they are dropped rather than waited for.
type voice struct {
	done   <-chan struct{} // closed when the task is told to stop
	out    *outbox
	run    uint64
	posted <-chan answered // answers to posts
	wishes *wishes
}

// answered is the answer to the post of a run.
type answered struct {
	run uint64
	err error
}

// Log sends text, cut to 64 KiB.
func (v *voice) Log(stream, text string) {
	v.out.put(v.done, &report{kind: kindLog, run: v.run, name: clean(stream), text: cut(clean(text))})
}

// Progress sends the fraction, unless a later one is there before it was written.
func (v *voice) Progress(fraction float64) {
	v.out.put(v.done, &report{kind: kindProgress, run: v.run, fraction: fraction})
}

// Send sends an event. One that is too long is logged instead.
func (v *voice) Send(event string, data []byte) {
	if len(event) > maxName || len(data) > maxEvent {
		v.Log("stderr", fmt.Sprintf("event %.40q with a name of %d bytes, limit %d, and %d bytes of data, limit %d: not sent\n",
			event, len(event), maxName, len(data), maxEvent))
		return
	}
	v.out.put(v.done, &report{kind: kindEvent, run: v.run, name: clean(event), data: data})
}

// Post sends a message and waits for what becomes of it.
func (v *voice) Post(m vm.Message) error {
	if len(m.Event) > maxName || len(m.Data) > maxEvent || len(m.Target) > maxItems/2 {
		return &vm.PostError{Code: codeTooLarge, Message: fmt.Sprintf(
			"message %.40q with a name of %d bytes, limit %d, a target of %d, limit %d, and %d bytes of data, limit %d",
			m.Event, len(m.Event), maxName, len(m.Target), maxItems/2, len(m.Data), maxEvent)}
	}
	v.out.put(v.done, &report{kind: kindPost, run: v.run, to: m.To, text: clean(string(m.Target)), name: clean(m.Event), data: m.Data})
	for {
		select {
		case a := <-v.posted:
			if a.run == v.run {
				return a.err
			}
		case <-v.done:
			return errStopped
		}
	}
}

// clean makes s valid UTF-8, which frames demand.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// cut shortens a log text to maxLog bytes, at a character's boundary, and says so.
func cut(s string) string {
	if len(s) <= maxLog {
		return s
	}
	const room = 48 // for the note
	n := maxLog - room
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s… %d bytes cut\n", s[:n], len(s)-n)
}
