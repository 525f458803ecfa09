package wire

import (
	"fmt"

	"supercluster/vm/value"
)

// A Kind says what a frame holds. Kinds are numbers on the wire: new ones are appended, none is ever reused.
type Kind byte

// The kinds, and the messages that they stand for.
const (
	KindHello    Kind = 1
	KindPing     Kind = 2
	KindPong     Kind = 3
	KindBye      Kind = 4
	KindTask     Kind = 5
	KindNeedCode Kind = 6
	KindReceived Kind = 7
	KindStarted  Kind = 8
	KindResult   Kind = 9
	KindAck      Kind = 10
	KindRefused  Kind = 11
	KindCancel   Kind = 12
	KindLog      Kind = 13
	KindProgress Kind = 14
	KindEvent    Kind = 15
	KindStatus   Kind = 16
	KindNeedBlob Kind = 17
	KindBlob     Kind = 18
	KindPhase    Kind = 19
	KindAsk      Kind = 20
	KindAnswer   Kind = 21
	KindRevoked  Kind = 22
)

// kindNames holds what String returns.
var kindNames = [...]string{
	KindHello: "hello", KindPing: "ping", KindPong: "pong", KindBye: "bye", KindTask: "task", KindNeedCode: "needcode",
	KindReceived: "received", KindStarted: "started", KindResult: "result", KindAck: "ack", KindRefused: "refused",
	KindCancel: "cancel", KindLog: "log", KindProgress: "progress", KindEvent: "event", KindStatus: "status",
	KindNeedBlob: "needblob", KindBlob: "blob", KindPhase: "phase", KindAsk: "ask", KindAnswer: "answer",
	KindRevoked: "revoked",
}

// String returns the kind's name in lower case, or "kind 200" for one that this version does not know.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", byte(k))
}

// A Message is a pointer to one of this package's structs. A message that was given to another goroutine or to a link is
// not changed any more, nor are the byte slices in it.
type Message interface {
	// Kind returns the number that stands for the message's type.
	Kind() Kind
	// size returns about how long the body is.
	size() int
	encode(w *value.Writer)
	decode(f *fields)
}

// newMessage returns an empty message of a kind, or nil for a kind that this version does not know.
func newMessage(k Kind) Message {
	switch k {
	case KindHello:
		return new(Hello)
	case KindPing:
		return new(Ping)
	case KindPong:
		return new(Pong)
	case KindBye:
		return new(Bye)
	case KindTask:
		return new(Task)
	case KindNeedCode:
		return new(NeedCode)
	case KindReceived:
		return new(Received)
	case KindStarted:
		return new(Started)
	case KindResult:
		return new(Result)
	case KindAck:
		return new(Ack)
	case KindRefused:
		return new(Refused)
	case KindCancel:
		return new(Cancel)
	case KindLog:
		return new(Log)
	case KindProgress:
		return new(Progress)
	case KindEvent:
		return new(Event)
	case KindStatus:
		return new(Status)
	case KindNeedBlob:
		return new(NeedBlob)
	case KindBlob:
		return new(Blob)
	case KindPhase:
		return new(Phase)
	case KindAsk:
		return new(Ask)
	case KindAnswer:
		return new(Answer)
	case KindRevoked:
		return new(Revoked)
	}
	return nil
}
