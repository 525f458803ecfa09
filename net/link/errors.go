package link

import (
	"errors"
	"fmt"

	"supercluster/net/trust"
	"supercluster/net/wire"
)

var (
	// ErrClosed means that the link or the socket has ended. Send gives it; Run knows why.
	ErrClosed = errors.New("link closed")
	// ErrIdle means that nothing was heard of the peer for Config.Idle.
	ErrIdle = errors.New("peer fell silent")
	// ErrRestarted means that the peer's process is gone and another has its port.
	ErrRestarted = errors.New("peer restarted")
	// ErrHandshake means that there was no answer in time, or one from something that is no node.
	ErrHandshake = errors.New("no handshake")
	// ErrBusy, beside ErrHandshake, means that the peer answered, and takes no more connections for the moment.
	ErrBusy = errors.New("the peer is busy")
	// ErrIdentity means that another node answered than the one that was wanted, or that a node's hello is not its own.
	ErrIdentity = errors.New("wrong node")
	// ErrProtocol means that the peer broke the protocol.
	ErrProtocol = errors.New("protocol broken")
	// ErrTooLong means that a message is longer than wire.MaxBulk.
	ErrTooLong = errors.New("message too long")
)

// A CloseError says that one of the two sides closed the link.
type CloseError struct {
	// Code is one of wire's Bye constants.
	Code uint64
	// Reason is what the side that closed said.
	Reason string
	// Remote tells that it was the other side.
	Remote bool
}

// Error says which side closed the link, with the reason, or the code if there is no reason.
func (e *CloseError) Error() string {
	side := "closed here"
	if e.Remote {
		side = "closed by peer"
	}
	if e.Reason == "" {
		return fmt.Sprintf("%s with code %d", side, e.Code)
	}
	return side + ": " + e.Reason
}

// Unwrap returns the *trust.Refusal that the other side gave as its reason, or nil.
func (e *CloseError) Unwrap() error {
	if e.Code != wire.ByeRefused {
		return nil
	}
	if r, ok := trust.ParseReason(e.Reason); ok {
		return r
	}
	return nil
}

// Is makes errors.Is hold between every CloseError and ErrClosed, and between one with the code for it and ErrIdentity,
// ErrProtocol or wire.ErrVersion.
func (e *CloseError) Is(target error) bool {
	switch target {
	case ErrClosed:
		return true
	case ErrIdentity:
		return e.Code == wire.ByeIdentity
	case ErrProtocol:
		return e.Code == wire.ByeProtocol
	case wire.ErrVersion:
		return e.Code == wire.ByeVersion
	}
	return false
}
