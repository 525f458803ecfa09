package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"supercluster/jsapi"
	"supercluster/net/cluster"
	"supercluster/vm/grant"
)

// grace is how long what serves a script may take to end after it: goodbyes,
// the last messages, the ends of executors.
const grace = 5 * time.Second

// settings are what flags, the environment and files say; see configure.
type settings struct {
	cluster       string
	broadcastPort int
	trackers      listFlag
	bind          string
	advertise     advertiseFlag
	port          int
	slots         int
	local         localFlag
	isolation     string
	engine        string
	resources     resourcesFlag
	data          string
	verbose       bool
	keyFile       string
	token         string // what keyFile or SC_KEY hold
	closed        bool
	node          string
	ttl           lifetimeFlag
	overlap       lifetimeFlag
	rotate        bool
	careless      bool
	time          time.Duration
	timeout       time.Duration
	mapping       mapping
	json          bool
	logs          bool
	wait          time.Duration
	reason        string
	undo          bool
	allow         grant.Permissions
	limits        jsapi.Limits
	guests        jsapi.GuestQuota
	grace         time.Duration
	noScripts     bool
	registry      string
	gitProtocols  listFlag
	gitHosts      listFlag
	gitMirrors    map[string]string
	cacheSize     int
	older         time.Duration
	kept          bool
	ts            bool
	progress      bool
	all           bool
	quick         bool
	follow        bool
	worker        string
	once          bool
	interval      time.Duration
	sort          string
	filter        string
	metrics       metricsFlag
	record        bool
	out           string
}

// networkFlags are the flags of every command that joins a cluster.
func networkFlags(fs *flag.FlagSet, s *settings) {
	fs.StringVar(&s.cluster, "cluster", s.cluster, "`name` of the cluster; nodes of another are not seen (default \"default\")")
	fs.Var(rangeFlag{&s.broadcastPort, 1, 65535}, "broadcast-port", "UDP `port` of discovery (default 44201)")
	fs.Var(&s.trackers, "tracker", "find nodes through the tracker at `host[:port]` instead of by broadcast; may be repeated")
	fs.Var(&s.advertise, "advertise", "tell others this `address[:port]`, as one that a NAT forwards (default: what they see)")
	fs.StringVar(&s.bind, "bind", s.bind, "listen on this `address` only")
	fs.Var(rangeFlag{&s.port, 1, 65535}, "port", "listen on this UDP `port` (default: one that is free)")
	fs.BoolVar(&s.verbose, "verbose", s.verbose, "log what happens on the network to stderr")
	keyFlag(fs, s)
	fs.BoolVar(&s.closed, "closed", s.closed, "let nobody in but processes of this account, or holders of the cluster's key")
}

func (s *settings) session(env *environment) jsapi.Settings {
	return jsapi.Settings{
		Cluster:       s.cluster,
		BroadcastPort: s.broadcastPort,
		Trackers:      s.trackers,
		Bind:          s.bind,
		Advertise:     netip.AddrPort(s.advertise),
		Port:          s.port,
		Slots:         s.slots,
		Local:         int(s.local),
		Isolation:     s.isolation,
		Engine:        s.engine,
		NodeLauncher:  nodeLauncherArgs(),
		Resources:     cluster.Resources(s.resources),
		Allow:         s.allow,
		Limits:        s.limits,
		Guests:        s.guests,
		Executor:      executorArgs(),
		Version:       version,
		Packages:      s.packages(env),
		KeyDirs:       keyDirs(),
		Token:         s.token,
		Closed:        s.closed,
		Notice:        func(line string) { env.say("%s", line) },
		Logger:        s.logger(env.stderr),
	}
}

func (s *settings) logger(w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if s.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// configDir is where what belongs to this account is kept, or "" if it has no
// such place.
func configDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "supercluster")
}

// keyDirs are where this account's secret may be kept: without a home, or with
// one that cannot be written to, below the folder for temporary files.
func keyDirs() []string {
	temp := filepath.Join(os.TempDir(), fmt.Sprintf("supercluster-%d", os.Getuid()))
	return []string{configDir(), temp}
}

// cacheDir is where compiled scripts are kept between runs, or "" if this
// user has no such place.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "supercluster", "compiled")
}

// A listFlag may be given several times.
type listFlag []string

func (l *listFlag) String() string { return strings.Join(*l, ",") }

func (l *listFlag) Set(text string) error {
	*l = append(*l, text)
	return nil
}

// splitList splits a list at its commas. A command takes what is left, as it
// may have commas of its own.
func splitList(text string) (parts []string) {
	for {
		part, rest, more := strings.Cut(text, ",")
		if !more || strings.HasPrefix(text, "exec:") {
			return append(parts, text)
		}
		parts, text = append(parts, part), rest
	}
}

// An advertiseFlag is an address to tell others; the zero value if none is.
type advertiseFlag netip.AddrPort

func (a *advertiseFlag) String() string { return "" }

func (a *advertiseFlag) Set(text string) error {
	addr, err := jsapi.ParseAdvertise(text)
	if err != nil {
		return fmt.Errorf("not %w", err)
	}
	*a = advertiseFlag(addr)
	return nil
}

// A resourcesFlag is amounts by name; nil if it was not given.
type resourcesFlag cluster.Resources

func (r *resourcesFlag) String() string { return "" }

func (r *resourcesFlag) Set(text string) error {
	parsed, err := jsapi.ParseResources(text)
	*r = resourcesFlag(parsed)
	return err
}

// A rangeFlag is a whole number within bounds.
type rangeFlag struct {
	to     *int
	lo, hi int
}

func (r rangeFlag) String() string {
	if r.to == nil {
		return ""
	}
	return strconv.Itoa(*r.to)
}

func (r rangeFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < r.lo || n > r.hi {
		return fmt.Errorf("not a whole number from %d to %d", r.lo, r.hi)
	}
	*r.to = n
	return nil
}

// A localFlag is a number of slots; without one it means a slot a core.
type localFlag int

func (l *localFlag) String() string { return strconv.Itoa(int(*l)) }

// IsBoolFlag lets --local stand without a number.
func (l *localFlag) IsBoolFlag() bool { return true }

func (l *localFlag) Set(text string) error {
	if text == "true" {
		*l = localFlag(coreCount())
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return fmt.Errorf("not a number of slots from 1 to 1000")
	}
	*l = localFlag(n)
	return nil
}
