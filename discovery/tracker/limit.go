package tracker

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"supercluster/discovery"
)

// Limits bounds what a Server does for others. A zero field means its default.
type Limits struct {
	// Interval is how often nodes are to announce themselves, if they are few; default 3 s.
	Interval time.Duration
	// TTL is how long a node counts that does not say how long it should; default 5 s. No node counts for less than
	// three intervals.
	TTL time.Duration
	// DataInterval is the least time between two changes of a node's data; what it announces in between is listed
	// later. Default 10 s.
	DataInterval time.Duration
	// MaxWait is the longest that a request waits for a change; default 25 s.
	MaxWait time.Duration
	// MaxNodes is how many nodes are listed; default 100,000. MaxPerHost is how many of them one address may
	// announce; default 1024.
	MaxNodes, MaxPerHost int
	// MaxConns is how many connections are open at once; default 20,000. MaxConnsPerHost is how many of one address;
	// default 1024, as nodes wait on theirs.
	MaxConns, MaxConnsPerHost int
	// Rate is how many requests a second are answered to one address, in bursts of twice as many; default 500.
	Rate int

	events bool // somebody wants to hear of changes
}

// withDefaults fills in what is zero.
func (l Limits) withDefaults() Limits {
	set := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	setTime := func(n *time.Duration, d time.Duration) {
		if *n <= 0 {
			*n = d
		}
	}
	setTime(&l.Interval, 3*time.Second)
	setTime(&l.TTL, discovery.DefaultTTL)
	setTime(&l.DataInterval, 10*time.Second)
	setTime(&l.MaxWait, 25*time.Second)
	set(&l.MaxNodes, 100_000)
	set(&l.MaxPerHost, 1024)
	set(&l.MaxConns, 20_000)
	set(&l.MaxConnsPerHost, 1024)
	set(&l.Rate, 500)
	return l
}

// rates counts requests by address. It is safe for concurrent use.
type rates struct {
	limit int

	mu   sync.Mutex
	each map[netip.Addr]*rate.Limiter
	rest *rate.Limiter // addresses for which each has no room
}

// maxRates is how many addresses are counted apart.
const maxRates = 1 << 16

func newRates(limit int) *rates {
	return &rates{limit: limit, each: make(map[netip.Addr]*rate.Limiter), rest: rate.NewLimiter(rate.Limit(limit), 2*limit)}
}

// allow reports whether one more request from that address is answered.
func (r *rates) allow(from netip.Addr, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.each[from]
	if l == nil {
		if len(r.each) >= maxRates {
			return r.rest.AllowN(now, 1)
		}
		l = rate.NewLimiter(rate.Limit(r.limit), 2*r.limit)
		r.each[from] = l
	}
	return l.AllowN(now, 1)
}

// sweep forgets addresses that have been silent.
func (r *rates) sweep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for a, l := range r.each {
		if l.TokensAt(now) >= float64(2*r.limit) {
			delete(r.each, a)
		}
	}
}

// limitedListener closes connections beyond the limits at once, so that those who hold many open keep nobody else out.
type limitedListener struct {
	net.Listener
	limits Limits

	mu    sync.Mutex
	total int
	hosts map[netip.Addr]int
}

// Accept returns the next connection that is within the limits.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := remote(conn.RemoteAddr().String())
		if l.enter(from) {
			return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(from) })}, nil
		}
		conn.Close()
	}
}

func (l *limitedListener) enter(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total >= l.limits.MaxConns || l.hosts[from] >= l.limits.MaxConnsPerHost {
		return false
	}
	l.total++
	l.hosts[from]++
	return true
}

func (l *limitedListener) leave(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.hosts[from]--; l.hosts[from] <= 0 {
		delete(l.hosts, from)
	}
}

type limitedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection and makes room for another.
func (c *limitedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// remote is the address of "host:port", the zero address if it has none.
func remote(hostport string) netip.Addr {
	ap, err := netip.ParseAddrPort(hostport)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
