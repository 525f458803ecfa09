package node

import (
	"bufio"
	"context"
	"io"
	"os"
	"sync"

	"github.com/dop251/goja"
)

// inflater decompresses what it is fed, on a goroutine of its own, which waits for input and, after each piece of
// output, until the script wants more.
type inflater struct {
	owner
	activity
	id     int64
	opts   codecOptions
	feed   chan []byte
	resume chan struct{}
	closed chan struct{}
	once   sync.Once
	over   bool // loop goroutine only: nothing more is read

	left []byte // of the decompressor's goroutine, as last
	last int
	out  *bufio.Writer
}

// shut is of handle.
func (f *inflater) shut() { f.once.Do(func() { close(f.closed) }) }

func (n *Node) newInflater(call goja.FunctionCall) goja.Value {
	f := &inflater{
		owner: owner{n, call.Argument(1).ToObject(n.rt)}, activity: activity{loop: n.loop},
		opts: n.codecOptions(call.Argument(0).ToObject(n.rt)), feed: make(chan []byte, 1), resume: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	f.id = n.handles.add(f)
	n.loop.Start(func(context.Context) { f.run() })
	return n.rt.ToValue(f.id)
}

// feedInflater(number, bytes) gives it a chunk, null the end; owner.onneed() asks for the next one.
func (n *Node) feedInflater(call goja.FunctionCall) goja.Value {
	f, ok := n.handles.get(call.Argument(0).ToInteger()).(*inflater)
	if !ok || f.over {
		return goja.Undefined()
	}
	f.add(1)
	if goja.IsNull(call.Argument(1)) {
		close(f.feed)
		return goja.Undefined()
	}
	f.feed <- arguments{values: call.Arguments, async: true}.bytes(1)
	return goja.Undefined()
}

// moreInflater(number) has it go on after a piece of output.
func (n *Node) moreInflater(call goja.FunctionCall) goja.Value {
	if f, ok := n.handles.get(call.Argument(0).ToInteger()).(*inflater); ok {
		select {
		case f.resume <- struct{}{}:
		default:
		}
	}
	return goja.Undefined()
}

func (f *inflater) run() {
	first, ok := f.next()
	if !ok {
		f.finish(nil) // no input at all
		return
	}
	f.left = first
	f.out = bufio.NewWriterSize(f, chunkSize)
	err := decompress(f.out, f, f.opts)
	if err == nil {
		err = f.out.Flush()
	} else if flushErr := f.out.Flush(); flushErr != nil {
		err = flushErr
	}
	f.finish(err)
}

func (f *inflater) finish(err error) {
	f.loop.Post(func() {
		f.over = true
		f.add(-f.count)
		select {
		case <-f.closed:
			return
		default:
		}
		if err != nil {
			f.tell("onfail", f.n.codecFault(err))
			return
		}
		f.tell("onend")
	})
}

// next waits for the next chunk; false at the end.
func (f *inflater) next() ([]byte, bool) {
	select {
	case chunk, ok := <-f.feed:
		return chunk, ok
	case <-f.closed:
		return nil, false
	}
}

// Write hands a piece of output to the script; it is of io.Writer.
func (f *inflater) Write(p []byte) (int, error) {
	data := append([]byte(nil), p...)
	f.loop.Post(func() { f.tell("ondata", f.n.rt.ToValue(f.n.rt.NewArrayBuffer(data))) })
	select {
	case <-f.resume:
		return len(p), nil
	case <-f.closed:
		return 0, os.ErrClosed
	}
}

// fill makes sure that there is input; io.EOF at the end.
func (f *inflater) fill() error {
	for len(f.left) == f.last {
		if err := f.out.Flush(); err != nil { // what is there may be all that comes for a while
			return err
		}
		f.loop.Post(func() {
			if f.count > 0 {
				f.add(-1)
			}
			f.tell("onneed")
		})
		chunk, ok := f.next()
		if !ok {
			return io.EOF
		}
		f.left, f.last = chunk, 0
	}
	return nil
}

// ReadByte is of io.ByteReader.
func (f *inflater) ReadByte() (byte, error) {
	if err := f.fill(); err != nil {
		return 0, err
	}
	f.last++
	return f.left[f.last-1], nil
}

// UnreadByte puts the last byte back.
func (f *inflater) UnreadByte() error {
	f.last--
	return nil
}

// Read is of io.Reader.
func (f *inflater) Read(p []byte) (int, error) {
	if err := f.fill(); err != nil {
		return 0, err
	}
	n := copy(p, f.left[f.last:])
	f.last += n
	return n, nil
}
