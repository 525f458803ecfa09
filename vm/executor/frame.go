package executor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"supercluster/vm"
	"supercluster/vm/value"
)

// A frame is the length of its body (4 bytes, big-endian), its kind (1 byte) and the body: items written by
// value.Writer, after which code, arguments and results stand as they are, their lengths being among the items. So
// they are neither copied nor looked at on their way.
const headerSize = 5

// kind says what a frame is.
type kind byte

const (
	kindSetup kind = 1 + iota // to the child, once: what it may use
	kindReady                 // from the child, once: confined and willing
	kindTask                  // to the child: run this
	kindStop                  // to the child: end the task
	kindLog                   // from here on from the child, about its task
	kindProgress
	kindEvent
	kindAlarm  // the task holds more memory, or took more processor time, than it may
	kindResult // the last of a task
	kindPost   // a message of the task, which waits for the answer
	kindPosted // to the child: the answer
	kindAsk    // from the child: the task wants something from outside
	kindAnswer // to the child: what came of that
)

// Limits in bytes.
const (
	maxTask   = 256 << 20 // code and arguments
	maxResult = maxTask - maxItems
	maxEvent  = 16<<20 - maxItems
	maxLog    = 64 << 10  // one text; the rest is cut
	maxItems  = 64 << 10  // all items of a frame but the payloads above
	maxName   = 1 << 10   // an event's name
	maxError  = 1 << 20   // an error; of a longer one a note is left
	maxAsk    = 128 << 10 // a request, or an answer
)

// maxBody is the longest body of each kind: a longer one is refused before anything is allocated.
var maxBody = [...]int{
	kindSetup: maxItems, kindReady: maxItems, kindTask: maxTask + maxItems, kindStop: maxItems,
	kindLog: maxLog + maxItems, kindProgress: maxItems, kindEvent: maxEvent + maxItems, kindAlarm: maxItems,
	kindResult: maxResult + maxItems, kindPost: maxEvent + maxItems, kindPosted: maxItems, kindAsk: maxAsk + maxItems, kindAnswer: maxAsk + maxItems,
}

// setup tells a child what it may use.
type setup struct {
	memory int64         // bytes
	cpu    time.Duration // processor time of a task; 0: no limit
	result int64         // bytes
	stack  int           // bytes of one goroutine
	procs  int           // threads that run Go code at once
}

// task is a vm.Task on its way. Slot is where the child keeps its code, noSlot if nowhere; with reuse it is there
// already, and Code is not in the frame.
type task struct {
	run   uint64
	slot  int
	reuse bool
	vm.Task
}

// report is what a child says about the task of that run; which fields count depends on the kind.
type report struct {
	kind     kind
	run      uint64
	name     string      // log: stream, event and post: name
	text     string      // log; post: target
	data     []byte      // event, post and ask
	to       vm.Receiver // post
	id       uint64      // ask
	fraction float64
	used     uint64 // alarm: bytes, or nanoseconds
	cpu      bool   // alarm: it is about processor time
	stopped  bool   // result: the task had been told to stop when it ended
	retire   bool   // result: the child is not fit for another task
	vm.Result
}

// begin appends an unfinished header; finish completes it, extra being the payload that is written after buf.
func begin(buf []byte, k kind) []byte { return append(buf, 0, 0, 0, 0, byte(k)) }

func finish(buf []byte, start, extra int) []byte {
	binary.BigEndian.PutUint32(buf[start:], uint32(len(buf)-start-headerSize+extra))
	return buf
}

func appendSetup(buf []byte, s setup) []byte {
	start := len(buf)
	w := value.NewWriter(begin(buf, kindSetup))
	w.Int(s.memory)
	w.Int(int64(s.cpu))
	w.Int(s.result)
	w.Int(int64(s.stack))
	w.Int(int64(s.procs))
	return finish(w.Bytes(), start, 0)
}

