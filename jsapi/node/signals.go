package node

import (
	"context"
	"os"
	"os/signal"
	"sync"

	"supercluster/vm"
)

// signals hands the operating system's signals to the loop while somebody listens. Without a listener a signal has
// its default action: the process is never asked.
type signals struct {
	loop *vm.Loop
	ch   chan os.Signal

	mu     sync.Mutex
	wanted map[os.Signal]func() // by signal: what runs on the loop
}

func newSignals(loop *vm.Loop) *signals {
	return &signals{loop: loop, ch: make(chan os.Signal, 16), wanted: map[os.Signal]func(){}}
}

// listen has fn run on the loop at each sig from now on.
func (s *signals) listen(sig os.Signal, fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted[sig] = fn
	signal.Notify(s.ch, sig)
}

// ignore ends listen: sig has its default action again.
func (s *signals) ignore(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.wanted, sig)
	// signal.Stop is of a channel, not of a signal: take what is left anew.
	signal.Stop(s.ch)
	for left := range s.wanted {
		signal.Notify(s.ch, left)
	}
}

// listening reports whether somebody listens to sig.
func (s *signals) listening(sig os.Signal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted[sig] != nil
}

// run passes signals on until ctx is done.
func (s *signals) run(ctx context.Context) error {
	defer signal.Stop(s.ch)
	for {
		select {
		case sig := <-s.ch:
			s.mu.Lock()
			fn := s.wanted[sig]
			s.mu.Unlock()
			if fn != nil {
				s.loop.Post(fn)
			}
		case <-ctx.Done():
			return nil
		}
	}
}
