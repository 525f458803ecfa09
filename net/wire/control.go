package wire

import (
	"fmt"

	"supercluster/vm/value"
)

// pad is how many bytes of padding a heartbeat carries.
const pad = 64

// padding is what they are.
var padding [pad]byte

// A Ping asks for a Pong. On the wire it is padded to more than 64 bytes: a stateless reset, by which a restarted node says that
// it knows nothing of a connection, must be smaller than what caused it (RFC 9000 section 10.3).
type Ping struct {
	// Time is the sender's clock in nanoseconds, from any origin; the Pong returns it.
	Time int64
}

// Kind returns KindPing.
func (*Ping) Kind() Kind { return KindPing }

// A Pong answers a Ping with its Time, padded alike.
type Pong struct {
	Time int64
}

// Kind returns KindPong.
func (*Pong) Kind() Kind { return KindPong }

// Why a connection ends. Codes are only ever added.
const (
	// ByeLeave: the node leaves the cluster, or its process ends.
	ByeLeave uint64 = 0
	// ByeVersion: the nodes have no protocol version in common.
	ByeVersion uint64 = 1
	// ByeProtocol: the other side broke the protocol; the reason says how.
	ByeProtocol uint64 = 2
	// ByeIdentity: the other side's hello does not fit its certificate, or nobody of the wanted ID is here.
	ByeIdentity uint64 = 3
	// ByeDuplicate: there is another connection between the two nodes, which stays.
	ByeDuplicate uint64 = 4
	// ByeRefused: the node does not want the other one; the reason says why.
	ByeRefused uint64 = 5
	// ByeTimeout: the other side did not say hello in time.
	ByeTimeout uint64 = 6
	// ByeInternal: an error inside the node that closes the connection.
	ByeInternal uint64 = 7
)

// A Bye is the last message in its direction.
type Bye struct {
	// Code is one of the Bye constants, or one that a later version knows.
	Code uint64
	// Reason is for people to read.
	Reason string
	// Bulk is how many messages the sender has sent on streams of their own, all of which the receiver awaits.
	Bulk uint64
}

// Kind returns KindBye.
func (*Bye) Kind() Kind { return KindBye }

// A Status tells how a worker is doing.
type Status struct {
	// Available tells whether it takes tasks now.
	Available bool
	// Slots is how many tasks it runs at once, Running how many run, Queued how many wait in it.
	Slots, Running, Queued int
	// Draining tells that it is being emptied: it takes nothing, and goes when nothing runs in it.
	Draining bool
}

// Kind returns KindStatus.
func (*Status) Kind() Kind { return KindStatus }

// MaxAsk is the longest Params of an Ask, in bytes.
const MaxAsk = 4 << 10

// An Ask asks a node what it knows of its tasks and of itself, or to do something with them.
type Ask struct {
	// Seq names the question among those of its sender.
	Seq uint64
	// What is asked, such as "tasks".
	What string
	// Params is one JSON object that says more; empty means none.
	Params []byte
}

// Kind returns KindAsk.
func (*Ask) Kind() Kind { return KindAsk }

// An Answer answers an Ask, in one part or several.
type Answer struct {
	// Seq is that of the Ask.
	Seq uint64
	// More tells that another part will follow.
	More bool
	// Code is that of an error if the node cannot answer, Text says why for people.
	Code, Text string
	// Data is one JSON value; empty if there is none.
	Data []byte
}

// Kind returns KindAnswer.
func (*Answer) Kind() Kind { return KindAnswer }

// A Revoked tells who is no member of the cluster any more.
type Revoked struct {
	// List is a trust.Revocations, encoded: who gets it believes the signature in it, not the sender.
	List []byte
}

// Kind returns KindRevoked.
func (*Revoked) Kind() Kind { return KindRevoked }

func (m *Revoked) size() int { return overhead + len(m.List) }

func (m *Revoked) encode(w *value.Writer) {
	w.ArrayLen(1)
	w.Bin(m.List)
}

func (m *Revoked) decode(f *fields) { m.List = f.bytes() }

func (m *Ping) size() int { return overhead }

func (m *Ping) encode(w *value.Writer) { beat(w, m.Time) }

func (m *Ping) decode(f *fields) { m.Time = f.int64() }

func (m *Pong) size() int { return overhead }

func (m *Pong) encode(w *value.Writer) { beat(w, m.Time) }

func (m *Pong) decode(f *fields) { m.Time = f.int64() }

// beat writes the body of a Ping or Pong. Its decoders skip the padding as they skip what they do not know.
func beat(w *value.Writer, time int64) {
	w.ArrayLen(2)
	w.Int(time)
	w.Bin(padding[:])
}

func (m *Bye) size() int { return overhead + len(m.Reason) }

func (m *Bye) encode(w *value.Writer) {
	w.ArrayLen(3)
	w.Uint(m.Code)
	text(w, m.Reason)
	w.Uint(m.Bulk)
}

func (m *Bye) decode(f *fields) {
	m.Code = f.uint64()
	m.Reason = f.text()
	m.Bulk = f.uint64()
}

func (m *Status) size() int { return overhead }

func (m *Status) encode(w *value.Writer) {
	extra := 0
	if m.Draining {
		extra = 1
	}
	w.ArrayLen(4 + extra)
	w.Bool(m.Available)
	count(w, m.Slots)
	count(w, m.Running)
	count(w, m.Queued)
	if m.Draining {
		w.Bool(true)
	}
}

func (m *Status) decode(f *fields) {
	m.Available = f.bool()
	m.Slots = f.count()
	m.Running = f.count()
	m.Queued = f.count()
	m.Draining = f.bool()
}

func (m *Ask) size() int { return overhead + len(m.What) + len(m.Params) }

func (m *Ask) encode(w *value.Writer) {
	w.ArrayLen(3)
	w.Uint(m.Seq)
	text(w, m.What)
	w.Bin(m.Params)
}

func (m *Ask) decode(f *fields) {
	m.Seq = f.uint64()
	m.What = f.text()
	m.Params = f.json()
	if len(m.Params) > MaxAsk {
		f.r.Fail(fmt.Sprintf("a question of %d bytes, limit %d", len(m.Params), MaxAsk))
	}
}

func (m *Answer) size() int { return overhead + len(m.Code) + len(m.Text) + len(m.Data) }

func (m *Answer) encode(w *value.Writer) {
	w.ArrayLen(5)
	w.Uint(m.Seq)
	w.Bool(m.More)
	text(w, m.Code)
	text(w, m.Text)
	w.Bin(m.Data)
}

func (m *Answer) decode(f *fields) {
	m.Seq = f.uint64()
	m.More = f.bool()
	m.Code = f.text()
	m.Text = f.text()
	m.Data = f.json()
}
