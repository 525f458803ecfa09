package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/jsapi"
	"supercluster/net/cluster"
	"supercluster/net/rawecho"
	"supercluster/pkg/proc"
)

// A suite prints every figure that speed is judged by, each measured on this
// machine in turn with what it is compared with.
type suite struct {
	env     *environment
	verbose bool
	quick   bool
	runs    int           // of each figure
	time    time.Duration // of each run under load
	dir     string        // for scripts
	port    int           // of discovery: no other cluster hears of ours
	print   figurePrinter
	started int // clusters
}

// suiteRuns is how often each figure is measured; a quick suite only shows that
// all can be.
const (
	suiteRuns  = 5
	quickRuns  = 3
	suiteTime  = 500 * time.Millisecond
	quickTime  = 60 * time.Millisecond
	suiteLimit = 20 * time.Minute // for the whole
	startLimit = 30 * time.Second // until workers are there
)

// runSuite measures all figures.
func runSuite(ctx context.Context, env *environment, st *settings) error {
	ctx, cancel := context.WithTimeoutCause(ctx, suiteLimit, fmt.Errorf("bench: not done within %v", suiteLimit))
	defer cancel()
	dir, err := os.MkdirTemp("", "sc-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &suite{
		env: env, verbose: st.verbose, quick: st.quick, runs: suiteRuns, time: suiteTime, dir: dir, print: figurePrinter{env.stdout, st.json},
	}
	if s.quick {
		s.runs, s.time = quickRuns, quickTime
	}
	if s.port, err = unusedPort(); err != nil {
		return err
	}
	s.print.head()
	for _, part := range []func(context.Context) error{s.starts, s.strings, s.calls, s.crowds, s.maps, s.fanOuts, s.memory} {
		if err := part(ctx); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return err
		}
	}
	return nil
}

// unusedPort is a UDP port that nobody has.
func unusedPort() (int, error) {
	conn, err := net.ListenUDP("udp", nil)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port, nil
}

// figure prints what several runs gave. set may add goals.
func (s *suite) figure(name, unit string, values, base []float64, set ...func(*suiteFigure)) error {
	f := newFigure(name, unit, values, base)
	for _, more := range set {
		more(&f)
	}
	return s.print.print(f)
}

// missing prints that a figure cannot be measured here.
func (s *suite) missing(name, why string) error {
	return s.print.print(suiteFigure{Schema: figureSchema, Name: name, Missing: why})
}

// against names what base was, and how many times as much of it the figure may
// be; zero goals are none.
func against(name string, goal, aim float64) func(*suiteFigure) {
	return func(f *suiteFigure) { f.Against, f.Goal, f.Aim, f.More = name, goal, aim, goal > 0 && aim > goal }
}

// within sets goals for the value itself.
func within(goal, aim float64) func(*suiteFigure) {
	return func(f *suiteFigure) { f.Goal, f.Aim = goal, aim }
}

// process starts this program with args; stop ends it and waits for it.
func (s *suite) process(stdout *lines, args ...string) (p *proc.Process, stop func(), err error) {
	cfg := proc.Config{Path: executorArgs()[0], Args: args, Env: os.Environ()}
	if stdout != nil {
		cfg.Stdout = stdout
	}
	if p, err = proc.Start(cfg); err != nil {
		return nil, nil, err
	}
	return p, func() { p.Kill(); p.Wait() }, nil
}

// lines hands over what is written to it, a line at a time.
type lines struct {
	buf  []byte
	next chan string
}

func newLines() *lines { return &lines{next: make(chan string, 100)} }

func (l *lines) Write(b []byte) (int, error) {
	for _, c := range b {
		if c != '\n' {
			l.buf = append(l.buf, c)
			continue
		}
		l.next <- string(l.buf)
		l.buf = l.buf[:0]
	}
	return len(b), nil
}

// echo starts a raw echo server in a process of its own and dials it.
func (s *suite) echo(ctx context.Context) (c *rawecho.Client, stop func(), err error) {
	out := newLines()
	_, end, err := s.process(out, echoCommand)
	if err != nil {
		return nil, nil, err
	}
	select {
	case addr := <-out.next:
		if c, err = rawecho.Dial(ctx, addr); err == nil {
			return c, func() { c.Close(); end() }, nil
		}
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-time.After(startLimit):
		err = fmt.Errorf("bench: no echo server within %v", startLimit)
	}
	end()
	return nil, nil, err
}

// echoCommand is the hidden first argument that makes sc a raw echo server,
// whose address is the line that it prints.
const echoCommand = "__echo"

func serveEcho(ctx context.Context, env *environment) error {
	return rawecho.Serve(ctx, func(addr string) { fmt.Fprintln(env.stdout, addr) })
}

// A benchCluster is a master in this process and workers in others.
type benchCluster struct {
	bench
	name    string
	session *jsapi.Session
	workers []*proc.Process
}

// cluster starts n workers with those flags and runs body with a master that
// has them all.
func (s *suite) cluster(ctx context.Context, n int, flags []string, body func(context.Context, *benchCluster) error) error {
	s.started++
	c := &benchCluster{name: fmt.Sprintf("bench-%d-%d", os.Getpid(), s.started)}
	network := []string{"--cluster=" + c.name, fmt.Sprintf("--broadcast-port=%d", s.port)}
	for range n {
		p, stop, err := s.process(nil, append(append([]string{"worker"}, network...), flags...)...)
		if err != nil {
			return err
		}
		defer stop()
		c.workers = append(c.workers, p)
	}
	st := settings{cluster: c.name, broadcastPort: s.port, verbose: s.verbose}
	conf := st.session(s.env)
	conf.Notice = func(string) {}
	c.session = jsapi.NewSession(conf)
	g, gctx := errgroup.WithContext(ctx)
	sessionCtx, end := context.WithCancel(gctx)
	g.Go(func() error { return c.session.Run(sessionCtx) })
	g.Go(func() error {
		defer end()
		m, err := c.session.OpenMaster()
		if err != nil {
			return configError("bench", err)
		}
		if err := c.await(gctx, m, n); err != nil {
			return err
		}
		c.bench = bench{env: s.env, master: m, time: s.time}
		return body(gctx, c)
	})
	return g.Wait()
}

// await waits until m has n workers.
func (c *benchCluster) await(ctx context.Context, m *cluster.Master, n int) error {
	late := time.After(startLimit)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for len(m.Workers()) < n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late:
			why := ""
			for _, p := range c.workers {
				select {
				case <-p.Done():
					why = fmt.Sprintf("; one has ended: %s", p.Tail())
				default:
				}
			}
			return &exitError{code: exitNoWorker, err: fmt.Errorf("bench: %d of %d workers within %v%s", len(m.Workers()), n, startLimit, why)}
		}
	}
	return nil
}

// script writes a script into the suite's folder and returns its path.
func (s *suite) script(name, text string) (string, error) {
	path := filepath.Join(s.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// run runs a program to its end and returns the words that it prints.
func (s *suite) run(ctx context.Context, path string, args ...string) ([]string, error) {
	var out strings.Builder
	p, err := proc.Start(proc.Config{Path: path, Args: args, Env: os.Environ(), Stdout: &out})
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, p.Kill)()
	state := p.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case state.Code != 0:
		return nil, errors.New("bench: " + filepath.Base(path) + " " + state.String() + ": " + p.Tail())
	}
	return strings.Fields(out.String()), nil
}
