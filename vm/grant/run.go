package grant

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"supercluster/pkg/proc"
)

// runOperations are about programs.
var runOperations = map[string]operation{"spawn": (*Session).spawn, "wait": (*Session).wait, "kill": (*Session).kill, "recvAny": (*Session).recvAny}

// findPrograms looks up what the names stand for: a folder that is put before others in PATH later changes nothing.
// One that is not there is allowed nothing.
func findPrograms(l List) (map[string]string, error) {
	found := make(map[string]string)
	for _, item := range l.Items {
		if strings.ContainsRune(item, 0) {
			return nil, fmt.Errorf("--allow-run: %q is no name of a program", item)
		}
		path, err := programPath(item)
		if err != nil {
			path = ""
		}
		found[item] = path
	}
	return found, nil
}

// programPath is the path of a program. Links of folders are followed, but not the last one: many programs are one
// file that goes by the name it is called.
func programPath(name string) (string, error) {
	path, err := proc.Find(name)
	if err != nil {
		return "", err
	}
	return resolve(path, false)
}

// program returns the path of a program that may be run.
func (b *Broker) program(name string) (string, error) {
	path, err := programPath(name)
	if b.given.Run.All {
		return path, err
	}
	for item, allowed := range b.programs {
		if allowed != "" && err == nil && path == allowed {
			return allowed, nil
		}
		if item == name { // allowed, but not there
			return "", syscall.ENOENT
		}
	}
	return "", denied(Run, name)
}

// marker is the variable by which a task's programs are known that left their process group.
const marker = "SC_TASK_PROGRAM"

// A program is a running child process.
type program struct {
	p    *proc.Process
	mark string
}

// Close ends the program and all that it started.
func (c *program) Close() error {
	c.p.Kill()
	sweep(c.mark)
	return nil
}

// spawn(program, arguments, ["NAME=value", …] or null for what the task may see, folder) → [handle, pid, stdin,
// stdout, stderr]
func (s *Session) spawn(_ context.Context, a arguments) (any, error) {
	name := a.str(0)
	path, err := s.b.program(name)
	if err != nil {
		return nil, failed(spawnError(err), "spawn "+name, name)
	}
	env, err := s.environment(a)
	if err != nil {
		return nil, err
	}
	var mark [16]byte
	_, _ = rand.Read(mark[:]) // never returns an error
	c := &program{mark: fmt.Sprintf("%s=%x", marker, mark)}
	streams, err := newStreams()
	if err != nil {
		return nil, failed(err, "spawn "+name, name)
	}
	c.p, err = proc.Start(proc.Config{
		Path: path, Args: a.list(1), Env: append(env, c.mark), Dir: a.str(3),
		Stdin: streams.child[0], Stdout: streams.child[1], StderrFile: streams.child[2],
	})
	streams.started()
	if err != nil {
		streams.close()
		return nil, failed(spawnError(err), "spawn "+name, name)
	}
	s.ws.Go(func() { c.p.Wait() })
	return s.keepProgram(c, streams)
}

// keepProgram adds a program and its streams.
func (s *Session) keepProgram(c *program, streams *streams) (any, error) {
	list := []any{0, c.p.Pid()}
	n, err := s.add(c)
	list[0] = n
	for i, f := range streams.own {
		var one handle = f
		if i > 0 {
			one = s.newOutput(f)
		}
		if err != nil {
			_ = one.Close() // nobody will use it
			continue
		}
		var h int
		h, err = s.add(one)
		list = append(list, h)
	}
	if err != nil {
		for _, n := range append(list[:1], list[2:]...) {
			if h := s.take(int64(n.(int))); h != nil {
				_ = h.Close() // the error below is the one to tell
			}
		}
		return nil, failed(err, "spawn")
	}
	return list, nil
}

// An output is what a program writes; one piece of it is read ahead, so that two outputs can be waited for.
type output struct {
	f      *os.File
	pieces chan []byte   // closed at the end
	done   chan struct{} // closed by Close
	once   sync.Once
	rest   []byte // of the last piece; the reader's, as is ended
	ended  bool
}

func (s *Session) newOutput(f *os.File) *output {
	o := &output{f: f, pieces: make(chan []byte), done: make(chan struct{})}
	s.ws.Go(func() {
		defer close(o.pieces)
		for {
			piece, err := readSome(f, maxChunk)
			if err != nil || len(piece) == 0 {
				return
			}
			select {
			case o.pieces <- piece:
			case <-o.done:
				return
			}
		}
	})
	return o
}

