package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"supercluster/jsapi"
)

// A metricsFlag is where metrics are served; the zero AddrPort if nowhere.
type metricsFlag netip.AddrPort

func metricsFlags(fs *flag.FlagSet, s *settings) {
	fs.Var(&s.metrics, "metrics", "serve /metrics for Prometheus at this `address:port`, or port of this host alone (without either: a port that is free)")
}

func (m *metricsFlag) String() string { return "" }

// IsBoolFlag lets --metrics stand without an address.
func (m *metricsFlag) IsBoolFlag() bool { return true }

func (m *metricsFlag) Set(text string) error {
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	switch text {
	case "false":
		*m = metricsFlag{}
		return nil
	case "true":
		*m = metricsFlag(netip.AddrPortFrom(loopback, 0))
		return nil
	}
	if n, err := strconv.ParseUint(text, 10, 16); err == nil && n > 0 {
		*m = metricsFlag(netip.AddrPortFrom(loopback, uint16(n)))
		return nil
	}
	addr, err := netip.ParseAddrPort(text)
	if err != nil {
		return errors.New("not a port, or an address and a port such as 0.0.0.0:9100")
	}
	*m = metricsFlag(addr)
	return nil
}

// A metricsServer answers scrapes.
type metricsServer struct {
	listener net.Listener
	handler  http.Handler
}

// listenMetrics says where metrics of the session are to be had; nil if they
// were not asked for.
func listenMetrics(env *environment, s *settings, session *jsapi.Session) (*metricsServer, error) {
	addr := netip.AddrPort(s.metrics)
	if !addr.IsValid() {
		return nil, nil
	}
	ln, err := net.Listen("tcp", addr.String())
	if err != nil {
		return nil, &exitError{code: exitConfig, err: fmt.Errorf("metrics: %w", err), hint: "--metrics alone takes a port that is free"}
	}
	env.say("metrics at http://%s/metrics", ln.Addr())
	return &metricsServer{ln, metricsHandler(session, time.Now())}, nil
}

// Bounds of a scrape.
const (
	scrapeTime   = 10 * time.Second
	scrapeHeader = 8 << 10 // bytes
)

// run serves until ctx is done. A nil server does nothing.
func (m *metricsServer) run(ctx context.Context) error {
	if m == nil {
		return nil
	}
	srv := &http.Server{
		Handler: m.handler, ReadHeaderTimeout: scrapeTime, ReadTimeout: scrapeTime, WriteTimeout: 2 * scrapeTime,
		IdleTimeout: time.Minute * 5, MaxHeaderBytes: scrapeHeader,
	}
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	if err := srv.Serve(m.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// metricsHandler answers GET /metrics, but not to web pages, which could read
// it through a name that leads to this host.
func metricsHandler(session *jsapi.Session, began time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		switch {
		case r.Header.Get("Origin") != "" || site != "" && site != "none":
			http.Error(w, "metrics are not for web pages", http.StatusForbidden)
		case r.URL.Path != "/metrics":
			http.Error(w, "there is /metrics alone here", http.StatusNotFound)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "GET or HEAD", http.StatusMethodNotAllowed)
		default:
			ctx, stop := context.WithTimeout(r.Context(), scrapeTime)
			defer stop()
			p := metricsPage(session.Stats(ctx), began)
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(p) // a scraper that is gone wants nothing
		}
	})
}
