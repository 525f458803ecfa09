package grant

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Limits of a session.
const (
	maxHandles = 64       // open files, connections and programs
	maxChunk   = 64 << 10 // bytes that one answer carries
)

// Broker holds what a worker's owner allows. Its methods are safe for concurrent use.
type Broker struct {
	given       Permissions
	read, write *folders
	programs    map[string]string // the path that each name of Run stands for
	hosts       []hostRule
	resolver    func(ctx context.Context, host string) ([]netip.Addr, error)
}

// New prepares what p allows: folders are opened, programs are looked up. It returns an error for an item that can be
// none.
func New(p Permissions) (*Broker, error) {
	p = p.filled()
	b := &Broker{given: p, resolver: lookup}
	var err error
	if b.read, err = newFolders(Read, p.Read, p.All); err != nil {
		return nil, err
	}
	if b.write, err = newFolders(Write, p.Write, p.All); err != nil {
		b.read.close()
		return nil, err
	}
	if b.hosts, err = parseHosts(p.Net); err == nil {
		b.programs, err = findPrograms(p.Run)
	}
	if err == nil {
		err = checkNames(p.Env)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Close lets go of the folders. No Session may be open.
func (b *Broker) Close() {
	b.read.close()
	b.write.close()
}

// Given lists the kinds of permissions of which something is allowed.
func (b *Broker) Given() []string { return b.given.Given() }

// Session is what one task has open. Ask may be called by several goroutines; Close ends all of it.
type Session struct {
	b  *Broker
	ws sync.WaitGroup // goroutines of programs and requests

	mu      sync.Mutex // guards what follows
	handles map[int]*entry
	last    int
	closed  bool
	client  *http.Transport // for requests; nil before the first
}

// A handle is something open. Close makes every operation on it return.
type handle interface{ Close() error }

// An entry is a handle. Not all of them can be read by two requests at once, so who reads holds mu.
type entry struct {
	handle
	mu sync.Mutex
}

// reading waits until nobody else reads the handle; done lets the next one.
func (s *Session) reading(n int64) (done func()) {
	s.mu.Lock()
	e := s.handles[int(n)]
	s.mu.Unlock()
	if e == nil {
		return func() {}
	}
	e.mu.Lock()
	return e.mu.Unlock
}

// Open returns a new Session, whose Close must be called.
func (b *Broker) Open() *Session {
	return &Session{b: b, handles: make(map[int]*entry), last: firstHandle - 1}
}

// firstHandle leaves out the numbers of the three standard streams.
const firstHandle = 3

// Close closes all that the task left open, ends its programs, and returns when none is left.
func (s *Session) Close() {
	s.abort()
	s.ws.Wait()
}

// abort closes all that is open, upon which what waits returns.
func (s *Session) abort() {
	s.mu.Lock()
	open := s.handles
	s.handles, s.closed = nil, true
	c := s.client
	s.mu.Unlock()
	for _, h := range open {
		_ = h.Close() // the task is over: nobody is left to tell
	}
	if c != nil {
		c.CloseIdleConnections()
	}
}

// add keeps h and returns its number; if there are too many, it closes h.
func (s *Session) add(h handle) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.handles) >= maxHandles {
		_ = h.Close() // the error below says it
		return 0, syscall.EMFILE
	}
	s.last++
	s.handles[s.last] = &entry{handle: h}
	return s.last, nil
}

// handleOf returns the handle of that number and type.
func handleOf[T handle](s *Session, n int64) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none T
	e := s.handles[int(n)]
	if e == nil {
		return none, syscall.EBADF
	}
	h, ok := e.handle.(T)
	if !ok {
		return none, syscall.EBADF
	}
	return h, nil
}

// take forgets a handle and returns it; nil if there is none.
func (s *Session) take(n int64) handle {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.handles[int(n)]
	delete(s.handles, int(n))
	if e == nil {
		return nil
	}
	return e.handle
}

// An operation carries out a request.
type operation func(s *Session, ctx context.Context, a arguments) (any, error)

// operations are all that a task can ask for, by name.
var operations = func() map[string]operation {
	all := map[string]operation{"close": (*Session).closeHandle}
	for _, list := range []map[string]operation{fileOperations, pathOperations, envOperations, netOperations, runOperations} {
		for name, op := range list {
			all[name] = op
		}
	}
	return all
}()

// Ask carries out a request and returns the answer. It returns soon after ctx has ended, or the Session was closed.
func (s *Session) Ask(ctx context.Context, request []byte) []byte {
	name, args, err := parseRequest(request)
	if err != nil {
		return answer(nil, err)
	}
	op := operations[name]
	if op == nil {
		return answer(nil, fmt.Errorf("no operation %q", name))
	}
	defer context.AfterFunc(ctx, s.abort)()
	return answer(op(s, ctx, args))
}

// close(handle)
func (s *Session) closeHandle(_ context.Context, a arguments) (any, error) {
	h := s.take(a.num(0))
	if h == nil {
		return nil, failed(syscall.EBADF, "close")
	}
	return nil, failed(h.Close(), "close")
}

// readSome reads at most the number of bytes that a task asked for; at the end of r it returns none.
func readSome(r io.Reader, want int64) ([]byte, error) {
	buf := make([]byte, min(max(want, 0), maxChunk))
	n, err := r.Read(buf)
	if n > 0 || err == io.EOF {
		err = nil
	}
	return buf[:n], err
}

// clean makes s valid UTF-8, which answers demand.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// envOperations are about the worker's environment.
var envOperations = map[string]operation{"env": (*Session).env, "envAllowed": (*Session).envAllowed}

// checkNames refuses what can be no name of a variable.
func checkNames(l List) error {
	for _, item := range l.Items {
		if strings.ContainsAny(item, "=\x00") || strings.Contains(strings.TrimSuffix(item, "*"), "*") {
			return fmt.Errorf("--allow-env: %q is no name of a variable; a * may stand at its end", item)
		}
	}
	return nil
}

// seesEnv reports whether a task may see the variable.
func (b *Broker) seesEnv(name string) bool {
	if b.given.Env.All {
		return true
	}
	return slices.ContainsFunc(b.given.Env.Items, func(item string) bool {
		prefix, any := strings.CutSuffix(item, "*")
		return name == item || any && strings.HasPrefix(name, prefix)
	})
}

// visible are the variables that a task may see, as "NAME=value", sorted.
func (b *Broker) visible() []string {
	var list []string
	for _, entry := range os.Environ() {
		if name, _, ok := strings.Cut(entry, "="); ok && name != "" && b.seesEnv(name) {
			list = append(list, entry)
		}
	}
	slices.Sort(list)
	return list
}

// env() → ["NAME=value", …]
func (s *Session) env(context.Context, arguments) (any, error) { return s.b.visible(), nil }

// envAllowed(name) fails if a task may neither see nor set the variable.
func (s *Session) envAllowed(_ context.Context, a arguments) (any, error) {
	if name := a.str(0); !s.b.seesEnv(name) {
		return nil, denied(Env, name)
	}
	return nil, nil
}