// Read waits for more.
func (o *output) Read(b []byte) (int, error) {
	if len(o.rest) == 0 {
		piece, ok := <-o.pieces
		if !ok {
			return 0, io.EOF
		}
		o.rest = piece
	}
	n := copy(b, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}

// Close ends a Read that waits.
func (o *output) Close() error {
	o.once.Do(func() { close(o.done) })
	return o.f.Close()
}

// recvAny(output, output, milliseconds or -1) → [0 or 1, bytes], no bytes at the end of one; [-1] when the time is over
func (s *Session) recvAny(ctx context.Context, a arguments) (any, error) {
	if a.num(0) >= a.num(1) { // as they are locked in this order
		return nil, failed(syscall.EINVAL, "read")
	}
	var pieces [2]chan []byte
	for i := range pieces {
		defer s.reading(a.num(i))()
		o, err := handleOf[*output](s, a.num(i))
		if err != nil {
			return nil, failed(err, "read")
		}
		if !o.ended {
			pieces[i] = o.pieces
		}
	}
	var late <-chan time.Time
	if ms := a.num(2); ms >= 0 {
		t := time.NewTimer(time.Duration(ms) * time.Millisecond)
		defer t.Stop()
		late = t.C
	}
	which, piece, ok := 0, []byte(nil), false
	select {
	case piece, ok = <-pieces[0]:
	case piece, ok = <-pieces[1]:
		which = 1
	case <-late:
		return []any{-1}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !ok { // told once
		o, err := handleOf[*output](s, a.num(which))
		if err != nil {
			return nil, failed(err, "read")
		}
		o.ended = true
	}
	return []any{which, piece}, nil
}

// environment is that of a program: what was given, or what the task may see, and PATH, by which it was found.
func (s *Session) environment(a arguments) ([]string, error) {
	env := a.list(2)
	if a.at(2) == nil {
		env = s.b.visible()
	}
	for _, entry := range env {
		name, _, ok := strings.Cut(entry, "=")
		if !ok || name == "" || strings.ContainsRune(entry, 0) {
			return nil, &coded{"ERR_INVALID_ARG_VALUE", fmt.Sprintf("%q is no variable of an environment", entry)}
		}
		if upper := strings.ToUpper(name); !s.b.given.Run.All && (strings.HasPrefix(upper, "LD_") || strings.HasPrefix(upper, "DYLD_")) {
			return nil, &Denied{Kind: Run, Why: "to all programs, to set " + name + ", which changes what a program does", Flag: "--allow-run"}
		}
	}
	if !slices.ContainsFunc(env, func(entry string) bool { return strings.HasPrefix(strings.ToUpper(entry), "PATH=") }) {
		env = append(env, "PATH="+os.Getenv("PATH"))
	}
	for _, name := range systemVariables {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env, nil
}

// spawnError is the system's error for a program that cannot be started.
func spawnError(err error) error {
	if strings.Contains(err.Error(), "executable file not found") {
		return syscall.ENOENT
	}
	return err
}

// streams are the three standard streams of a program, as pipes.
type streams struct{ child, own []*os.File }

func newStreams() (*streams, error) {
	s := &streams{}
	for i := range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			s.started()
			s.close()
			return nil, err
		}
		if i == 0 {
			s.child, s.own = append(s.child, r), append(s.own, w)
		} else {
			s.child, s.own = append(s.child, w), append(s.own, r)
		}
	}
	return s, nil
}

// started closes the program's ends in this process.
func (s *streams) started() {
	for _, f := range s.child {
		_ = f.Close() // the program has its own
	}
}

func (s *streams) close() {
	for _, f := range s.own {
		_ = f.Close() // nothing was written
	}
}

// wait(handle) → [exit code or null, name of the signal or null]
func (s *Session) wait(ctx context.Context, a arguments) (any, error) {
	c, err := handleOf[*program](s, a.num(0))
	if err != nil {
		return nil, failed(err, "wait")
	}
	select {
	case <-c.p.Done():
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	sweep(c.mark)
	st := c.p.Wait()
	if st.Signal != "" {
		return []any{nil, signalName(st.Signal)}, nil
	}
	return []any{st.Code, nil}, nil
}

// kill(handle, name of a signal) → was sent
func (s *Session) kill(_ context.Context, a arguments) (any, error) {
	c, err := handleOf[*program](s, a.num(0))
	if err != nil {
		return nil, failed(err, "kill")
	}
	sig, ok := signals[a.str(1)]
	if !ok {
		return nil, &coded{"ERR_UNKNOWN_SIGNAL", "Unknown signal: " + a.str(1)}
	}
	return c.p.Signal(sig) == nil, nil
}