func parseSetup(body []byte) (s setup, err error) {
	r := value.NewReader(body, value.Limits{})
	s.memory, s.cpu, s.result, s.stack, s.procs = r.Int(), time.Duration(r.Int()), r.Int(), int(r.Int()), int(r.Int())
	return s, ended(r, 0)
}

func appendReady(buf []byte, inForce []string) []byte {
	start := len(buf)
	w := value.NewWriter(begin(buf, kindReady))
	w.ArrayLen(len(inForce))
	for _, line := range inForce {
		w.Str(clean(line))
	}
	return finish(w.Bytes(), start, 0)
}

func parseReady(body []byte) (inForce []string, err error) {
	r := value.NewReader(body, value.Limits{})
	for range r.ArrayLen() {
		inForce = append(inForce, r.Str())
	}
	return inForce, ended(r, 0)
}

// appendTask appends the frame of t but for its payload: t.Code, unless t.reuse, and t.Args.
func appendTask(buf []byte, t *task) []byte {
	start := len(buf)
	w := value.NewWriter(begin(buf, kindTask))
	w.Uint(t.run)
	w.Int(int64(t.slot))
	w.Bool(t.reuse)
	w.Str(clean(t.ID))
	w.Str(clean(t.Name))
	w.Bin(t.Hash[:])
	w.Bool(t.Each)
	w.Str(clean(t.WorkerID))
	w.Bin(t.WorkerData)
	w.Uint(uint64(t.Grants))
	w.Int(t.Memory)
	w.Int(int64(t.CPU))
	code := len(t.Code)
	if t.reuse {
		code = 0
	}
	w.Uint(uint64(code))
	w.Uint(uint64(len(t.Args)))
	return finish(w.Bytes(), start, code+len(t.Args))
}

// parseTask returns a task whose Code and Args share body.
func parseTask(body []byte) (*task, error) {
	r := value.NewReader(body, value.Limits{})
	t := &task{run: r.Uint(), slot: int(r.Int()), reuse: r.Bool()}
	t.ID, t.Name = r.Str(), r.Str()
	hash := r.Bin()
	t.Each, t.WorkerID, t.WorkerData = r.Bool(), r.Str(), r.Bin()
	t.Grants = vm.Grants(r.Uint())
	t.Memory, t.CPU = r.Int(), time.Duration(r.Int())
	code, args := r.Uint(), r.Uint()
	if r.Err() == nil && copy(t.Hash[:], hash) != len(hash) {
		return nil, fmt.Errorf("hash of %d bytes, want %d", len(hash), len(t.Hash))
	}
	if r.Err() == nil && (code > maxTask || args > maxTask) {
		return nil, fmt.Errorf("code of %d and arguments of %d bytes, limit %d", code, args, maxTask)
	}
	if err := ended(r, int(code+args)); err != nil {
		return nil, err
	}
	args = uint64(len(body)) - args
	t.Code, t.Args = body[args-code:args:args], body[args:]
	return t, nil
}

func appendStop(buf []byte, run uint64, why string) []byte {
	start := len(buf)
	w := value.NewWriter(begin(buf, kindStop))
	w.Uint(run)
	w.Str(clean(why))
	return finish(w.Bytes(), start, 0)
}

func parseStop(body []byte) (run uint64, why string, err error) {
	r := value.NewReader(body, value.Limits{})
	run, why = r.Uint(), r.Str()
	return run, why, ended(r, 0)
}

// appendPosted appends the answer to a post of that run: an error, whose code and text are empty if there was none.
func appendPosted(buf []byte, run uint64, err error) []byte {
	start := len(buf)
	w := value.NewWriter(begin(buf, kindPosted))
	code, text := "", ""
	if err != nil {
		text = err.Error()
		if e := (*vm.PostError)(nil); errors.As(err, &e) {
			code = e.Code
		}
	}
	w.Uint(run)
	w.Str(clean(code))
	w.Str(clean(text[:min(len(text), maxItems/2)]))
	return finish(w.Bytes(), start, 0)
}

