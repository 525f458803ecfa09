package rawecho

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// Client has one connection with one stream.
type Client struct {
	conn   *quic.Conn
	udp    *net.UDPConn
	stream io.Writer
	done   chan struct{} // closed when the reader has returned

	mu      sync.Mutex // guards what follows
	last    uint64
	waiting map[uint64]chan<- struct{}
	out     []byte
	spare   []byte
	writing bool
	err     error
}

// Dial connects to a server of Serve. Close ends it.
func Dial(ctx context.Context, addr string) (*Client, error) {
	to, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("raw echo: %w", err)
	}
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: to.IP})
	if err != nil {
		return nil, fmt.Errorf("raw echo: %w", err)
	}
	tr := &quic.Transport{Conn: udp}
	conn, err := tr.Dial(ctx, to, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}, MinVersion: tls.VersionTLS13}, quicConfig())
	if err != nil {
		_ = udp.Close()
		return nil, fmt.Errorf("raw echo: dial %s: %w", addr, err)
	}
	s, err := conn.OpenStreamSync(ctx)
	if err != nil {
		_ = conn.CloseWithError(0, "")
		_ = udp.Close()
		return nil, fmt.Errorf("raw echo: %w", err)
	}
	c := &Client{conn: conn, udp: udp, stream: s, done: make(chan struct{}), waiting: make(map[uint64]chan<- struct{})}
	go func() {
		defer close(c.done)
		c.fail(c.read(s))
	}()
	return c, nil
}

// Close ends the connection; calls under way return an error.
func (c *Client) Close() {
	_ = c.conn.CloseWithError(0, "")
	<-c.done
	_ = c.udp.Close()
}

// errClosed is why a call fails whose connection has ended.
var errClosed = errors.New("raw echo: the connection has ended")

// read wakes whoever waits for an echo.
func (c *Client) read(s io.Reader) error {
	in := bufio.NewReaderSize(s, readBuffer)
	var frame []byte
	for {
		var err error
		if frame, err = readFrame(in, frame[:0]); err != nil {
			return err
		}
		id := binary.BigEndian.Uint64(frame[4:])
		c.mu.Lock()
		done := c.waiting[id]
		delete(c.waiting, id)
		c.mu.Unlock()
		if done == nil {
			return errors.New("raw echo: an echo of nothing")
		}
		done <- struct{}{}
	}
}

// fail ends all calls.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = errors.Join(errClosed, err)
	closed := make(map[chan<- struct{}]bool) // a batch waits with one channel
	for id, done := range c.waiting {
		delete(c.waiting, id)
		if !closed[done] {
			closed[done] = true
			close(done)
		}
	}
}

// send adds n frames of that payload and writes, unless somebody writes already, who then takes these along. Each echo
// sends to done.
func (c *Client) send(n int, payload []byte, done chan<- struct{}) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	crowd := len(c.waiting) > 0
	for range n {
		c.last++
		c.waiting[c.last] = done
		c.out = binary.BigEndian.AppendUint32(c.out, uint32(len(payload)))
		c.out = binary.BigEndian.AppendUint64(c.out, c.last)
		c.out = append(c.out, payload...)
	}
	if c.writing {
		return nil
	}
	c.writing = true
	defer func() { c.writing = false }()
	for len(c.out) > 0 {
		if crowd { // others are about to send as well
			c.mu.Unlock()
			runtime.Gosched()
			c.mu.Lock()
		}
		batch := c.out
		c.out = c.spare[:0]
		c.mu.Unlock()
		_, err := c.stream.Write(batch)
		c.mu.Lock()
		if err != nil {
			return err
		}
		if c.spare = batch; cap(batch) > 4<<20 {
			c.spare = nil
		}
	}
	return nil
}

// Call sends payload and waits until it has come back.
func (c *Client) Call(payload []byte) error {
	done := make(chan struct{}, 1)
	if err := c.send(1, payload, done); err != nil {
		return err
	}
	if _, ok := <-done; !ok {
		return errClosed
	}
	return nil
}

// Trips makes one call after the other for d and returns how long each took.
func (c *Client) Trips(payload []byte, d time.Duration) (trips []time.Duration, err error) {
	for begin := time.Now(); time.Since(begin) < d; {
		sent := time.Now()
		if err := c.Call(payload); err != nil {
			return nil, err
		}
		trips = append(trips, time.Since(sent))
	}
	return trips, nil
}

// Flood has so many callers, a goroutine each, that make one call after the other for d, and returns the calls a
// second.
func (c *Client) Flood(payload []byte, callers int, d time.Duration) (rate float64, err error) {
	var g sync.WaitGroup
	begin := time.Now()
	counts, errs := make([]int, callers), make([]error, callers)
	for i := range callers {
		g.Go(func() {
			for time.Since(begin) < d && errs[i] == nil {
				errs[i] = c.Call(payload)
				counts[i]++
			}
		})
	}
	g.Wait()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return float64(sum) / time.Since(begin).Seconds(), errors.Join(errs...)
}

// Batch has one caller that sends batches of 100 calls with one write, at most 1,000 calls being under way, for d, and
// returns the calls a second.
func (c *Client) Batch(payload []byte, d time.Duration) (rate float64, err error) {
	const batch, inFlight = 100, 1000
	done := make(chan struct{}, inFlight)
	await := func() error {
		for range batch {
			if _, ok := <-done; !ok {
				return errClosed
			}
		}
		return nil
	}
	sent, open := 0, 0
	begin := time.Now()
	for time.Since(begin) < d {
		if open == inFlight {
			if err := await(); err != nil {
				return 0, err
			}
			open -= batch
		}
		if err := c.send(batch, payload, done); err != nil {
			return 0, err
		}
		sent, open = sent+batch, open+batch
	}
	for ; open > 0; open -= batch {
		if err := await(); err != nil {
			return 0, err
		}
	}
	return float64(sent) / time.Since(begin).Seconds(), nil
}
