package jsapi

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"supercluster/net/cluster"
	"supercluster/net/trust"
	"supercluster/pkg/nodepkg"
	"supercluster/vm/executor"
	"supercluster/vm/grant"
)

// Settings are a process's defaults, which the configuration that a script
// gives to createMaster and its like overrides.
type Settings struct {
	Cluster       string            // the cluster's name; empty means "default"
	BroadcastPort int               // UDP; zero means 44201
	Interval      time.Duration     // between announcements; zero means 1 s
	Trackers      []string          // "host" or "host:port"; empty means discovery by broadcast
	Advertise     netip.AddrPort    // to tell others; port 0 is the node's own, the zero AddrPort what they see
	Bind          string            // address to listen on; empty means all interfaces
	Port          int               // QUIC port; zero means one that is free
	Slots         int               // tasks at once on a worker; zero means one a core
	Local         int               // slots of this machine for the masters of this process alone; zero means none
	Isolation     string            // "process" or "vm"; empty means "process"
	Engine        string            // what runs functions: "auto", "goja" or "node"; empty means "auto"
	Executor      []string          // the command line that starts an executor
	NodeLauncher  []string          // the command line that starts node's launcher; empty means no engine 'node'
	Version       string            // the program's
	KeyDirs       []string          // where this account's secret is kept, as trust.LoadAccount takes them
	Resources     cluster.Resources // of a worker, for tasks to ask for; nil means a "cpu" for each of the machine's
	Token         string            // what nodes prove themselves with; empty means a stored token, or the account's secret
	Closed        bool              // no guests, though no token was given
	Greet         bool              // tell, through Notice, when strangers are let in
	Allow         grant.Permissions // what tasks of members may use
	Limits        Limits            // of each task
	Guests        GuestQuota        // what strangers may have of a worker

	// Packages says how package tasks are run; without a Dir they are not.
	// Its Logger is set by the session.
	Packages nodepkg.Config

	// TaskEnded hears of each task of this process's scripts that has ended, on
	// the script's goroutine; nil if nobody wants to know.
	TaskEnded func(TaskRecord)

	// Notice gets a line for the person at the terminal, TaskLog what a task
	// of this process's masters printed; nil drops them. They may be called
	// from any goroutine.
	Notice  func(line string)
	TaskLog func(TaskLog)
	Logger  *slog.Logger // nil discards
}

// TaskLog is text that a task printed, one or more whole lines.
type TaskLog struct {
	Worker, Task, Name string // ids, and the function's name
	Stream, Text       string // "stdout" or "stderr"
}

func (s Settings) withDefaults() Settings {
	if s.Cluster == "" {
		s.Cluster = "default"
	}
	if s.BroadcastPort == 0 {
		s.BroadcastPort = 44201
	}
	if s.Interval == 0 {
		s.Interval = time.Second
	}
	if s.Slots == 0 {
		s.Slots = runtime.NumCPU()
	}
	if s.Isolation == "" {
		s.Isolation = isolationProcess
	}
	if s.Engine == "" {
		s.Engine = engineAuto
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	if s.Notice == nil {
		s.Notice = func(string) {}
	}
	if s.TaskLog == nil {
		s.TaskLog = func(TaskLog) {}
	}
	return s
}

// A Session is what the nodes of one process have together: the networks
// they are on and the goroutines that serve them. Its methods may be called
// from any goroutine.
type Session struct {
	settings Settings
	starts   chan func(context.Context) error
	ended    chan struct{}
	account  func() (trust.Secret, error) // the account's secret, loaded once
	told     map[string]bool              // lines that were said once; guarded by mu
	refusals map[string]bool              // codes of which a line was said; guarded by mu
	alone    sync.Once                    // the notice that there is no worker

	packages func() (*nodepkg.Runner, error) // made when the first worker comes

	mu sync.Mutex
	// lastRefusal is of a node that was found; guarded by mu.
	lastRefusal *trust.Refusal
	networks    map[networkKey]*network
	local       map[*network]*cluster.Worker // the worker that Settings.Local asks for
	pools       []*executor.Pool             // of this session's workers; they end with it
	trackers    map[*trackerNode]bool        // those that listen
}

// NewSession returns a session that opens sockets when the first node needs
// one. Its Run must be called.
func NewSession(s Settings) *Session {
	session := &Session{
		settings: s.withDefaults(),
		account:  sync.OnceValues(func() (trust.Secret, error) { return trust.LoadAccount(s.KeyDirs...) }),
		starts:   make(chan func(context.Context) error),
		ended:    make(chan struct{}),
		told:     make(map[string]bool),
		refusals: make(map[string]bool),
		networks: make(map[networkKey]*network),
		local:    make(map[*network]*cluster.Worker),
		trackers: make(map[*trackerNode]bool),
	}
	session.packages = session.newPackages()
	return session
}

// Run serves the session's nodes until ctx is done, then says goodbye for
// them and returns after every goroutine that the session started: nil if
// that was all.
func (s *Session) Run(ctx context.Context) error {
	defer close(s.ended)
	g, gctx := errgroup.WithContext(ctx)
	for {
		select {
		case start := <-s.starts:
			g.Go(func() error { return start(gctx) })
		case <-gctx.Done():
			err := g.Wait()
			if errors.Is(err, context.Canceled) && ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// errEnded is what a node gets that comes when all is over.
var errEnded = errors.New("the process is ending")

// start has Run run f beside all else.
func (s *Session) start(f func(context.Context) error) error {
	select {
	case s.starts <- f:
		return nil
	case <-s.ended:
		return errEnded
	}
}