func parsePosted(body []byte) (run uint64, answer, err error) {
	r := value.NewReader(body, value.Limits{})
	run = r.Uint()
	code, text := r.Str(), r.Str()
	if text != "" {
		answer = &vm.PostError{Code: code, Message: text}
	}
	return run, answer, ended(r, 0)
}

func appendAnswer(buf []byte, run, id uint64, answer []byte) []byte {
	start := len(buf)
	w := value.NewWriter(begin(buf, kindAnswer))
	w.Uint(run)
	w.Uint(id)
	w.Bin(answer)
	return finish(w.Bytes(), start, 0)
}

// parseAnswer returns an answer that shares body.
func parseAnswer(body []byte) (run, id uint64, answer []byte, err error) {
	r := value.NewReader(body, value.Limits{})
	run, id, answer = r.Uint(), r.Uint(), r.Bin()
	return run, id, answer, ended(r, 0)
}

// appendReport appends the frame of rep but for the payload of a result: its Value or its Err.
func appendReport(buf []byte, rep *report) []byte {
	start := len(buf)
	w := value.NewWriter(begin(buf, rep.kind))
	w.Uint(rep.run)
	extra := 0
	switch rep.kind {
	case kindLog:
		w.Str(rep.name)
		w.Str(rep.text)
	case kindProgress:
		w.Float(rep.fraction)
	case kindEvent:
		w.Str(rep.name)
		w.Bin(rep.data)
	case kindPost:
		w.Uint(uint64(rep.to))
		w.Str(rep.text)
		w.Str(rep.name)
		w.Bin(rep.data)
	case kindAsk:
		w.Uint(rep.id)
		w.Bin(rep.data)
	case kindAlarm:
		w.Uint(rep.used)
		w.Bool(rep.cpu)
	case kindResult:
		w.Bool(rep.stopped)
		w.Bool(rep.retire)
		w.Int(int64(rep.Run))
		w.Int(int64(rep.Busy))
		w.Bool(rep.Err != nil)
		extra = len(rep.payload())
		w.Uint(uint64(extra))
	}
	return finish(w.Bytes(), start, extra)
}

// payload is what follows the items of a result.
func (rep *report) payload() []byte {
	if rep.Err != nil {
		return rep.Err
	}
	return rep.Value
}

// parseReport returns a report whose data, Value and Err share body.
func parseReport(k kind, body []byte) (rep report, err error) {
	r := value.NewReader(body, value.Limits{})
	rep.kind, rep.run = k, r.Uint()
	size := uint64(0)
	wrong := false
	switch k {
	case kindLog:
		rep.name, rep.text = r.Str(), r.Str()
	case kindProgress:
		rep.fraction = r.Float()
	case kindEvent:
		rep.name, rep.data = r.Str(), r.Bin()
	case kindPost:
		rep.to = vm.Receiver(r.Uint())
		rep.text, rep.name, rep.data = r.Str(), r.Str(), r.Bin()
	case kindAsk:
		rep.id, rep.data = r.Uint(), r.Bin()
	case kindAlarm:
		rep.used, rep.cpu = r.Uint(), r.Bool()
	case kindResult:
		rep.stopped, rep.retire, rep.Run, rep.Busy = r.Bool(), r.Bool(), time.Duration(r.Int()), time.Duration(r.Int())
		wrong, size = r.Bool(), r.Uint()
	default:
		return rep, fmt.Errorf("frame of kind %d from the child", k)
	}
	if size > maxResult {
		return rep, fmt.Errorf("result of %d bytes, limit %d", size, maxResult)
	}
	if err = ended(r, int(size)); err != nil {
		return rep, err
	}
	if payload := body[len(body)-int(size):]; wrong {
		rep.Err = payload
	} else if k == kindResult {
		rep.Value = payload
	}
	return rep, nil
}

// ended checks that nothing but a payload of that size follows what was read.
func ended(r *value.Reader, payload int) error {
	if err := r.Err(); err != nil {
		return err
	}
	if n := r.Remaining(); n != payload {
		return fmt.Errorf("%d bytes after the items, want %d", n, payload)
	}
	return nil
}
