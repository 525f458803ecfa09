package wire

import (
	"crypto/sha256"
	"math"

	"supercluster/vm/value"
)

// overhead is more than what the fields of fixed size, and the lengths of the others, take in any message.
const overhead = 160

// begin writes the head of a message about an attempt at a task that has n fields more.
func begin(w *value.Writer, n int, id *TaskID, attempt uint32) {
	w.ArrayLen(n + 2)
	fixed(w, id[:])
	w.Uint(uint64(attempt))
}

// attempt reads what begin wrote.
func (f *fields) attempt(id *TaskID, attempt *uint32) {
	f.fixed(id[:])
	*attempt = uint32(f.uint(math.MaxUint32))
}

func (m *Task) size() int {
	n := overhead + len(m.Name) + len(m.Code) + len(m.Args) + len(m.Blobs)*(sha256.Size+2)
	for _, need := range m.Needs {
		n += len(need.Name) + 16
	}
	return n
}

func (m *Task) encode(w *value.Writer) {
	extra := 0 // fields that came later, and that most tasks do without
	switch {
	case m.Engine != EngineAuto:
		extra = 4
	case m.CodeKind != CodeFunction:
		extra = 3
	case len(m.Needs)+len(m.Blobs) > 0:
		extra = 2
	}
	begin(w, 7+extra, &m.ID, m.Attempt)
	text(w, m.Name)
	fixed(w, m.Hash[:])
	w.Bin(m.Code)
	w.Bin(m.Args)
	w.Bool(m.Each)
	w.Int(m.TimeoutMillis)
	w.Int(int64(min(max(m.Priority, math.MinInt32), math.MaxInt32)))
	if extra > 0 {
		m.encodeNeeds(w)
		w.ArrayLen(len(m.Blobs))
		for i := range m.Blobs {
			w.Bin(m.Blobs[i][:])
		}
	}
	if extra > 2 {
		w.Uint(uint64(m.CodeKind))
	}
	if extra > 3 {
		w.Uint(uint64(m.Engine))
	}
}

// encodeNeeds writes name and amount by turns.
func (m *Task) encodeNeeds(w *value.Writer) {
	w.ArrayLen(2 * len(m.Needs))
	for _, need := range m.Needs {
		text(w, need.Name)
		w.Float(need.Amount)
	}
}

func (m *Task) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	m.Name = f.text()
	f.fixed(m.Hash[:])
	m.Code = f.bytes()
	m.Args = f.bytes()
	m.Each = f.bool()
	m.TimeoutMillis = f.int64()
	m.Priority = f.signed()
	m.decodeNeeds(f)
	if f.next() {
		hashes := enter(f.r)
		for hashes.left > 0 && f.r.Err() == nil {
			var hash [sha256.Size]byte
			hashes.fixed(hash[:])
			m.Blobs = append(m.Blobs, hash)
		}
	}
	m.CodeKind = CodeKind(f.uint(math.MaxUint8))
	m.Engine = Engine(f.uint(math.MaxUint8))
}

func (m *Task) decodeNeeds(f *fields) {
	if !f.next() {
		return
	}
	list := enter(f.r)
	for list.left > 0 && f.r.Err() == nil {
		m.Needs = append(m.Needs, Need{Name: list.text(), Amount: list.float()})
	}
}

func (m *NeedCode) size() int { return overhead }

func (m *NeedCode) encode(w *value.Writer) {
	begin(w, 1, &m.ID, m.Attempt)
	fixed(w, m.Hash[:])
}

func (m *NeedCode) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	f.fixed(m.Hash[:])
}

func (m *Received) size() int { return overhead }

func (m *Received) encode(w *value.Writer) { begin(w, 0, &m.ID, m.Attempt) }

func (m *Received) decode(f *fields) { f.attempt(&m.ID, &m.Attempt) }

func (m *Started) size() int { return overhead }

