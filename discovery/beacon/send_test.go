package beacon

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"supercluster/discovery"
)

func TestPause(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	tests := []struct {
		name     string
		done     int
		interval time.Duration
		nodes    int
		random   float64
		want     time.Duration
	}{
		{"first", 0, s, 0, 0.5, 100 * ms},
		{"second", 1, s, 0, 0.5, 200 * ms},
		{"then the interval", 2, s, 0, 0.5, s},
		{"at least", 2, s, 0, 0, 800 * ms},
		{"at most", 2, s, 0, 1, 1200 * ms},
		{"100 nodes", 2, s, 100, 0.5, s},
		{"1000 nodes", 9, s, 1000, 0.5, 10 * s},
		{"any number of nodes", 9, s, 1_000_000, 0.5, 30 * s},
		{"a crowd does not slow the beginning", 0, s, 1000, 0.5, 100 * ms},
		{"short interval", 1, 50 * ms, 0, 0.5, 50 * ms},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := pause(tt.done, tt.interval, tt.nodes, tt.random); got != tt.want {
				t.Errorf("pause = %v, want %v", got, tt.want)
			}
		})
	}
}

// rounds runs the sending half of a beacon on no network, in fake time, and returns when it announced.
type rounds struct {
	b     *Beacon
	begin time.Time

	mu    sync.Mutex
	times []time.Duration
	nets  []attachment
	alone bool // there is no node to announce
}

func (r *rounds) self() []discovery.Announcement {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.alone {
		return nil
	}
	r.times = append(r.times, time.Since(r.begin))
	return make([]discovery.Announcement, 1) // which has no identity
}

func (r *rounds) links() ([]attachment, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nets, nil
}

// take returns the times since the last call.
func (r *rounds) take() []time.Duration {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	times := r.times
	r.times = nil
	return times
}

// schedule calls f while a beacon sends in a bubble.
func schedule(t *testing.T, interval time.Duration, f func(t *testing.T, r *rounds)) {
	synctest.Test(t, func(t *testing.T) {
		r := &rounds{b: New(Config{Sealer: newSealer(t, ""), Interval: interval}), begin: time.Now()}
		r.b.links = r.links
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.b.send(ctx, r.self); close(done) }()
		f(t, r)
		cancel()
		<-done
	})
}

// near checks that there is one round at each of the times, give or take a fifth of what lies between.
func near(t *testing.T, what string, got []time.Duration, want ...time.Duration) {
	t.Helper()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(want); i++ {
		ok = got[i] >= want[i]*8/10 && got[i] <= want[i]*12/10
	}
	if !ok {
		t.Errorf("%s: announced at %v, want near %v", what, got, want)
	}
}

func TestSchedule(t *testing.T) {
	schedule(t, 0, func(t *testing.T, r *rounds) {
		near(t, "at once", r.take(), 0)
		time.Sleep(500 * time.Millisecond)
		near(t, "the start", r.take(), 100*time.Millisecond, 300*time.Millisecond)
		time.Sleep(time.Minute)
		if n := len(r.take()); n < 55 || n > 65 {
			t.Errorf("announced %d times in a minute, want near 60", n)
		}
	})
}

// The first node of a process that joins a moment after the beacon was started is announced at that moment.
func TestFirstNodeIsAnnouncedAtOnce(t *testing.T) {
	schedule(t, 0, func(t *testing.T, r *rounds) {
		r.take()
		r.mu.Lock()
		r.alone = true
		r.mu.Unlock()
		time.Sleep(time.Minute)
		r.take()
		r.mu.Lock()
		r.alone = false
		r.mu.Unlock()
		time.Sleep(time.Millisecond)
		at := time.Since(r.begin)
		r.b.Announce()
		near(t, "the first", r.take(), at)
		time.Sleep(500 * time.Millisecond)
		near(t, "the start", r.take(), at+100*time.Millisecond, at+300*time.Millisecond)
	})
}

func TestAnnounceStartsAgain(t *testing.T) {
	schedule(t, 20*time.Second, func(t *testing.T, r *rounds) {
		time.Sleep(10 * time.Second)
		r.take()
		at := time.Since(r.begin)
		r.b.Announce()
		if got := r.take(); len(got) != 1 || got[0] != at {
			t.Errorf("Announce at %v: announced at %v", at, got)
		}
		time.Sleep(time.Second)
		if got := r.take(); len(got) != 2 {
			t.Errorf("after Announce: %v, want two more", got)
		}
		for range 1000 { // a second
			r.b.Announce()
			time.Sleep(time.Millisecond)
		}
		if n := len(r.take()); n > 21 {
			t.Errorf("announced %d times in a second, want at most 21", n)
		}
	})
}

func TestAnotherAddressIsAnnounced(t *testing.T) {
	schedule(t, 30*time.Second, func(t *testing.T, r *rounds) {
		time.Sleep(12 * time.Second)
		r.take()
		r.mu.Lock()
		r.nets = []attachment{{name: "eth9", index: 9, addr: netip.MustParseAddr("10.0.0.1")}} // without a target
		r.mu.Unlock()
		time.Sleep(reread + time.Second)
		if got := r.take(); len(got) != 3 {
			t.Errorf("another address: announced at %v, want three times", got)
		}
	})
}

// A crowd makes the interval longer, and the TTL of what is announced with it.
func TestCrowd(t *testing.T) {
	schedule(t, 0, func(t *testing.T, r *rounds) {
		r.b.mu.Lock()
		for i := range 1000 {
			r.b.heard.nodes[node{"x", uint64(i)}] = &record{expires: time.Now().Add(time.Hour)}
		}
		r.b.mu.Unlock()
		time.Sleep(time.Second)
		r.take()
		time.Sleep(100 * time.Second)
		if n := len(r.take()); n < 8 || n > 13 {
			t.Errorf("announced %d times in 100 s among 1000 nodes, want near 10", n)
		}
	})
}

// memoryLog counts the records of a log by message. It is safe for concurrent use.
type memoryLog struct {
	mu    sync.Mutex
	lines map[string]int
}

func newMemoryLog() *memoryLog { return &memoryLog{lines: make(map[string]int)} }

func (l *memoryLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (l *memoryLog) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l *memoryLog) WithGroup(string) slog.Handler                    { return l }
func (l *memoryLog) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[r.Message]++
	return nil
}

// count returns how often message was logged.
func (l *memoryLog) count(message string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[message]
}

func TestLoopbackDownIsSaidOnce(t *testing.T) {
	log := newMemoryLog()
	b := New(Config{Sealer: newSealer(t, ""), Logger: slog.New(log)})
	var nets []attachment
	b.links = func() ([]attachment, error) { return nets, nil }
	const down = "loopback is down: other processes of this host are not found by it"
	for range 3 {
		b.refresh()
	}
	if got := log.count(down); got != 1 {
		t.Errorf("said %d times, want once", got)
	}
	nets = []attachment{{path: discovery.Loopback, target: netip.MustParseAddr("127.255.255.255")}}
	b.refresh()
	b.refresh()
	if got := log.count("loopback is up"); got != 1 {
		t.Errorf("its end was said %d times, want once", got)
	}
	nets = nil
	b.refresh()
	if got := log.count(down); got != 2 {
		t.Errorf("down again: said %d times in all, want twice", got)
	}
}
