package executor

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// voice is the vm.Host of a task in a child: what the task says becomes frames. It waits while too many are
// pending, until the task is told to stop: from then on they are dropped rather than waited for.
type voice struct {
	done <-chan struct{} // closed when the task is told to stop
	out  *outbox
	run  uint64
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
