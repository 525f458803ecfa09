package node

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"

	"github.com/dop251/goja"
)

// stream is a connection or an end of a pipe: a reader that is at most one chunk ahead of the script, and one writer at
// a time. Fields belong to the loop's goroutine unless they say otherwise.
type stream struct {
	owner
	activity
	id    int64
	mu    sync.Mutex         // guards conn against shut, which comes from other goroutines
	conn  io.ReadWriteCloser // replaced when a connection is there, and by TLS
	abort func()             // ends the attempt to connect; may be nil

	started  bool // the reader runs
	pending  bool // the reader was told to read, and has not delivered yet
	reading  bool // the script wants data
	held     func()
	heldData []byte            // what held gives
	heir     chan []byte       // gets what is delivered after handOver; nil before
	feed     func(data []byte) // takes what comes in the place of owner.onread; may be nil
	demand   chan struct{}     // one token: read once more
	closed   chan struct{}
	once     sync.Once
	writing  int
	ended    bool // the other side has ended
	shared   bool // the connection belongs to somebody else now: close does not end it
}

// newStream takes conn; its JavaScript half is set by adopt.
func (n *Node) newStream(conn io.ReadWriteCloser) *stream {
	s := &stream{owner: owner{n: n}, activity: activity{loop: n.loop}, conn: conn, demand: make(chan struct{}, 1), closed: make(chan struct{})}
	s.id = n.handles.add(s)
	return s
}

// shut is of handle.
func (s *stream) shut() {
	s.once.Do(func() {
		close(s.closed)
		if s.abort != nil {
			s.abort()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.shared {
			_ = s.conn.Close() // nobody is left to tell
		}
	})
}

// replace puts conn in the place of the connection so far; false if the stream was shut meanwhile.
func (s *stream) replace(conn io.ReadWriteCloser) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return false
	default:
	}
	s.conn = conn
	return true
}

func (n *Node) stream(v goja.Value) *stream {
	s, _ := n.handles.get(v.ToInteger()).(*stream)
	return s
}

// readStart has chunks given to owner.onread(bytes, fault); the end is null.
func (s *stream) readStart() {
	if s.reading || s.ended {
		return
	}
	s.reading = true
	s.add(1)
	if s.held != nil {
		held := s.held
		s.held = nil
		// Not now: readStart is called by code that does not expect data yet.
		data := s.heldData
		s.heldData, s.pending = nil, true
		s.loop.Post(func() { s.deliver(data, held) })
		return
	}
	if !s.started {
		s.started = true
		s.loop.Start(s.read)
		s.more()
	}
}

// more has the reader read once more.
func (s *stream) more() {
	s.pending = true
	s.demand <- struct{}{}
}

func (s *stream) readStop() {
	if s.reading {
		s.reading = false
		s.add(-1)
	}
}

// read is the reader's goroutine: a chunk for each token.
func (s *stream) read(context.Context) {
	for {
		select {
		case <-s.demand:
		case <-s.closed:
			return
		}
		data, err := readChunk(s.conn)
		s.loop.Post(func() {
			s.deliver(data, func() {
				if len(data) > 0 && s.feed != nil {
					s.feed(data)
				} else if len(data) > 0 {
					s.tell("onread", s.n.rt.ToValue(s.n.rt.NewArrayBuffer(data)))
				}
				if err != nil {
					s.finish(err)
				} else {
					s.more()
				}
			})
		})
		if err != nil {
			return
		}
	}
}

// deliver gives the script what came, or keeps it until the script wants it.
func (s *stream) deliver(data []byte, give func()) {
	s.pending = false
	if s.heir != nil {
		s.heir <- data // room for the one that comes
		s.heir = nil
		s.n.handles.remove(s.id)
		s.shut()
		return
	}
	select {
	case <-s.closed:
		return
	default:
	}
	if !s.reading {
		s.held, s.heldData = give, data
		return
	}
	give()
}

// finish tells the end or the failure of reading.
func (s *stream) finish(err error) {
	s.readStop()
	s.ended = true
	fault := goja.Undefined()
	if code, _ := netCode(err); code != "EOF" && code != "ECANCELED" {
		fault = s.n.fault(err)
	}
	s.tell("onread", goja.Null(), fault)
}

// write writes data: undefined if that is done, true if owner.onwrite(fault) tells later, or the fault.
func (s *stream) write(data []byte) goja.Value {
	if s.writing == 0 {
		n, err := tryWrite(s.conn, data)
		if err != nil {
			return s.n.fault(err)
		}
		if n == len(data) {
			return goja.Undefined()
		}
		data = data[n:]
	}
	s.writing++
	s.add(1)
	conn := s.conn
	s.loop.Start(func(context.Context) {
		_, err := conn.Write(data)
		s.loop.Post(func() {
			s.writing--
			s.add(-1)
			s.tell("onwrite", s.n.fault(err))
		})
	})
	return s.n.rt.ToValue(true)
}

// shutdown ends the writing side; owner.onshutdown(fault) tells.
func (s *stream) shutdown() {
	s.add(1)
	conn := s.conn
	end := func() {
		var err error
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			err = half.CloseWrite()
		} else {
			err = conn.Close()
		}
		s.loop.Post(func() {
			s.add(-1)
			s.tell("onshutdown", s.n.fault(err))
		})
	}
	if _, ok := conn.(syscall.Conn); ok {
		end() // one call into the system
		return
	}
	s.loop.Start(func(context.Context) { end() })
}

// close ends the connection; owner.onclose() tells.
func (s *stream) close() {
	s.readStop()
	s.n.handles.remove(s.id)
	s.shut()
	release := s.loop.Ref()
	s.loop.Post(func() {
		release()
		s.tell("onclose")
	})
}

// reset ends the connection with RST.
func (s *stream) reset() {
	if tcp, ok := below(s.conn).(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // it may be gone, which is what is wanted
	}
	s.close()
}

// pipeEnd is one end of a pipe as a connection: reading or writing fails on the other one, and closing is all that
// ends it.
type pipeEnd struct{ *os.File }

// CloseWrite ends the pipe.
func (p pipeEnd) CloseWrite() error { return p.Close() }