func (m *Started) encode(w *value.Writer) { begin(w, 0, &m.ID, m.Attempt) }

func (m *Started) decode(f *fields) { f.attempt(&m.ID, &m.Attempt) }

func (m *Result) size() int { return overhead + len(m.Value) + len(m.Err) + len(m.Engine) }

func (m *Result) encode(w *value.Writer) {
	extra := 0 // a field that came later, and that most results do without
	if m.Engine != "" {
		extra = 1
	}
	begin(w, 3+extra, &m.ID, m.Attempt)
	w.Bin(m.Value)
	w.Bin(m.Err)
	w.Int(m.RunMicros)
	if extra > 0 {
		text(w, m.Engine)
	}
}

func (m *Result) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	m.Value = f.bytes()
	m.Err = f.bytes()
	m.RunMicros = f.int64()
	m.Engine = f.text()
}

func (m *Ack) size() int { return overhead }

func (m *Ack) encode(w *value.Writer) { begin(w, 0, &m.ID, m.Attempt) }

func (m *Ack) decode(f *fields) { f.attempt(&m.ID, &m.Attempt) }

func (m *Refused) size() int { return overhead + len(m.Err) }

func (m *Refused) encode(w *value.Writer) {
	begin(w, 1, &m.ID, m.Attempt)
	w.Bin(m.Err)
}

func (m *Refused) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	m.Err = f.bytes()
}

func (m *Cancel) size() int { return overhead + len(m.Reason) }

func (m *Cancel) encode(w *value.Writer) {
	begin(w, 1, &m.ID, m.Attempt)
	text(w, m.Reason)
}

func (m *Cancel) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	m.Reason = f.text()
}

func (m *Log) size() int { return overhead + len(m.Stream) + len(m.Text) }

func (m *Log) encode(w *value.Writer) {
	begin(w, 2, &m.ID, m.Attempt)
	text(w, m.Stream)
	text(w, m.Text)
}

func (m *Log) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	m.Stream = f.text()
	m.Text = f.text()
}

func (m *Phase) size() int { return overhead + len(m.Name) }

func (m *Phase) encode(w *value.Writer) {
	begin(w, 1, &m.ID, m.Attempt)
	text(w, m.Name)
}

func (m *Phase) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	m.Name = f.text()
}

func (m *Progress) size() int { return overhead }

func (m *Progress) encode(w *value.Writer) {
	begin(w, 1, &m.ID, m.Attempt)
	w.Float(m.Fraction)
}

func (m *Progress) decode(f *fields) {
	f.attempt(&m.ID, &m.Attempt)
	m.Fraction = f.float()
}

func (m *Event) size() int { return overhead + len(m.Name) + len(m.Data) }

func (m *Event) encode(w *value.Writer) {
	extra := 0
	if m.Bus {
		extra = 1
	}
	w.ArrayLen(4 + extra)
	w.Uint(m.Seq)
	text(w, m.Name)
	w.Bin(m.Data)
	fixed(w, m.TaskID[:])
	if m.Bus {
		w.Bool(true)
	}
}

func (m *Event) decode(f *fields) {
	m.Seq = f.uint64()
	m.Name = f.text()
	m.Data = f.bytes()
	f.fixed(m.TaskID[:])
	m.Bus = f.bool()
}

func (m *NeedBlob) size() int { return overhead }

func (m *NeedBlob) encode(w *value.Writer) {
	w.ArrayLen(1)
	fixed(w, m.Hash[:])
}

func (m *NeedBlob) decode(f *fields) { f.fixed(m.Hash[:]) }

func (m *Blob) size() int { return overhead + len(m.Data) }

func (m *Blob) encode(w *value.Writer) {
	w.ArrayLen(2)
	fixed(w, m.Hash[:])
	w.Bin(m.Data)
}

func (m *Blob) decode(f *fields) {
	f.fixed(m.Hash[:])
	m.Data = f.bytes()
}
