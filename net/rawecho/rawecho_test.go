package rawecho

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a server that the test's end ends, and dials it.
func serve(t *testing.T) *Client {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- Serve(ctx, func(addr string) { ready <- addr }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case addr := <-ready:
		c, err := Dial(ctx, addr)
		if err != nil {
			t.Fatal(err)
		}
		return c
	case err := <-ended:
		t.Fatalf("Serve returned %v", err)
		return nil
	}
}

func TestCalls(t *testing.T) {
	c := serve(t)
	defer c.Close()
	for _, size := range []int{0, 1, readBuffer + 1, 5 << 20} {
		if err := c.Call(make([]byte, size)); err != nil {
			t.Errorf("Call with %d bytes: %v", size, err)
		}
	}
	trips, err := c.Trips([]byte("x"), 20*time.Millisecond)
	if err != nil || len(trips) == 0 {
		t.Errorf("Trips gave %d, %v", len(trips), err)
	}
	if rate, err := c.Flood([]byte("x"), 50, 20*time.Millisecond); err != nil || rate <= 0 {
		t.Errorf("Flood gave %v, %v", rate, err)
	}
	if rate, err := c.Batch([]byte("x"), 20*time.Millisecond); err != nil || rate <= 0 {
		t.Errorf("Batch gave %v, %v", rate, err)
	}
}

// A call does not outlive its connection.
func TestClose(t *testing.T) {
	c := serve(t)
	c.Close()
	if err := c.Call(nil); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("Call after Close: %v", err)
	}
}

// A batch that waits ends with its connection, too.
func TestCloseDuringBatch(t *testing.T) {
	c := serve(t)
	done := make(chan struct{}, 100)
	if err := c.send(100, make([]byte, 1<<20), done); err != nil {
		t.Fatal(err)
	}
	c.Close()
	for range done { // until it is closed
	}
}

// A server ends a connection over which comes what is no frame.
func TestNoFrame(t *testing.T) {
	c := serve(t)
	defer c.Close()
	if _, err := c.stream.Write([]byte("\xff\xff\xff\xff........")); err != nil {
		t.Fatal(err)
	}
	<-c.conn.Context().Done()
	var e *quic.ApplicationError
	if err := context.Cause(c.conn.Context()); !asApplication(err, &e) || e.ErrorCode != 1 {
		t.Errorf("the connection ended with %v, want code 1", err)
	}
}

func asApplication(err error, to **quic.ApplicationError) bool {
	e, ok := err.(*quic.ApplicationError)
	*to = e
	return ok
}
